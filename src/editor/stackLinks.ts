/**
 * Links in the errors that VS Code shows. Its renderer makes a link of `<a href='…'>…</a>` in the text of an error and opens cells and files by
 * it; the file holds the text alone, since a cell's address is of this window only.
 */

/** "Cell 3:12:5", with a path instead where the frame is in a file of the workspace. */
const PLACE = /(?<=^ {4}at (?:.* \()?)(?:Cell (\d+)|([^\s():]+\.[cm]?[jt]sx?)):(\d+):(\d+)(?=\)?$)/gm;
const LINK = /<a href='(?:vscode-notebook-cell:|\/|[A-Za-z]:)[^']*'>([^<]*)<\/a>/g;

export interface Links {
  /** Address of the cell with this number, from 1; undefined when there is none. */
  readonly cell: (number: number) => string | undefined;
  /** Absolute path of a file named in a frame. */
  readonly file: (path: string) => string;
}

/** Each frame of a stack leads to its line. */
export const linkFrames = (stack: string, links: Links): string =>
  stack.replace(
    PLACE,
    (text, cell: string | undefined, path: string | undefined, line: string, column: string) => {
      if (path !== undefined) return `<a href='${quoted(links.file(path))}:${line}:${column}'>${text}</a>`;
      const address = links.cell(Number(cell));
      // VS Code counts lines in such an address from 0.
      return address === undefined
        ? text
        : `<a href='${quoted(address)}?line=${Number(line) - 1}'>${text}</a>`;
    },
  );

export const unlinkFrames = (stack: string): string => stack.replace(LINK, "$1");

const quoted = (address: string): string => address.replaceAll("'", "%27");

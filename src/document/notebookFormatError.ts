/** Why a text is no notebook. */
export type NotebookFault = "empty" | "encoding" | "syntax" | "conflict" | "version" | "shape";

/** Where a value lies inside a document: object keys and array indexes, outermost first. */
export type Path = readonly (string | number)[];

/** Line and column from 1; columns count UTF-16 code units, as editors do. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A `.dnb` that cannot be read, or a notebook that cannot be written. The message says what is wrong and where; nothing was changed. */
export class NotebookFormatError extends Error {
  override readonly name = "NotebookFormatError";
  readonly fault: NotebookFault;
  /** For example `cells[3].source[0]`; empty for the document itself. */
  readonly path: string;
  /** Absent when there is no text to point into. */
  readonly position: Position | undefined;

  constructor(fault: NotebookFault, what: string, path: Path, position?: Position) {
    const where = formatPath(path);
    const subject = where && !what.startsWith(where) ? `${where}: ${what}` : what;
    super(position ? `${subject} (line ${position.line}, column ${position.column})` : subject);
    this.fault = fault;
    this.path = where;
    this.position = position;
  }
}

/** `["cells", 3, "source"]` as `cells[3].source`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (!/^[A-Za-z_$][\w$]*$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text ? `${text}.${step}` : step;
  }, "");
}

/** CRLF, LF and a lone CR each end a line. */
export function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const lines = before.split(/\r\n|\n|\r/);
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}

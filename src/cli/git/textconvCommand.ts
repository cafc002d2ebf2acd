import type { Notebook } from "../../document/notebook.js";
import type { Command } from "../command.js";
import { EXIT } from "../exit.js";
import { decodeNamed, readInput, UnreadableError } from "../files.js";
import { oneOperand, readArguments } from "../readArguments.js";
import { plainCell } from "./plainCell.js";

export const textconvCommand: Command = {
  name: "textconv",
  summary: "print a notebook as text, for git diff and git log",
  usage: `Usage: dnb textconv <notebook.dnb>

Prints cell by cell what a person would read: the source, and the text of the outputs. \`dnb git-setup\` tells git to use it.
A file that is no notebook is printed as it is: git would end its whole diff or log at a failure.`,
  run: async (args) => {
    const { positionals } = readArguments(args, {});
    const file = oneOperand("textconv", "notebook", positionals);
    const bytes = readInput(file);
    let notebook: Notebook;
    try {
      notebook = decodeNamed(file, bytes);
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      process.stderr.write(`dnb: ${error.message}\n`);
      process.stdout.write(bytes);
      return EXIT.ok;
    }
    const { meta, cells } = notebook;
    const title = typeof meta["title"] === "string" ? [`// ${meta["title"]}`, ""] : [];
    process.stdout.write([...title, ...cells.flatMap(plainCell)].map((line) => `${line}\n`).join(""));
    return EXIT.ok;
  },
};

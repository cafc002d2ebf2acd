import type { Command } from "../command.js";
import { EXIT } from "../exit.js";
import { openNotebook } from "../files.js";
import { oneOperand, readArguments } from "../readArguments.js";
import { plainCell } from "./plainCell.js";

export const textconvCommand: Command = {
  name: "textconv",
  summary: "print a notebook as text, for git diff and git log",
  usage: `Usage: dnb textconv <notebook.dnb>

Prints cell by cell what a person would read: the source, and the text of the outputs. \`dnb git-setup\` tells git to use it.`,
  run: async (args) => {
    const { positionals } = readArguments(args, {});
    const { meta, cells } = openNotebook(oneOperand("textconv", "notebook", positionals));
    const title = typeof meta["title"] === "string" ? [`// ${meta["title"]}`, ""] : [];
    process.stdout.write([...title, ...cells.flatMap(plainCell)].map((line) => `${line}\n`).join(""));
    return EXIT.ok;
  },
};

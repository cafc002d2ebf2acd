import { mergeNotebooks } from "../../document/merge/mergeNotebooks.js";
import type { Notebook } from "../../document/notebook.js";
import { writeNotebook } from "../../document/writeNotebook.js";
import { UsageError, type Command } from "../command.js";
import { EXIT } from "../exit.js";
import { decodeNamed, openNotebook, prepareFile, readInput, writeWhole } from "../files.js";
import { readArguments } from "../readArguments.js";

export const mergeCommand: Command = {
  name: "merge",
  summary: "merge two descendants of a notebook",
  usage: `Usage: dnb merge <base> <ours> <theirs> [-o <file>] [--name <path>]

Merges cell by cell and inside a cell line by line, into <ours> unless a file is named: git's merge driver (\`dnb git-setup\`).
Outputs come from the side whose source they belong to. Where both sides changed the same lines, both versions of the cell
stand in the result, which is a valid notebook; in VS Code each has a button to accept it.

  -o, --output <file>   write the result there
      --name <path>     what the messages call it

Exit code: 0 for a clean merge, 1 where something is left to decide (it is named), 5 if one of the three cannot be read.`,
  run: async (args) => {
    const { values, positionals } = readArguments(args, {
      output: { type: "string", short: "o" },
      name: { type: "string" },
    });
    const [base, ours, theirs, ...more] = positionals;
    if (base === undefined || ours === undefined || theirs === undefined || more.length)
      throw new UsageError(`merge takes three notebooks, but there are ${positionals.length}`);
    const target = values.output ?? ours;
    prepareFile(target);
    const { notebook, conflicts } = mergeNotebooks(ancestor(base), openNotebook(ours), openNotebook(theirs));
    writeWhole(target, writeNotebook(notebook));
    for (const sentence of conflicts) process.stderr.write(`${values.name ?? target}: ${sentence}\n`);
    return conflicts.length ? EXIT.failed : EXIT.ok;
  },
};

/** Where both sides have added the file, git hands over an empty one. */
function ancestor(file: string): Notebook {
  const bytes = file === "/dev/null" ? undefined : readInput(file);
  return bytes?.length ? decodeNamed(file, bytes) : { dnb: 1, meta: {}, cells: [], extra: {} };
}

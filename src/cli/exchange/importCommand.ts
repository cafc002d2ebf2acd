import { existsSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { fromIpynb } from "../../document/formats/fromIpynb.js";
import { fromScript } from "../../document/formats/script.js";
import { NotebookFormatError } from "../../document/notebookFormatError.js";
import { parseNotebook } from "../../document/parseNotebook.js";
import { writeRedacted } from "../../document/redact.js";
import { UsageError, type Command } from "../command.js";
import { EXIT } from "../exit.js";
import { prepareFile, UnreadableError, writeWhole } from "../files.js";
import { privacyHere } from "../../document/here/privacyHere.js";
import { oneOperand, readArguments } from "../readArguments.js";

export const importCommand: Command = {
  name: "import",
  summary: "make a notebook of a Jupyter notebook or a TypeScript file",
  usage: `Usage: dnb import <file.ipynb|file.ts> [-o <notebook.dnb>] [--force]

Of a Jupyter notebook whose code is not TypeScript or JavaScript, the code becomes text. In a .ts file a cell begins with "// %%".

  -o, --output <file>   where it goes; beside the file unless it is named
      --force           also over a notebook that is there`,
  run: async (args) => {
    const { values, positionals } = readArguments(args, {
      output: { type: "string", short: "o" },
      force: { type: "boolean" },
    });
    const input = oneOperand("import", "file", positionals);
    const ending = extname(input).toLowerCase();
    const read = { ".ipynb": fromIpynb, ".ts": fromScript }[ending];
    if (!read) throw new UsageError(`${input}: expected a .ipynb or a .ts file`);
    const output = values.output ?? `${input.slice(0, -ending.length)}.dnb`;
    if (existsSync(output) && !values.force)
      throw new UsageError(`${output} is there already; --force writes over it`);
    prepareFile(output);
    writeWhole(output, convert(input, read));
    return EXIT.ok;
  },
};

/** The notebook's text, with nothing in it that a run's outputs may not have. */
function convert(input: string, read: typeof fromIpynb): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(input));
  } catch (error) {
    throw new UnreadableError(`${input}: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    const say = (sentence: string): void => void process.stderr.write(`dnb: ${input}: ${sentence}\n`);
    const written = writeRedacted(read(text, Math.random, say), privacyHere());
    // A file may hold under the notebook's own names (metadata.dnb) what no notebook may.
    parseNotebook(written);
    return written;
  } catch (error) {
    throw error instanceof NotebookFormatError ? new UnreadableError(`${input}: ${error.message}`) : error;
  }
}

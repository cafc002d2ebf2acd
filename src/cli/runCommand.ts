import { accessSync, constants, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { decodeNotebook } from "../document/decodeNotebook.js";
import type { Notebook } from "../document/notebook.js";
import { NotebookFormatError } from "../document/notebookFormatError.js";
import { writeNotebook } from "../document/writeNotebook.js";
import { UsageError, type Command } from "./command.js";
import { EXIT } from "./exit.js";
import { htmlPage } from "./htmlPage.js";
import { oneOperand, readArguments } from "./readArguments.js";
import { cacheEnvironment } from "./resultCache.js";
import { runCells, type Failure } from "./runCells.js";
import { Terminal } from "./terminal.js";

export const runCommand: Command = {
  name: "run",
  summary: "run a notebook's cells",
  usage: `Usage: dnb run <notebook.dnb> [-o <output.dnb>] [--html <page.html>] [--cache <folder>|none]

Runs all code cells in order in a kernel of their own. What they print appears here.

  -o, --output <file>   write the notebook with its new outputs, also when a cell fails
      --html <file>     write the same as one page that needs nothing else
      --cache <folder>  keep results there and use those that are there: what was computed once is not computed again, and
                        the ledger shows both costs; "none" keeps nothing. Default: DNB_CACHE, else this user's cache folder
  -h, --help            show this

Exit code: 0, or 1 if a cell failed (it is named), 2 for wrong usage, 5 if the notebook cannot be read, 130 if you interrupted it.`,
  run: (args) => {
    const { values, positionals } = readArguments(args, {
      output: { type: "string", short: "o" },
      html: { type: "string" },
      cache: { type: "string" },
    });
    const { output, html, cache } = values;
    const input = oneOperand("run", "notebook", positionals);
    return run({
      input,
      ...(output !== undefined && { output }),
      ...(html !== undefined && { html }),
      ...(cache !== undefined && { cache }),
    });
  },
};

interface RunArguments {
  readonly input: string;
  readonly output?: string;
  readonly html?: string;
  readonly cache?: string;
}

async function run({ input, output, html, cache }: RunArguments): Promise<number> {
  // A computation of an hour must not end with "no such folder".
  for (const target of [output, html]) if (target !== undefined) makeFolder(target);
  const path = resolve(input);
  const notebook = open(path);
  if (typeof notebook === "string") {
    process.stderr.write(`dnb: ${input}: ${notebook}\n`);
    return EXIT.unreadable;
  }
  const terminal = new Terminal(process.stdout, process.stderr);
  const result = await runCells(path, notebook, terminal, cacheEnvironment(cache));
  if (output !== undefined) writeWhole(output, writeNotebook(result.notebook));
  if (html !== undefined) {
    const script = readFileSync(join(__dirname, "page.js"), "utf8");
    writeWhole(html, htmlPage(result.notebook, input, script));
  }
  if (!result.failure) return EXIT.ok;
  process.stderr.write(`dnb: ${sentence(result.failure)}\n`);
  return result.failure.outcome === "interrupted" ? EXIT.interrupted : EXIT.failed;
}

/** The notebook, or why there is none. */
function open(path: string): Notebook | string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "there is no such file" : String(error);
  }
  try {
    return decodeNotebook(bytes);
  } catch (error) {
    if (error instanceof NotebookFormatError) return error.message;
    throw error;
  }
}

function makeFolder(file: string): void {
  const folder = dirname(resolve(file));
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `${file} cannot be written: there is no folder ${folder} that may be written to (${why})`,
    );
  }
}

/** All of it or nothing: an interrupted write leaves the file as it was. */
function writeWhole(file: string, text: string): void {
  const draft = `${resolve(file)}.${process.pid}.tmp`;
  writeFileSync(draft, text);
  renameSync(draft, resolve(file));
}

function sentence({ cell, number, line, name, message }: Failure): string {
  const where = line === undefined ? "" : `, line ${line}`;
  return `cell ${number} (${cell})${where}: ${name}: ${message}`;
}

import { readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { conflictOf, mayFail } from "../../document/cellLabels.js";
import type { Notebook } from "../../document/notebook.js";
import { cleaner, cleanValue, redact } from "../../document/redact.js";
import { keepOutputs } from "../../document/summary/keepOutputs.js";
import { loadCodec } from "../../document/summary/tiles.js";
import { withEnvironment } from "../../document/withEnvironment.js";
import { writeNotebook } from "../../document/writeNotebook.js";
import type { Command } from "../command.js";
import { EXIT } from "../exit.js";
import { decodeNamed, prepareFile, readInput, UnreadableError, writeWhole } from "../files.js";
import { privacyHere } from "../../document/here/privacyHere.js";
import { htmlPage } from "../report/htmlPage.js";
import { jsonReport } from "../report/jsonReport.js";
import { junitReport } from "../report/junitReport.js";
import { markdownPage } from "../report/markdownPage.js";
import { EventLog } from "./eventLog.js";
import { openOutput, type OutputFile } from "./outputFile.js";
import { applyParameters, parametersCell, parametersSchema } from "./parameters.js";
import { cacheEnvironment, codeCacheEnvironment } from "./resultCache.js";
import { parseRunArguments, type ReportKind, type RunArguments } from "./runArguments.js";
import { runCells, type RunResult } from "./runCells.js";
import type { CellResult, RunEvent } from "./runEvent.js";
import { selectCells } from "./selectCells.js";
import { Terminal } from "./terminal.js";
import { watchAndRun } from "./watchAndRun.js";
import { signalCode, withSignals, type Signals } from "./withSignals.js";

/** The output notebook is brought up to date after a cell, but not more often than this. */
const SAVE_EVERY = 1000;

export const runCommand: Command = {
  name: "run",
  summary: "run a notebook's cells",
  usage: `Usage: dnb run <notebook.dnb> [-o <output.dnb>] [options]

Runs the code cells in order in a kernel of their own, until one fails. What they print appears here. A notebook "-" is read from stdin.

  -o, --output <file>          write the notebook with its new outputs, whatever the end; "-" for stdout, in the place of what cells print
      --inplace                the same, into the notebook itself; edits that are made to it meanwhile are kept
      --cwd <folder>           what imports and files resolve against, in place of the notebook's folder

  -p, --parameter <name=value> set a const or let of the parameters cell; the value is JSON, or else text
  -r, --raw-parameter <n=text> the same, always text
  -f, --parameters-file <file> the same, from a JSON or YAML file
  -y, --parameters-yaml <yaml> the same, from YAML: -y '{steps: 8, name: a}'
  -b, --parameters-base64 <t>  the same, from YAML in base64
      --seed <n>               the same as -p seed=<n>
      --parameters-schema      print a JSON schema of them, made from their types, and run nothing

      --cells <list>           only these: ids, numbers, ranges (3..5, k3f9a2..); the others keep their outputs
      --tag <tag>              only cells with this tag
      --skip-tag <tag>         no cell with this tag, nor with skip-execution
      --timeout <s>            of the whole run, in seconds: the running cell is interrupted, then killed
      --cell-timeout <s>       of each cell
      --allow-errors           go on after a cell that fails; cells tagged allow-error or raises-exception may always fail
      --allow-error <name>     the same for errors of this name

      --report <kind[=file]>   html, md, json or junit; beside the output unless a file is named
      --html <file>            the same as --report html=<file>
      --no-code                leave the code out of HTML and Markdown: what a reader of results wants
      --events <file>          a line of JSON for each event; "-" for stdout, in the place of what cells print
      --watch                  run again whenever the notebook or a file beside it changes
      --cache <folder>         keep results there and use those that are there: what was computed once is not computed again, and
                               the ledger shows both costs; "none" keeps nothing. Default: DNB_CACHE, else this user's cache folder
  -h, --help                   show this

Exit code: 0, or 1 if a cell failed (it is named), 2 for wrong usage, 3 for a timeout, 4 if the kernel crashed, 5 if the notebook cannot be
read, 130 if you interrupted it.`,
  run: async (args) => {
    const asked = await parseRunArguments(args);
    for (const target of [asked.output, asked.events, ...asked.reports.map(({ file }) => file)])
      if (target !== undefined && target !== "-") prepareFile(target);
    const bytes = asked.input === "-" ? readFileSync(0) : readInput(asked.input);
    const notebook = decodeNamed(asked.input === "-" ? "stdin" : asked.input, bytes);
    if (asked.printsSchema) {
      process.stdout.write(`${JSON.stringify(parametersSchema(notebook), null, 1)}\n`);
      return EXIT.ok;
    }
    return withSignals((signals) =>
      asked.watch
        ? watchAndRun(asked, signals, (given, file) => runOnce(asked, given, file, signals))
        : runOnce(asked, notebook, openOutput(asked, bytes), signals),
    );
  },
};

/** `file`: where the notebook goes; undefined for stdout and for nowhere. */
async function runOnce(
  asked: RunArguments,
  given: Notebook,
  file: OutputFile | undefined,
  { stop, kill }: Signals,
): Promise<number> {
  const undecided = given.cells.find(conflictOf);
  if (undecided)
    throw new UnreadableError(
      `${asked.input}: cell ${undecided.id} is one side of a merge conflict; accept one first`,
    );
  const { notebook, sourceOf } = withParameters(given, asked);
  const selected = selectCells(notebook, asked.selection);
  const { output } = asked;
  await loadCodec();
  const isTaken = asked.events === "-" || output === "-";
  const terminal = new Terminal(isTaken ? process.stderr : process.stdout, process.stderr);
  const privacy = privacyHere();
  const hide = cleaner(privacy);
  const events = asked.events === undefined ? undefined : new EventLog(asked.events, hide);
  let saved = performance.now();
  const result = await runCells(notebook, {
    ...asked,
    path: resolve(asked.input),
    environment: { ...cacheEnvironment(asked.cache), ...codeCacheEnvironment(asked.cache) },
    selected,
    sourceOf,
    allows: (cell, name) => asked.allowErrors || asked.allowedErrors.includes(name) || mayFail(cell),
    stop,
    kill,
    hear: (event: RunEvent) => {
      terminal.hear(event);
      events?.hear(event);
    },
    progress: (filled) => {
      if (!file || performance.now() - saved < SAVE_EVERY) return;
      try {
        file.saveMeanwhile({ before: given, after: redact(keepOutputs(filled), privacy), selected });
      } catch (error) {
        // What is to run yet is worth more than this; at the end it is written again.
        process.stderr.write(`dnb: ${file.name} could not be saved meanwhile: ${String(error)}\n`);
      }
      saved = performance.now();
    },
  });
  const code = stop.aborted ? signalCode(stop) : EXIT_OF[result.outcome];
  // A report has all outputs, whatever the notebook keeps of them.
  const clean = {
    ...result,
    notebook: redact(result.notebook, privacy),
    // Before they are escaped, which would hide a secret that has quotes or stands behind a line's end.
    cells: result.cells.map((cell) => cleanValue(cell, hide) as CellResult),
  };
  if (output !== undefined) {
    const kept = withEnvironment(given, keepOutputs(clean.notebook), result.environment);
    if (file)
      for (const sentence of file.save({ before: given, after: kept, selected }))
        process.stderr.write(`dnb: ${sentence}\n`);
    else process.stdout.write(writeNotebook(kept));
  }
  const input = asked.input === "-" ? "stdin" : asked.input;
  const name = hide(basename(input));
  for (const { kind, file } of asked.reports)
    writeWhole(file, await report(kind, { ...asked, input, name }, clean, code));
  await events?.close();
  const ended = result.cells.find(
    ({ outcome, allowed }) => outcome !== "ok" && outcome !== "skipped" && !allowed,
  );
  if (ended) process.stderr.write(`dnb: ${sentence(ended)}\n`);
  return code;
}

/** The notebook as it will be written, and what runs in the place of its cells. */
function withParameters(notebook: Notebook, { parameters }: RunArguments) {
  // Outputs of this run do not come from the parameters of an earlier one.
  const { parameters: _, ...meta } = notebook.meta;
  const plain = {
    notebook: { ...notebook, meta },
    sourceOf: ({ source }: { source: readonly string[] }) => source.join("\n"),
  };
  if (!parameters.size) return plain;
  const { source, values } = applyParameters(notebook, parameters);
  const id = parametersCell(notebook)?.id;
  return {
    // In their old place among the keys.
    notebook: { ...notebook, meta: { ...notebook.meta, parameters: values } },
    sourceOf: (cell: Notebook["cells"][number]) => (cell.id === id ? source : plain.sourceOf(cell)),
  };
}

async function report(
  kind: ReportKind,
  { input, hidesCode, name }: Pick<RunArguments, "input" | "hidesCode"> & { readonly name: string },
  result: RunResult,
  code: number,
): Promise<string> {
  switch (kind) {
    case "html":
      return htmlPage(result.notebook, {
        hidesCode,
        name,
        folder: dirname(resolve(input)),
        script: readFileSync(join(__dirname, "page.js"), "utf8"),
      });
    case "md":
      return markdownPage(result.notebook, hidesCode);
    case "json":
      return jsonReport(name, result, code);
    case "junit":
      return junitReport(basename(name, ".dnb"), result);
  }
}

const EXIT_OF = {
  ok: EXIT.ok,
  skipped: EXIT.ok,
  error: EXIT.failed,
  interrupted: EXIT.failed,
  timeout: EXIT.timeout,
  crashed: EXIT.crashed,
} as const;

function sentence({ cell, number, error }: CellResult): string {
  const where = error?.line === undefined ? "" : `, line ${error.line}`;
  return `cell ${number} (${cell})${where}: ${error?.name}: ${error?.message}`;
}

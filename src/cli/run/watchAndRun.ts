import { resolve } from "node:path";
import type { Notebook } from "../../document/notebook.js";
import { UsageError } from "../command.js";
import { EXIT } from "../exit.js";
import { decodeNamed, readInput, UnreadableError } from "../files.js";
import { nextChange } from "./changes.js";
import { openOutput, type OutputFile } from "./outputFile.js";
import type { RunArguments } from "./runArguments.js";
import type { Signals } from "./withSignals.js";

/**
 * Runs the notebook, and again whenever it or a file beside it changes, until a signal comes. What the runs write is no change, unless
 * somebody wrote there too: an edit made during a run starts the next one.
 */
export async function watchAndRun(
  asked: RunArguments,
  { stop }: Signals,
  run: (given: Notebook, output: OutputFile | undefined) => Promise<number>,
): Promise<number> {
  const notebook = resolve(asked.input);
  const targets = [asked.output, asked.events, ...asked.reports.map(({ file }) => file)];
  const written = new Set(targets.flatMap((file) => (file === undefined ? [] : [resolve(file)])));
  let output: OutputFile | undefined;
  const isOwn = (path: string): boolean =>
    path === notebook ? (output?.isAsLeft ?? false) : written.has(path);
  for (;;) {
    const changed = nextChange(notebook, isOwn, stop);
    // It may reject while the run goes on; then the loop ends below.
    changed.catch(() => undefined);
    try {
      const bytes = readInput(asked.input);
      const given = decodeNamed(asked.input, bytes);
      output = openOutput(asked, bytes);
      const code = await run(given, output);
      if (stop.aborted) return code;
    } catch (error) {
      // Half an edit is no reason to stop watching.
      if (!(error instanceof UsageError) && !(error instanceof UnreadableError)) throw error;
      process.stderr.write(`dnb: ${error.message}\n`);
    }
    process.stderr.write("dnb: waiting for a change; Ctrl+C ends\n");
    try {
      process.stderr.write(`dnb: ${await changed} changed\n`);
    } catch (error) {
      if (stop.aborted) return EXIT.interrupted;
      throw error;
    }
  }
}

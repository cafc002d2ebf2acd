import { dirname, resolve } from "node:path";
import { mayFail } from "../../document/cellLabels.js";
import type { Notebook } from "../../document/notebook.js";
import { isRedacted } from "../../document/redact.js";
import { isObject } from "../../document/shape.js";
import { environmentChanges, environmentOf } from "../../document/withEnvironment.js";
import type { Given } from "../../language/parameters/parametersCell.js";
import { UsageError, type Command } from "../command.js";
import { EXIT } from "../exit.js";
import { openNotebook } from "../files.js";
import { oneOperand, readArguments } from "../readArguments.js";
import { PARAMETERS, parametersIn } from "../run/givenParameters.js";
import { applyParameters, parametersCell } from "../run/parameters.js";
import { runCells } from "../run/runCells.js";
import { selectCells } from "../run/selectCells.js";
import { Terminal } from "../run/terminal.js";
import { withSignals, signalCode } from "../run/withSignals.js";
import { compareSearches, type SearchVerdict } from "./compareSearches.js";

/** Two devices round differently; a score that differs by more is another result. */
const TOLERANCE = 1e-4;

export const verifyCommand: Command = {
  name: "verify",
  summary: "run a notebook again and compare each search with the saved one",
  usage: `Usage: dnb verify <notebook.dnb> [--tolerance <x>] [--json] [-p name=value]

Runs the notebook again, with the parameters that it was run with and without any cached result, and compares each search that it shows,
candidate by candidate: models and verifiers by their hashes, the tree, the scores. Says first in what the versions, the processor and the
device differ from those that the notebook records. Writes nothing.

      --tolerance <x>   largest absolute difference of a score that is still the same result (default ${TOLERANCE})
      --json            print every candidate's verdict as JSON
  -p, -r, -f, -y, -b    as for dnb run: the value of a parameter that is not in the notebook, because it was secret or private

Exit code: 0 if all searches are equal or within the tolerance, 1 if one differs or a cell fails, 2 for wrong usage or if the notebook
shows no search, 3 to 5 as for dnb run.`,
  run: async (args) => {
    const { values, positionals } = readArguments(args, {
      tolerance: { type: "string" },
      json: { type: "boolean" },
      ...PARAMETERS,
    });
    const input = oneOperand("verify", "notebook", positionals);
    const tolerance = values.tolerance === undefined ? TOLERANCE : Number(values.tolerance);
    if (!(tolerance >= 0))
      throw new UsageError(`--tolerance ${values.tolerance}: expected a number, 0 or more`);
    const saved = openNotebook(input);
    if (!compareSearches(saved, saved, 0).length)
      throw new UsageError(`${input} shows no search that could be compared`);
    const id = parametersCell(saved)?.id;
    const parameters = recorded(saved, await parametersIn(values));
    const source = parameters.size ? applyParameters(saved, parameters).source : undefined;
    const terminal = new Terminal(process.stderr, process.stderr);
    return withSignals(async ({ stop, kill }) => {
      const path = resolve(input);
      const { notebook, outcome, environment } = await runCells(saved, {
        path,
        directory: dirname(path),
        environment: { DNB_CACHE: "none" },
        selected: selectCells(saved, { cells: [], tags: [], skipTags: [] }),
        sourceOf: (cell) => (cell.id === id && source !== undefined ? source : cell.source.join("\n")),
        allows: mayFail,
        stop,
        kill,
        hear: terminal.hear,
        progress: () => undefined,
      });
      const verdicts = compareSearches(saved, notebook, tolerance);
      const changes = environmentChanges(environmentOf(saved), environment);
      const circumstances = changes.length ? `computed with ${changes.join(", ")}\n` : "";
      // JSON on stdout stays JSON.
      (values.json ? process.stderr : process.stdout).write(circumstances);
      const json = `${JSON.stringify(verdicts, null, 1)}\n`;
      process.stdout.write(
        values.json ? json : verdicts.map((verdict) => `${inWords(verdict, tolerance)}\n`).join(""),
      );
      if (stop.aborted) return signalCode(stop);
      if (outcome === "timeout") return EXIT.timeout;
      if (outcome === "crashed") return EXIT.crashed;
      return outcome === "ok" && verdicts.every((verdict) => verdict.outcome !== "different")
        ? EXIT.ok
        : EXIT.failed;
    });
  },
};

/** The values that the notebook was run with, those that are `given` in their place. Throws UsageError where one of them is lost. */
function recorded({ meta }: Notebook, given: ReadonlyMap<string, Given>): ReadonlyMap<string, Given> {
  const saved = isObject(meta["parameters"]) ? Object.entries(meta["parameters"]) : [];
  const lost = saved.find(([name, value]) => !given.has(name) && isRedacted(value));
  if (lost)
    throw new UsageError(
      `parameter ${lost[0]} was saved without what is secret or private in it (${JSON.stringify(lost[1])}): give its value with -p ${lost[0]}=…`,
    );
  return new Map([...saved.map(([name, value]) => [name, { value }] as const), ...given]);
}

function inWords({ cell, run, outcome, nodes, mismatches }: SearchVerdict, tolerance: number): string {
  const count = (verdict: string): number => nodes.filter((node) => node.verdict === verdict).length;
  const head = `cell ${cell}, search ${run}: ${outcome === "within" ? `within ${tolerance}` : outcome}`;
  const counts = `  candidates: ${count("equal")} equal, ${count("within")} within ${tolerance}, ${count("different")} different`;
  const others = nodes
    .filter(({ verdict }) => verdict === "different")
    .map(({ id, difference }) => `  ${id}: a score differs by ${difference.toPrecision(3)}`);
  return [head, counts, ...mismatches.map((sentence) => `  ${sentence}`), ...others].join("\n");
}

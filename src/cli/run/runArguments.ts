import { dirname, join, parse, resolve } from "node:path";
import type { Given } from "../../language/parameters/parametersCell.js";
import { UsageError } from "../command.js";
import { oneOperand, readArguments } from "../readArguments.js";
import { PARAMETERS, parametersIn } from "./givenParameters.js";
import type { Selection } from "./selectCells.js";

export const REPORTS = ["html", "md", "json", "junit"] as const;
export type ReportKind = (typeof REPORTS)[number];

/** What `dnb run` was asked for. */
export interface RunArguments {
  /** A file, or "-" for stdin. */
  readonly input: string;
  /** Where the notebook with its outputs goes: a file, or "-" for stdout. */
  readonly output?: string;
  readonly directory: string;
  readonly reports: readonly { readonly kind: ReportKind; readonly file: string }[];
  /** Reports have no code. */
  readonly hidesCode: boolean;
  /** A file, or "-" for stdout. */
  readonly events?: string;
  readonly parameters: ReadonlyMap<string, Given>;
  readonly printsSchema: boolean;
  readonly selection: Selection;
  /** Seconds. */
  readonly timeout?: number;
  readonly cellTimeout?: number;
  readonly allowErrors: boolean;
  readonly allowedErrors: readonly string[];
  readonly watch: boolean;
  /** A folder, or "none". */
  readonly cache?: string;
}

/** Throws UsageError. */
export async function parseRunArguments(args: readonly string[]): Promise<RunArguments> {
  const { values, positionals } = readArguments(args, {
    output: { type: "string", short: "o" },
    inplace: { type: "boolean" },
    cwd: { type: "string" },
    html: { type: "string" },
    report: { type: "string", multiple: true },
    "no-code": { type: "boolean" },
    events: { type: "string" },
    ...PARAMETERS,
    "parameters-schema": { type: "boolean" },
    cells: { type: "string", multiple: true },
    tag: { type: "string", multiple: true },
    "skip-tag": { type: "string", multiple: true },
    timeout: { type: "string" },
    "cell-timeout": { type: "string" },
    "allow-errors": { type: "boolean" },
    "allow-error": { type: "string", multiple: true },
    watch: { type: "boolean" },
    cache: { type: "string" },
  });
  const input = oneOperand("run", "notebook", positionals);
  if (values.inplace && values.output !== undefined)
    throw new UsageError("--inplace and --output exclude each other");
  if (input === "-" && (values.inplace || values.watch))
    throw new UsageError(`--${values.inplace ? "inplace" : "watch"} needs a file; stdin is none`);
  if (values.output === "-" && values.events === "-")
    throw new UsageError("--output - and --events - would write to stdout at once");
  const output = values.inplace ? input : values.output;
  const reports = (values.report ?? []).map((word) => parseReport(word, output ?? input));
  const timeout = seconds("timeout", values.timeout);
  const cellTimeout = seconds("cell-timeout", values["cell-timeout"]);
  return {
    input,
    ...(output !== undefined && { output }),
    directory: resolve(values.cwd ?? dirname(resolve(input))),
    reports: [
      ...reports,
      ...(values.html === undefined ? [] : [{ kind: "html" as const, file: values.html }]),
    ],
    hidesCode: values["no-code"] ?? false,
    ...(values.events !== undefined && { events: values.events }),
    parameters: await parametersIn(values),
    printsSchema: values["parameters-schema"] ?? false,
    selection: {
      cells: (values.cells ?? []).flatMap((list) => list.split(",")),
      tags: values.tag ?? [],
      skipTags: values["skip-tag"] ?? [],
    },
    ...(timeout !== undefined && { timeout }),
    ...(cellTimeout !== undefined && { cellTimeout }),
    allowErrors: values["allow-errors"] ?? false,
    allowedErrors: values["allow-error"] ?? [],
    watch: values.watch ?? false,
    ...(values.cache !== undefined && { cache: values.cache }),
  };
}

function parseReport(word: string, beside: string): { kind: ReportKind; file: string } {
  const [name = "", file] = word.split(/=(.*)/s, 2);
  const kind = REPORTS.find((known) => known === name);
  if (!kind) throw new UsageError(`--report: there is no report "${name}"; there are ${REPORTS.join(", ")}`);
  if (file === "" || (file === undefined && beside === "-"))
    throw new UsageError(`--report ${name}=: which file?`);
  const { dir, name: stem } = parse(beside);
  const ending = { html: "html", md: "md", json: "report.json", junit: "junit.xml" }[kind];
  return { kind, file: file ?? join(dir, `${stem}.${ending}`) };
}

function seconds(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() && Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`--${option} ${text}: expected a number of seconds above 0`);
}

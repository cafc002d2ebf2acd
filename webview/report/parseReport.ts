import type {
  ArmKind,
  ReportArm,
  ReportFlag,
  ReportRecord,
  ReportRow,
  ReportVerifier,
} from "../../src/search/reportRecord.js";

/** A report comes from a file that anyone may have written: without its frame it is refused, a row that makes no sense is left out. */
export class ReportError extends Error {
  override readonly name = "ReportError";
  constructor(path: string, expected: string) {
    super(`This report cannot be drawn: ${path} should be ${expected}.`);
  }
}

/** What could be read, and how many entries could not. */
export interface ParsedReport {
  readonly report: ReportRecord;
  readonly odd: number;
}

type Dictionary = Readonly<Record<string, unknown>>;

const KINDS: readonly ArmKind[] = ["one-sample", "more-steps", "best-of-n", "equal-calls", "method"];
const FLAGS: readonly ReportFlag[] = ["hacking", "diversity-loss", "saturation"];
const NUMBERS = [
  ...["mean", "low", "high", "gain", "gainLow", "gainHigh", "pValue", "winRate", "fresh"],
  ...[
    "freshLow",
    "freshHigh",
    "optimism",
    "optimismLow",
    "optimismHigh",
    "diversity",
    "gap",
    "gapLow",
    "gapHigh",
    "agreement",
    "slope",
    "nfe",
    "calls",
    "seconds",
  ],
] as const;
const MOST_ROWS = 20_000;

export function parseReport(value: unknown): ParsedReport {
  const report = dictionary(value, "the report");
  if (report["version"] !== 1) throw new ReportError("version", "1, the only one known here");
  const model = isDictionary(report["model"]) ? report["model"] : {};
  const budgets = dictionary(report["budgets"], "budgets");
  const arms = list(report["arms"], "arms").map(parseArm);
  const verifiers = list(report["verifiers"], "verifiers").map(parseVerifier);
  const known = arms.filter((arm) => arm !== undefined);
  const judges = verifiers.filter((verifier) => verifier !== undefined);
  if (known.length === 0) throw new ReportError("arms", "a list with at least one algorithm");
  if (judges.length === 0) throw new ReportError("verifiers", "a list with at least one verifier");
  const given = list(report["rows"], "rows");
  if (given.length > MOST_ROWS) throw new ReportError("rows", `a list of at most ${MOST_ROWS}`);
  const names = {
    arms: new Set(known.map(({ name }) => name)),
    verifiers: new Set(judges.map(({ name }) => name)),
  };
  const rows = given.map((row) => parseRow(row, names)).filter((row) => row !== undefined);
  return {
    report: {
      version: 1,
      model: {
        name: text(model["name"]) ?? "",
        version: text(model["version"]) ?? "",
        sha256: text(model["sha256"]) ?? "",
      },
      provider: text(report["provider"]) ?? "",
      arms: known,
      verifiers: judges,
      budgets: { nfe: ascending(budgets["nfe"]), seconds: ascending(budgets["seconds"]) },
      sampleNfe: positive(report["sampleNfe"]) ?? 1,
      problems: whole(report["problems"]),
      seeds: whole(report["seeds"]),
      baseline: text(report["baseline"]) ?? "",
      resamples: whole(report["resamples"]),
      level: positive(report["level"]) ?? 0.95,
      features: text(report["features"]) ?? "",
      rules: texts(report["rules"]),
      notes: texts(report["notes"]),
      rows,
    },
    odd: given.length - rows.length + (arms.length - known.length) + (verifiers.length - judges.length),
  };
}

function parseArm(value: unknown): ReportArm | undefined {
  if (!isDictionary(value)) return undefined;
  const [name, kind] = [text(value["name"]), value["kind"]];
  if (name === undefined || !KINDS.includes(kind as ArmKind)) return undefined;
  const algorithm = isDictionary(value["algorithm"]) ? value["algorithm"] : {};
  const [searched, of] = [text(value["searched"]), text(value["of"])];
  return {
    ...{ name, kind: kind as ArmKind },
    algorithm: {
      name: text(algorithm["name"]) ?? "",
      options: isDictionary(algorithm["options"]) ? algorithm["options"] : {},
    },
    ...(searched === undefined ? {} : { searched }),
    ...(of === undefined ? {} : { of }),
  };
}

function parseVerifier(value: unknown): ReportVerifier | undefined {
  if (!isDictionary(value)) return undefined;
  const name = text(value["name"]);
  if (name === undefined) return undefined;
  const { role } = value as { role?: unknown };
  return {
    name,
    direction: value["direction"] === "lower" ? "lower" : "higher",
    role: role === "searched" || role === "both" ? role : "held-out",
  };
}

function parseRow(
  value: unknown,
  names: { readonly arms: ReadonlySet<string>; readonly verifiers: ReadonlySet<string> },
): ReportRow | undefined {
  if (!isDictionary(value)) return undefined;
  const [algorithm, verifier] = [text(value["algorithm"]), text(value["verifier"])];
  const budget = positive(value["budget"]);
  if (algorithm === undefined || verifier === undefined || budget === undefined) return undefined;
  if (!names.arms.has(algorithm) || !names.verifiers.has(verifier)) return undefined;
  const numbers = NUMBERS.flatMap((key) => {
    const found = value[key];
    return typeof found === "number" && Number.isFinite(found) ? [[key, found] as const] : [];
  });
  const note = text(value["note"]);
  return {
    ...{ algorithm, verifier, budget },
    unit: value["unit"] === "seconds" ? "seconds" : "nfe",
    role: value["role"] === "searched" ? "searched" : "held-out",
    ...(Object.fromEntries(numbers) as Partial<ReportRow>),
    ...(note === undefined ? {} : { note }),
    better: whole(value["better"]),
    same: whole(value["same"]),
    worse: whole(value["worse"]),
    failures: whole(value["failures"]),
    ...parseFlags(value["flags"], value["why"]),
  };
}

/** A flag that is not known is left out with its sentence: the others keep theirs. */
function parseFlags(flags: unknown, why: unknown): Pick<ReportRow, "flags" | "why"> {
  const sentences: readonly unknown[] = Array.isArray(why) ? why : [];
  const pairs = (Array.isArray(flags) ? flags : []).flatMap((flag: unknown, i) =>
    FLAGS.includes(flag as ReportFlag) ? [{ flag: flag as ReportFlag, why: text(sentences[i]) ?? "" }] : [],
  );
  return { flags: pairs.map((one) => one.flag), why: pairs.map((one) => one.why) };
}

function dictionary(value: unknown, path: string): Dictionary {
  if (isDictionary(value)) return value;
  throw new ReportError(path, "an object");
}

function list(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new ReportError(path, "a list");
}

function isDictionary(value: unknown): value is Dictionary {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const MOST_LETTERS = 2000;

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value.slice(0, MOST_LETTERS) : undefined;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.flatMap((one: unknown) => text(one) ?? []) : [];
}

function positive(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : undefined;
}

function whole(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function ascending(value: unknown): readonly number[] {
  const numbers = Array.isArray(value) ? value.flatMap((one: unknown) => positive(one) ?? []) : [];
  return [...new Set(numbers)].sort((a, b) => a - b);
}

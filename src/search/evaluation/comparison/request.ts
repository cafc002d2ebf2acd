import { listed, plainObject, positiveNumber, shown, wholeNumber } from "../../check.js";
import type { Algorithm } from "../../algorithms/algorithm.js";
import { InputError } from "../../inputError.js";
import type { Problem } from "../../problem.js";
import type { ReportUnit } from "../../reportRecord.js";
import { parseSeed } from "../../sampling.js";
import { Session } from "../../session.js";
import { resolveVerifier } from "../../verifiers/resolveVerifier.js";
import type { Verifier, VerifierRef } from "../../verifiers/verifier.js";
import { LEAST_RESAMPLES } from "../estimate.js";

/** An algorithm, or one for each budget (in NFE or seconds): a method whose size follows its budget. Undefined: the budget is too small. */
export type AlgorithmChoice = Algorithm | ((budget: number, unit: ReportUnit) => Algorithm | undefined);

/** What a cell gives to `compare`. */
export interface CompareRequest {
  readonly session: Session;
  readonly algorithms: Readonly<Record<string, AlgorithmChoice>>;
  /** Their budgets are replaced by those of the comparison. Problems that differ in their seed alone count as one with several seeds. */
  readonly problems: readonly ProblemGiven[];
  /** In NFE. */
  readonly budgets?: readonly number[];
  /** In seconds of wall time, a comparison of its own beside that at equal NFE. Every run is computed anew, so it takes that long. */
  readonly seconds?: readonly number[];
  /** Each problem is searched with each; default: with its own. */
  readonly seeds?: readonly number[];
  /** Every algorithm searches by each of these in turn, and the others are held out; default: by the problem's own. */
  readonly verifiers?: readonly VerifierRef[];
  /** What gains are measured against: an algorithm's name, "more steps", "best of N" or, by default, "one sample". */
  readonly baseline?: string;
  readonly resamples?: number;
}

export type ProblemGiven = Omit<Problem, "budget"> & { readonly budget?: unknown };

/** The same, checked. */
export interface Comparison {
  readonly session: Session;
  readonly algorithms: ReadonlyMap<string, AlgorithmChoice>;
  readonly problems: readonly ProblemGiven[];
  readonly budgets: Readonly<Record<ReportUnit, readonly number[]>>;
  readonly seeds: readonly number[] | undefined;
  readonly verifiers: readonly Verifier[] | undefined;
  readonly baseline: string;
  readonly resamples: number;
}

/** Names of the baselines that every comparison has. */
export const BASELINES = {
  oneSample: "one sample",
  moreSteps: "more steps",
  bestOfN: "best of N",
} as const;

const KEYS = [
  "session",
  "algorithms",
  "problems",
  "budgets",
  "seconds",
  "seeds",
  "verifiers",
  "baseline",
  "resamples",
] as const;

export function parseRequest(request: unknown): Comparison {
  const given = plainObject(request, "compare", KEYS);
  const { session } = given;
  if (!(session instanceof Session))
    throw new InputError(`compare: session is ${shown(session)}, but must be one from openSession().`);
  const algorithms = parseAlgorithms(given["algorithms"]);
  const budgets = {
    nfe: ascending(given["budgets"] ?? [], "budgets", (value, what) => wholeNumber(value, what, 1)),
    seconds: ascending(given["seconds"] ?? [], "seconds", positiveNumber),
  };
  if (budgets.nfe.length + budgets.seconds.length === 0)
    throw new InputError("compare: give at least one of budgets, in NFE, or of seconds.");
  const verifiers = given["verifiers"] === undefined ? undefined : array(given["verifiers"], "verifiers");
  const baseline = given["baseline"] ?? BASELINES.oneSample;
  const names = [...Object.values(BASELINES), ...algorithms.keys()];
  if (typeof baseline !== "string" || !names.includes(baseline))
    throw new InputError(
      `compare: baseline ${shown(baseline)} does not exist. ${listed("There is", names)}.`,
    );
  const problems = array(given["problems"], "problems").map((problem, i) => {
    if (typeof problem !== "object" || problem === null)
      throw new InputError(`compare: problems[${i}] is ${shown(problem)}, but must be a problem.`);
    return problem as ProblemGiven;
  });
  const seeds = given["seeds"] === undefined ? undefined : array(given["seeds"], "seeds");
  return {
    session,
    algorithms,
    problems,
    budgets,
    seeds:
      seeds &&
      distinct(
        seeds.map((seed, i) => parseSeed(seed, `compare: seeds[${i}]`)),
        "seeds",
      ),
    verifiers: verifiers?.map((ref, i) =>
      resolveVerifier(ref, `compare: verifiers[${i}]`, session.verifiers),
    ),
    baseline,
    resamples: wholeNumber(given["resamples"] ?? 4000, "compare: resamples", LEAST_RESAMPLES, 1_000_000),
  };
}

function parseAlgorithms(value: unknown): ReadonlyMap<string, AlgorithmChoice> {
  if (typeof value !== "object" || value === null || Array.isArray(value) || Object.keys(value).length === 0)
    throw new InputError(
      `compare: algorithms is ${shown(value)}, but must be an object of at least one, e.g. { random: randomSearch() }.`,
    );
  const taken: readonly string[] = Object.values(BASELINES);
  for (const [name, choice] of Object.entries(value)) {
    if (taken.includes(name))
      throw new InputError(`compare: "${name}" is a baseline that is there already. Take another name.`);
    const isAlgorithm = typeof (choice as Partial<Algorithm> | undefined)?.plan === "function";
    if (!isAlgorithm && typeof choice !== "function")
      throw new InputError(
        `compare: algorithms[${shown(name)}] is ${shown(choice)}, but must be an algorithm like randomSearch(), or a function of the budget that gives one.`,
      );
  }
  return new Map(Object.entries(value as Record<string, AlgorithmChoice>));
}

function array(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value as unknown[];
  const found = Array.isArray(value) ? "an empty array" : shown(value);
  throw new InputError(`compare: ${what} is ${found}, but must be an array with at least one entry.`);
}

function ascending(
  value: unknown,
  what: string,
  parse: (value: unknown, what: string) => number,
): readonly number[] {
  if (!Array.isArray(value))
    throw new InputError(`compare: ${what} is ${shown(value)}, but must be an array of numbers.`);
  const parsed = value.map((one: unknown, i) => parse(one, `compare: ${what}[${i}]`));
  return [...distinct(parsed, what)].sort((a, b) => a - b);
}

function distinct(values: readonly number[], what: string): readonly number[] {
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice !== undefined) throw new InputError(`compare: ${what} has ${twice} twice.`);
  return values;
}

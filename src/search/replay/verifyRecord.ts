import { algorithmByName } from "../algorithms/byName.js";
import type { Algorithm } from "../algorithms/algorithm.js";
import { InputError } from "../inputError.js";
import type { Problem } from "../problem.js";
import type { SearchRecord } from "../record.js";
import type { SearchRun } from "../run/searchRun.js";
import type { Verifier, VerifierRef } from "../verifiers/verifier.js";
import { compareRecords, type Verification } from "./compareRecords.js";

export interface VerifyOptions {
  /** Of a record whose algorithm was written in a cell; several where it is a fork and the run before it had another one. */
  readonly algorithm?: Algorithm | readonly Algorithm[];
  /** Those of the record's verifiers that are functions of a cell. */
  readonly verifiers?: readonly Verifier[];
}

/** What a record says of how its search is made. */
type Asked = Pick<SearchRecord, "algorithm" | "problem" | "fork">;
type Search = (algorithm: Algorithm, problem: Problem) => SearchRun;

/**
 * Runs a record's search again as far as it went, with everything computed anew, and compares. A fork's beginning is made again by the run
 * that it left. `search` begins a search on an empty cache.
 */
export async function verifyRecord(
  record: SearchRecord,
  options: VerifyOptions,
  model: { readonly sha256: string },
  search: Search,
): Promise<Verification> {
  if (record.model.sha256 !== model.sha256) {
    throw new InputError(
      `The record was made by ${record.model.name} (${record.model.sha256.slice(0, 12)}), but the session has another model (${model.sha256.slice(0, 12)}). Open the one of the record.`,
    );
  }
  // Time is not part of the truth of a search: one that it ended has so many rounds.
  const run = await begun(record, Math.max(1, record.rounds.length), options, search);
  const missing = record.rounds.length - run.rounds.length;
  if (record.state === "finished") await run.run();
  else if (missing > 0) await run.step(missing);
  return compareRecords(record, run.record());
}

/** The search of a record, at its beginning. `rounds`: what stands for a limit in seconds. */
async function begun(
  asked: Asked,
  rounds: number,
  options: VerifyOptions,
  search: Search,
): Promise<SearchRun> {
  const algorithm = algorithmOf(asked, options);
  const problem = problemOf(asked, rounds, options);
  const { fork } = asked;
  if (!fork) return search(algorithm, problem);
  const parent = await begun(fork, Number.MAX_SAFE_INTEGER, options, search);
  while (parent.operations < fork.operations && parent.state !== "finished") await parent.step();
  return parent.forkAfter(fork.operations, fork.candidate, { ...problem, algorithm });
}

function algorithmOf({ algorithm: { name, options: own } }: Asked, options: VerifyOptions): Algorithm {
  const { algorithm: given = [] } = options;
  const all = Array.isArray(given) ? (given as readonly Algorithm[]) : [given as Algorithm];
  const named = all.filter((algorithm) => algorithm.name === name);
  const same = named.find((algorithm) => JSON.stringify(algorithm.options) === JSON.stringify(own));
  return same ?? named[0] ?? algorithmByName(name, own);
}

function problemOf({ problem }: Asked, rounds: number, { verifiers = [] }: VerifyOptions): Problem {
  const own = (name: string): VerifierRef => verifiers.find((verifier) => verifier.name === name) ?? name;
  const {
    condition,
    seed,
    steps,
    guidance,
    guidanceRescale,
    trueGuidance,
    eta,
    churn,
    noise,
    verifier,
    heldOut,
    budget,
  } = problem;
  const { seconds, ...limits } = budget;
  return {
    // SAFETY: "undefined" is "none", and said even then: a fork must not go on with the condition of its run.
    ...({ condition } as Pick<Problem, "condition">),
    ...{ seed, steps, guidance, eta },
    // SAFETY: whatever it is, it is checked as any problem.
    noise: noise as NonNullable<Problem["noise"]>,
    ...(guidanceRescale === undefined ? {} : { guidanceRescale }),
    ...(trueGuidance === undefined ? {} : { trueGuidance }),
    ...(churn ? { churn } : {}),
    solver: problem.scheduler ?? problem.solver,
    verifier: own(verifier),
    heldOut: heldOut.map(own),
    budget: seconds === undefined ? limits : { ...limits, rounds },
  };
}

import { algorithmByName } from "../algorithms/byName.js";
import type { Algorithm } from "../algorithms/algorithm.js";
import { InputError } from "../inputError.js";
import type { Problem } from "../problem.js";
import type { SearchRecord } from "../record.js";
import type { SearchRun } from "../run/searchRun.js";
import type { SamplingOptions } from "../sampling.js";
import type { Verifier, VerifierRef } from "../verifiers/verifier.js";
import { compareRecords, type Verification } from "./compareRecords.js";

export interface VerifyOptions {
  /** Of a record whose algorithm was written in a cell. */
  readonly algorithm?: Algorithm;
  /** Those of the record's verifiers that are functions of a cell. */
  readonly verifiers?: readonly Verifier[];
}

/** Runs a record's search again as far as it went, with everything computed anew, and compares. `search` begins a search on an empty cache. */
export async function verifyRecord(
  record: SearchRecord,
  { algorithm, verifiers = [] }: VerifyOptions,
  model: { readonly sha256: string },
  search: (algorithm: Algorithm, problem: Problem) => SearchRun,
): Promise<Verification> {
  if (record.model.sha256 !== model.sha256) {
    throw new InputError(
      `The record was made by ${record.model.name} (${record.model.sha256.slice(0, 12)}), but the session has another model (${model.sha256.slice(0, 12)}). Open the one of the record.`,
    );
  }
  if (record.fork) {
    throw new InputError(
      `The record is a fork of ${record.fork.run}, whose beginning it does not say how to make. Verify that run, then fork it again.`,
    );
  }
  const run = search(
    algorithm ?? algorithmByName(record.algorithm.name, record.algorithm.options),
    problemOf(record, verifiers),
  );
  if (record.state === "finished") await run.run();
  else if (record.rounds.length > 0) await run.step(record.rounds.length);
  return compareRecords(record, run.record());
}

function problemOf({ problem, rounds }: SearchRecord, verifiers: readonly Verifier[]): Problem {
  const own = (name: string): VerifierRef => verifiers.find((verifier) => verifier.name === name) ?? name;
  const { condition, seed, solver, steps, guidance, eta, verifier, heldOut, budget } = problem;
  // Time is not part of the truth of a search: it ended after so many rounds.
  const { seconds, ...limits } = budget;
  return {
    ...(condition === undefined ? {} : { condition }),
    ...{ seed, steps, guidance, eta },
    solver: solver as NonNullable<SamplingOptions["solver"]>,
    verifier: own(verifier),
    heldOut: heldOut.map(own),
    budget: seconds === undefined ? limits : { ...limits, rounds: Math.max(1, rounds.length) },
  };
}

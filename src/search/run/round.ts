import type { Ledger } from "../engine/ledger.js";
import type { CandidateId } from "../record.js";
import type { Candidate } from "./candidate.js";

/** What one Step did. */
export interface Round {
  /** From 1. */
  readonly index: number;
  /** Scored in this round, in order. */
  readonly candidates: readonly Candidate[];
  /** Best of the whole run when the round ended; undefined while no candidate has a score. */
  readonly best: Candidate | undefined;
  /** Of the whole run when the round ended. */
  readonly ledger: Ledger;
}

/** What changed in a run since its listeners were last called: the ids of candidates, new ones last, and the indices of rounds. */
export interface RunChange {
  readonly candidates: readonly CandidateId[];
  readonly rounds: readonly number[];
}

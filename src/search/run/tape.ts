import { isChoosing, type Op } from "../engine/op.js";
import type { ResolvedProblem } from "../problem.js";
import type { CandidateId } from "../record.js";
import type { Choice } from "./choosing.js";
import type { EngineAnswer } from "./engineCall.js";

/** One operation that has been carried out. */
export interface TapeEntry {
  readonly op: Op;
  /** The candidates of its answer. */
  readonly answer: readonly CandidateId[];
  /** Of a selection. */
  readonly choice?: Choice;
  /** What the run was about at that time: a fork changes it. */
  readonly problem: ResolvedProblem;
  /** The first of the noises was that of this candidate: an algorithm began at a fork. */
  readonly start?: CandidateId;
}

/**
 * What a run has done, in order: the operations with their outcomes, and the answers of the engine. Played on an empty board it makes the same
 * run again, without an engine: a fork shares its beginning so.
 */
export class Tape {
  readonly entries: TapeEntry[] = [];
  readonly answers: EngineAnswer[] = [];
  /** The first entry of the algorithm that runs now: what is before it was another one, that a fork left. */
  begins = 0;
  /** The first entry that no algorithm asked for: what the search did by itself when the budget had ended it without a result. */
  ends: number | undefined;

  /** As it was after so many operations. */
  until(operations: number): Tape {
    const tape = new Tape();
    tape.entries.push(...this.entries.slice(0, operations));
    tape.answers.push(...this.answers);
    tape.begins = Math.min(this.begins, tape.entries.length);
    tape.ends = this.ends;
    return tape;
  }
}

/** How much of a tape a fork shares, and the selection at which it takes another way. */
export interface ForkPoint {
  /** Entries before this one are shared. */
  readonly length: number;
  /** The entry there is a selection among candidates of which it is one. */
  readonly isSelection: boolean;
}

/**
 * Where a fork from a candidate leaves the tape: at the first selection that it stood in after the last thing that was done to it; where there
 * is none, right after that.
 */
export function forkPoint({ entries }: Tape, candidate: CandidateId): ForkPoint {
  const stoodIn = ({ op }: TapeEntry): boolean => isChoosing(op) && op.candidates.includes(candidate);
  const last = entries.findLastIndex((entry) => entry.answer.includes(candidate) && !stoodIn(entry));
  const selection = entries.findIndex((entry, index) => index > last && stoodIn(entry));
  return selection < 0 ? { length: last + 1, isSelection: false } : { length: selection, isSelection: true };
}

/**
 * A selection as if the candidate had been picked by hand. If it was chosen anyway nothing changes. Otherwise it takes the place of the last
 * one that would be kept, and stands first; of a resampling or a tournament it wins every draw.
 */
export function picked(op: Op, choice: Choice, candidate: CandidateId): Choice {
  if (choice.includes(candidate)) return choice;
  switch (op.kind) {
    case "resample":
    case "tournament":
      return choice.map(() => candidate);
    case "keep":
      return [candidate, ...choice.slice(0, Math.max(0, op.best - 1))];
    default:
      return [candidate, ...choice];
  }
}

import type { PickRecord } from "./record.js";
import type { SearchRun } from "./run/searchRun.js";

/** What a session takes from the world around it. All of it is a parameter, so that a search can be told the time. */
export interface Environment {
  readonly clock: Clock;
  /** Name of a search from the hash of what was asked; by default "-2", "-3" for repetitions within the session. */
  readonly nameRun?: (hash: string) => string;
  /** Aborted by Interrupt; asked for at the start of each call. */
  readonly signal?: () => AbortSignal | undefined;
  /** Takes a sentence for the user of whoever is calling; absent: nobody listens. */
  readonly tell?: (sentence: string) => void;
  /** Rounds after which a run of this name halts once, as if it had been paused: one that goes on where it was saved. Absent: it does not. */
  readonly heldAt?: (run: string) => number | undefined;
  /** Who answers `human()`; absent: whoever calls `run.pick`. */
  readonly people?: People;
}

/** The persons whom a search may ask. */
export interface People {
  /** What was answered when a run of this name ran before. */
  recorded(run: string): readonly PickRecord[];
  /** Puts the run's question before somebody; false when nobody is there. */
  show(run: SearchRun): boolean;
}

export interface Clock {
  /** Milliseconds from any fixed moment; never goes back. */
  now(): number;
  /** Calls back once; returns what cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

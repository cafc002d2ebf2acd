import { realNumber, wholeNumber } from "../check.js";
import type { ProblemRecord } from "../record.js";
import type { Handle, Noise, Op } from "./op.js";

/** A step of an algorithm: delegate to it with `yield*`. */
export type Step<T> = Generator<Op, T, readonly Handle[]>;

/**
 * The vocabulary of algorithms. Each member returns a generator for `yield*`; the run behind it does what is asked, bills it and answers
 * with handles. A candidate that failed, or that the budget no longer paid for, is missing from the answer: an answer may be shorter than
 * what was asked, and empty. When not even one candidate is affordable the run ends, and the generator is closed where it stands.
 */
export interface Ops {
  readonly problem: ProblemRecord;
  /** Noise levels of one full trajectory, descending from 1 to 0. */
  readonly levels: readonly number[];
  /** One standard-normal noise, as a pivot: it is no candidate of the round and costs nothing. */
  noise(): Step<Handle>;
  /** `count` new candidates at level 1. The k-th noise of a run depends on its seed and k alone: algorithms share their first noises. */
  noise(request: { readonly count: number }): Step<readonly Handle[]>;
  /** `count` new candidates at level 1 with the pivot's norm and the cosine `similarity` to it. */
  around(
    pivot: Noise | Handle,
    request: { readonly count: number; readonly similarity: number },
  ): Step<readonly Handle[]>;
  /** The same candidates, taken down to level `to`. */
  denoise(
    candidates: readonly Handle[],
    request?: { readonly to?: number | undefined },
  ): Step<readonly Handle[]>;
  /** Decodes what is not decoded yet; every verifier of the problem scores it, the searched one comes back in `score`. */
  score(candidates: readonly Handle[]): Step<readonly Handle[]>;
  /** The best by the searched verifier, best first; of equals the earlier in the list. The others are dropped. */
  keep(candidates: readonly Handle[], request: { readonly best: number }): Step<readonly Handle[]>;
  /** What one Step does ends here. */
  endRound(): Step<void>;
  /** The same as to return, with the reason that the record gives. */
  finish(reason?: string): Step<void>;
}

export function createOps(problem: ProblemRecord, levels: readonly number[]): Ops {
  function noise(): Step<Handle>;
  function noise(request: { readonly count: number }): Step<readonly Handle[]>;
  function* noise(request?: { readonly count: number }): Step<Handle | readonly Handle[]> {
    if (!request) return (yield { kind: "noise", count: 1, role: "pivot" })[0]!;
    const count = wholeNumber(request.count, "noise: count", 1);
    return yield { kind: "noise", count, role: "candidate" };
  }
  return {
    problem,
    levels,
    noise,
    *around(pivot, { count, similarity }) {
      return yield {
        kind: "around",
        pivot: "candidate" in pivot ? pivot.candidate : pivot.noise.candidate,
        count: wholeNumber(count, "around: count", 1),
        similarity: realNumber(similarity, "around: similarity", -1, 1),
      };
    },
    *denoise(candidates, { to = 0 } = {}) {
      return yield { kind: "denoise", candidates: ids(candidates), to: realNumber(to, "denoise: to", 0, 1) };
    },
    *score(candidates) {
      return yield { kind: "score", candidates: ids(candidates) };
    },
    *keep(candidates, { best }) {
      return yield { kind: "keep", candidates: ids(candidates), best: wholeNumber(best, "keep: best", 1) };
    },
    *endRound() {
      yield { kind: "endRound" };
    },
    *finish(reason) {
      yield { kind: "finish", ...(reason === undefined ? {} : { reason }) };
    },
  };
}

function ids(candidates: readonly Handle[]): string[] {
  return candidates.map((candidate) => candidate.id);
}

import { plainObject, wholeNumber } from "../check.js";
import type { Handle } from "../engine/op.js";
import { defineAlgorithm } from "./defineAlgorithm.js";

export interface RandomSearchOptions {
  /** N. Without it the search goes on until the budget is used up. */
  readonly candidates?: number;
  /** How many make one round, what Step does; has no effect on which candidates there are. Default 4. */
  readonly perRound: number;
}

/**
 * Random search, best-of-N: i.i.d. noises, each denoised and scored, the best kept (Ma et al. 2025, arXiv 2501.09732, section 3).
 * Cost: N trajectories, N calls of each verifier. The k-th noise depends on the seed and k alone, so N = 8 is a prefix of N = 16.
 */
export const randomSearch = defineAlgorithm<RandomSearchOptions>(
  "random",
  function* (ops, { candidates = Infinity, perRound }) {
    let best: readonly Handle[] = [];
    for (let drawn = 0; drawn < candidates; drawn += perRound) {
      const noises = yield* ops.noise({ count: Math.min(perRound, candidates - drawn) });
      const scored = yield* ops.denoise(noises, { score: true });
      best = yield* ops.keep([...best, ...scored], { best: 1 });
      yield* ops.endRound();
    }
  },
  {
    parse(given) {
      const { candidates, perRound } = plainObject(given, "randomSearch", ["candidates", "perRound"]);
      return {
        ...(candidates === undefined
          ? {}
          : { candidates: wholeNumber(candidates, "randomSearch: candidates", 1) }),
        perRound: wholeNumber(perRound ?? 4, "randomSearch: perRound", 1),
      };
    },
    ends: ({ candidates }) => candidates !== undefined,
    quote({ candidates = Infinity, perRound }, { trajectory, affordable }) {
      const scored = Math.min(candidates, affordable(trajectory, perRound));
      return { nfe: scored * trajectory, scored, rounds: Math.ceil(scored / perRound) };
    },
  },
);

import { InputError } from "../inputError.js";
import { plainObject, realNumber, shown, wholeNumber } from "../check.js";
import { defineAlgorithm } from "./defineAlgorithm.js";
import { nearestLevels } from "./nearestLevels.js";

export interface SuccessiveHalvingOptions {
  /** N. Default 16. */
  readonly candidates: number;
  /** alpha: the fraction that stays at each pruning, rounded up. Default 0.5. */
  readonly keep: number;
  /** Noise levels of the prunings, each taken to the nearest of the schedule. Default [0.7, 0.45]. */
  readonly at: readonly number[];
}

/**
 * Successive halving (Jamieson and Talwalkar 2016, arXiv 1502.07943) with denoising as the resource and previews as the losses, as TTSnap prunes
 * (2025, arXiv 2511.22242): best-of-N whose weak candidates stop early. At each level the fraction alpha with the best
 * x0-predictions goes on; those that arrive are scored clean. N = 16 begins with the noises of random search over 16, and where the order of
 * the previews is that of the results it ends at the same winner. The default starts at 0.7, because a preview of the first
 * quarter of the steps says next to nothing about the result: rank correlations of .14 to .6 in TTSnap's own measurements.
 * Cost: a preview at the j-th pruned level needs s_j steps and its own evaluation, s_j + 1 NFE, which the step after it shares:
 *   sum_j N_j (s_j - s_{j-1}) + N_last (S - s_last - 1) NFE, s_0 = -1, N_{j+1} = ceil(alpha N_j), and sum_j N_j + N_last calls.
 * TTSnap's formula bills S - 1 steps in all, one less than the best-of-N that it is compared to; here both are counted.
 */
export const successiveHalving = defineAlgorithm<SuccessiveHalvingOptions>(
  "successive-halving",
  function* (ops, { candidates, keep, at }) {
    let pool = yield* ops.noise({ count: candidates });
    for (const { to, stay } of prunings(ops.levels, candidates, keep, at)) {
      const landed = yield* ops.denoise(pool, { to });
      const scored = yield* ops.score(yield* ops.preview(landed));
      pool = yield* ops.keep(scored, { best: stay });
      yield* ops.endRound();
    }
    const clean = yield* ops.denoise(pool, { score: true });
    yield* ops.keep(clean, { best: 1 });
  },
  {
    parse(given) {
      const { candidates, keep, at } = plainObject(given, "successiveHalving", ["candidates", "keep", "at"]);
      return {
        candidates: wholeNumber(candidates ?? 16, "successiveHalving: candidates", 1),
        keep: parseKeep(keep ?? 0.5),
        at: parseAt(at ?? [0.7, 0.45]),
      };
    },
    ends: () => true,
    quote({ candidates, keep, at }, { levels, evaluations }) {
      const rungs = prunings(levels, candidates, keep, at);
      // An evaluation that a preview has paid for is there for the step after it.
      let [from, running, nfe, scored] = [1, candidates, 0, 0];
      for (const { to, stay } of rungs) {
        nfe += running * (evaluations(from, to) + 1) - (from < 1 ? running : 0);
        scored += running;
        [from, running] = [to, stay];
      }
      nfe += running * (evaluations(from, 0) - (from < 1 ? 1 : 0));
      return { nfe, scored: scored + running, rounds: rungs.length + 1 };
    },
  },
);

/** Where it is pruned, from noise to clean, and how many stay. */
function prunings(
  levels: readonly number[],
  candidates: number,
  keep: number,
  at: readonly number[],
): readonly { readonly to: number; readonly stay: number }[] {
  let stay = candidates;
  return nearestLevels(levels, at).map((to) => {
    // 0.07 x 100 is 7, whatever the floating point makes of it.
    stay = Math.max(1, Math.ceil(keep * stay - 1e-9));
    return { to, stay };
  });
}

function parseKeep(value: unknown): number {
  const keep = realNumber(value, "successiveHalving: keep, the fraction that stays,", 0, 1);
  if (keep > 0) return keep;
  throw new InputError(
    "successiveHalving: keep is 0, but is the fraction that stays at each pruning, e.g. 0.5.",
  );
}

function parseAt(value: unknown): readonly number[] {
  if (Array.isArray(value)) {
    return value.map((level, i) => realNumber(level, `successiveHalving: at[${i}]`, 0, 1));
  }
  throw new InputError(
    `successiveHalving: at is ${shown(value)}, but must be an array of noise levels, e.g. [0.7, 0.45].`,
  );
}

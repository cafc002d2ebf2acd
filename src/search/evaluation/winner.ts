import { estimate, type Estimate, type EstimateOptions } from "./estimate.js";
import { gains, mean, present, type Values } from "./values.js";

/** Scores of the candidates that one search chose among; index by index the same candidate. Higher is better in both. */
export interface Pool {
  readonly searched: readonly (number | undefined)[];
  readonly heldOut: readonly (number | undefined)[];
}

/** The winner above the mean of its pool, for each problem and seed, in standard deviations within pools. */
export interface SelectionGap {
  readonly searched: Values;
  readonly heldOut: Values;
  /** searched - heldOut: 0 when both agree, e_n when the winner is no better than any other by the held-out verifier. */
  readonly gap: Values;
}

/**
 * How far the searched verifier's score of the winner runs ahead of the held-out one's. The unit is the standard deviation within pools, taken
 * over all pools together, so that a few candidates need not tell their own spread; 1 - 3/(4 df) makes its inverse unbiased.
 */
export function selectionGap(pools: readonly (readonly Pool[])[]): SelectionGap {
  const all = pools.flat();
  const unit = {
    searched: unitOf(all.map((pool) => pool.searched)),
    heldOut: unitOf(all.map((pool) => pool.heldOut)),
  };
  const above = pools.map((seeds) =>
    seeds.map((pool) => {
      const best = winner(pool.searched);
      return {
        searched: aboveMean(pool.searched, best, unit.searched),
        heldOut: aboveMean(pool.heldOut, best, unit.heldOut),
      };
    }),
  );
  const searched = above.map((seeds) => seeds.map((one) => one.searched));
  const heldOut = above.map((seeds) => seeds.map((one) => one.heldOut));
  return { searched, heldOut, gap: gains(searched, heldOut) };
}

/** Index of the highest score, the first of equals; undefined when all failed. */
export function winner(scores: readonly (number | undefined)[]): number | undefined {
  let best: number | undefined;
  scores.forEach((score, i) => {
    if (Number.isFinite(score) && (best === undefined || score! > scores[best]!)) best = i;
  });
  return best;
}

function aboveMean(
  scores: readonly (number | undefined)[],
  index: number | undefined,
  unit: number | undefined,
): number | undefined {
  const score = index === undefined ? undefined : scores[index];
  if (!Number.isFinite(score) || unit === undefined) return undefined;
  return (score! - mean(present(scores))!) / unit;
}

function unitOf(pools: readonly (readonly (number | undefined)[])[]): number | undefined {
  let squares = 0;
  let freedom = 0;
  for (const scores of pools.map(present)) {
    const centre = mean(scores);
    if (centre === undefined) continue;
    squares += scores.reduce((sum, score) => sum + (score - centre) ** 2, 0);
    freedom += scores.length - 1;
  }
  if (!(squares > 0)) return undefined;
  return Math.sqrt(squares / freedom) / (1 - 3 / (4 * freedom));
}

/** The winner's score as it was selected, from a fresh evaluation, and how much the first exaggerates. */
export interface FreshEvaluation {
  readonly selected: Estimate;
  readonly fresh: Estimate;
  /** selected - fresh: 0 for a verifier that gives the same image the same score; above 0 by selection among noisy scores. */
  readonly optimism: Estimate;
}

/**
 * The largest of several noisy scores is too high on average (winner's curse), so a noisy verifier's gain is reported by `fresh`: a second,
 * independent evaluation of the same winners.
 */
export function freshEvaluation(
  selected: Values,
  fresh: Values,
  direction: "higher" | "lower" = "higher",
  options: EstimateOptions = {},
): FreshEvaluation {
  return {
    selected: estimate(selected, options),
    fresh: estimate(fresh, options),
    optimism: estimate(gains(selected, fresh, direction), options),
  };
}

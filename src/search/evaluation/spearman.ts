import { midRanks } from "../verifiers/ensembleRanks.js";

/** Fewer pairs have no rank correlation worth a number. */
const LEAST_PAIRS = 3;

/**
 * Spearman's rank correlation: Pearson's of the mid-ranks, so that ties count right. Pairs with a failure are left out; undefined for fewer
 * than three pairs, and when one side is constant.
 */
export function spearman(
  a: readonly (number | undefined)[],
  b: readonly (number | undefined)[],
): number | undefined {
  const both = a.map((value, i) => [value, b[i]] as const).filter((pair) => pair.every(Number.isFinite));
  if (both.length < LEAST_PAIRS) return undefined;
  const ranks = ([0, 1] as const).map((side) => midRanks(both.map((pair) => pair[side])) as number[]);
  const centre = (both.length + 1) / 2;
  let [product, squares0, squares1] = [0, 0, 0];
  for (let i = 0; i < both.length; i++) {
    const [x, y] = [ranks[0]![i]! - centre, ranks[1]![i]! - centre];
    product += x * y;
    squares0 += x * x;
    squares1 += y * y;
  }
  return squares0 > 0 && squares1 > 0 ? product / Math.sqrt(squares0 * squares1) : undefined;
}

/**
 * Ranks from 1 = best, ties sharing the mean of their places (mid-ranks), so the ranks of n scores always sum to n(n+1)/2. What failed has no
 * rank and takes no place.
 */
export function midRanks(
  scores: readonly (number | undefined)[],
  direction: "higher" | "lower" = "higher",
): (number | undefined)[] {
  const sign = direction === "higher" ? -1 : 1;
  const order = scores
    .map((score, index) => ({ score, index }))
    .filter((one): one is { score: number; index: number } => Number.isFinite(one.score))
    .sort((a, b) => sign * (a.score - b.score));
  const ranks: (number | undefined)[] = scores.map(() => undefined);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && order[end]!.score === order[start]!.score) end++;
    for (let i = start; i < end; i++) ranks[order[i]!.index] = (start + 1 + end) / 2;
  }
  return ranks;
}

/**
 * Whole numbers near count w that sum to `count`: all rounded down, then one more for those with the largest rests, of equals the earlier
 * (Hamilton's method). `weights` sum to 1. Rounding each by itself, as is often done, gives a sum of its own.
 */
export function apportion(weights: readonly number[], count: number): number[] {
  // What is whole but for rounding counts as whole.
  const shares = weights.map((weight) => Math.floor(count * weight + 1e-9));
  const rests = weights.map((weight, i) => ({ i, rest: count * weight - shares[i]! }));
  const left = count - shares.reduce((sum, share) => sum + share, 0);
  for (const { i } of rests.sort((a, b) => b.rest - a.rest || a.i - b.i).slice(0, Math.max(0, left)))
    shares[i]!++;
  return shares;
}

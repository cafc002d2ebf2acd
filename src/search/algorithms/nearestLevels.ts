/** The levels of a schedule that are nearest to those wanted, strictly between noise and clean, descending and each once. */
export function nearestLevels(levels: readonly number[], wanted: readonly number[]): number[] {
  const inner = levels.slice(1, -1);
  const near = wanted.flatMap((level) => {
    const distances = inner.map((candidate) => Math.abs(candidate - level));
    const best = inner[distances.indexOf(Math.min(...distances))];
    return best === undefined ? [] : [best];
  });
  return [...new Set(near)].sort((a, b) => b - a);
}

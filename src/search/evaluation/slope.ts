/**
 * Least-squares rise of a score per doubling of the budget. Points that failed are left out; undefined for fewer than two different budgets.
 * Of the searched and of the held-out verifier side by side it shows hacking before either has turned.
 */
export function slopePerDoubling(
  budgets: readonly number[],
  scores: readonly (number | undefined)[],
): number | undefined {
  const points = budgets
    .map((budget, i) => ({ x: Math.log2(budget), y: scores[i] }))
    .filter(
      (point): point is { x: number; y: number } => Number.isFinite(point.x) && Number.isFinite(point.y),
    );
  const centre = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const squares = points.reduce((sum, { x }) => sum + (x - centre) ** 2, 0);
  if (!(squares > 0)) return undefined;
  return points.reduce((sum, { x, y }) => sum + (x - centre) * y, 0) / squares;
}

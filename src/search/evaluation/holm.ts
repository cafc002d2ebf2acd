/**
 * p-values of several comparisons made together, adjusted by Holm's step-down method (Scandinavian Journal of Statistics 6, 1979): below
 * alpha, the chance that any of them is there by chance alone stays below alpha. What has no p-value was not compared and counts for nothing.
 */
export function holm(pValues: readonly (number | undefined)[]): (number | undefined)[] {
  const order = pValues
    .map((pValue, index) => ({ pValue, index }))
    .filter((one): one is { pValue: number; index: number } => Number.isFinite(one.pValue))
    .sort((a, b) => a.pValue - b.pValue);
  const adjusted: (number | undefined)[] = pValues.map(() => undefined);
  let largest = 0;
  order.forEach(({ pValue, index }, rank) => {
    largest = Math.max(largest, Math.min(1, pValue * (order.length - rank)));
    adjusted[index] = largest;
  });
  return adjusted;
}

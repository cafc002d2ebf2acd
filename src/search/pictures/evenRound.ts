/** The nearest whole number, of two equally near ones the even one: Python's `round`. */
export function evenRound(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

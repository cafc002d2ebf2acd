/** One list for each problem, in it one value for each seed. What failed is `undefined` or no finite number, and is counted, never replaced. */
export type Values = readonly (readonly (number | undefined)[])[];

/** With its failures taken out. */
export function present(values: readonly (number | undefined)[]): number[] {
  return values.filter((value): value is number => Number.isFinite(value));
}

/** `undefined` of nothing. */
export function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * `from` minus `over`, pair by pair: same problem, same seed. `direction` says which scores are better; a gain is always positive. Where one of
 * the two failed, the pair is missing.
 */
export function gains(from: Values, over: Values, direction: "higher" | "lower" = "higher"): Values {
  const sign = direction === "higher" ? 1 : -1;
  const problems = Math.max(from.length, over.length);
  return Array.from({ length: problems }, (_, problem) => {
    const [a, b] = [from[problem] ?? [], over[problem] ?? []];
    return Array.from({ length: Math.max(a.length, b.length) }, (_, seed) => {
      const [better, worse] = [a[seed], b[seed]];
      if (!Number.isFinite(better) || !Number.isFinite(worse)) return undefined;
      return sign * (better! - worse!);
    });
  });
}

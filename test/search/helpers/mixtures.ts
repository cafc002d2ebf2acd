import { gaussianMixture, type AnalyticModel, type SearchRun } from "../../../src/search/index.js";

/** The standard case of the reference page: two components at +-2, reward x, lambda 1/2. Mean 1.648188, P(x > 0) .880797, log Z .465031. */
export const caseG: AnalyticModel = gaussianMixture({
  weights: [0.5, 0.5],
  means: [[2], [-2]],
  variances: [0.25, 0.25],
});

export const standardNormal: AnalyticModel = gaussianMixture({ weights: [1], means: [[0]], variances: [1] });

/** The clean candidates that are still in the search, by their score. */
export function survivors(run: SearchRun): number[] {
  return run.candidates
    .filter(({ level, status }) => level === 0 && status !== "dropped" && status !== "failed")
    .map(({ scores }) => Object.values(scores)[0]!);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function variance(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}

/** P of the Kolmogorov-Smirnov distance between a sample and a distribution function. */
export function kolmogorovSmirnov(sample: readonly number[], distribution: (x: number) => number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  const n = sorted.length;
  const distance = Math.max(
    ...sorted.map((x, i) => Math.max(distribution(x) - i / n, (i + 1) / n - distribution(x))),
  );
  const t = (Math.sqrt(n) + 0.12 + 0.11 / Math.sqrt(n)) * distance;
  let p = 0;
  for (let k = 1; k < 100; k++) p += 2 * (k % 2 ? 1 : -1) * Math.exp(-2 * k * k * t * t);
  return Math.min(1, Math.max(0, p));
}

/** Of the standard normal (Abramowitz and Stegun 7.1.26, error below 2e-7). */
export function normalCdf(x: number): number {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const poly =
    t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - poly * Math.exp((-x * x) / 2);
  return 0.5 * (1 + Math.sign(x) * erf);
}

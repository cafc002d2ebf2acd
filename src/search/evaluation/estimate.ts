import { realNumber, wholeNumber } from "../check.js";
import { normalCdf, normalQuantile, studentCdf, studentQuantile } from "./distributions.js";
import { wholeDraws } from "./draws.js";
import { mean, present, type Values } from "./values.js";

/** A mean over problems with what is known of its error. A table shows `note` where there is no interval. */
export interface Estimate {
  /** Each problem counts the same, however many seeds it has. */
  readonly mean: number | undefined;
  readonly low: number | undefined;
  readonly high: number | undefined;
  /** Two-sided, of the mean being 0; below 0.05 when the 95 % interval leaves 0 out (but for rounding by one resample). */
  readonly pValue: number | undefined;
  /** What was resampled: an interval over seeds says nothing about other problems. */
  readonly over: "problems" | "seeds" | undefined;
  readonly problems: number;
  readonly values: number;
  /** Failed, or without a partner. */
  readonly missing: number;
  /** Why there is no interval, or what it does not cover. */
  readonly note: string | undefined;
}

export interface EstimateOptions {
  readonly resamples?: number;
  readonly level?: number;
  readonly seed?: number;
}

/** Fewer units than this say too little about their own spread: a 95 % interval of six normals covers 93.3 %, of five 91 %, of seven 94.1 %. */
export const LEAST_PROBLEMS = 7;
const LEAST_FREEDOM = LEAST_PROBLEMS - 1;
export const LEAST_RESAMPLES = 1000;

/**
 * The mean over problems with its bootstrap interval. Whole problems are resampled with all their seeds (clusters); with fewer than seven
 * problems, seeds within each problem instead (deviations from the problems' means), and `note` says so. Percentile interval with its quantiles moved outward for the small
 * number of units, so that it covers as often as it says: alpha/2 becomes Phi(-sqrt(n/(n-1)) t(alpha/2, n-1)), the "expanded percentile"
 * interval of Hesterberg, What Teachers Should Know about the Bootstrap (2015), section 5.3. The p-value inverts the interval.
 * Equal numbers of problems get equal resamples, so that rows of a table differ by their values alone.
 */
export function estimate(values: Values, options: EstimateOptions = {}): Estimate {
  const resamples = wholeNumber(options.resamples ?? 4000, "resamples", LEAST_RESAMPLES);
  const level = realNumber(options.level ?? 0.95, "level", 0.5, 0.999);
  const seed = wholeNumber(options.seed ?? 0, "seed", 0);
  const groups = values.map(present).filter((group) => group.length > 0);
  const count = groups.reduce((sum, group) => sum + group.length, 0);
  const means = groups.map((group) => mean(group)!);
  const centre = mean(means);
  const found = {
    mean: centre,
    problems: groups.length,
    values: count,
    missing: values.reduce((sum, group) => sum + group.length, 0) - count,
  };
  const none = { low: undefined, high: undefined, pValue: undefined, over: undefined };
  if (centre === undefined) return { ...found, ...none, note: "There is no value." };
  const planned = groups.length >= LEAST_PROBLEMS ? overProblems(means) : overSeeds(groups);
  if ("note" in planned) return { ...found, ...none, note: planned.note };
  const replicates = resampledMeans(planned.strata, resamples, seed);
  const edge = normalCdf(planned.widening * studentQuantile((1 - level) / 2, planned.freedom));
  return {
    ...found,
    low: quantile(replicates, edge),
    high: quantile(replicates, 1 - edge),
    pValue: pValue(replicates, centre, planned),
    over: planned.over,
    note:
      planned.over === "seeds"
        ? `The interval is over seeds of ${groups.length === 1 ? "this problem" : `these ${groups.length} problems`} alone: for others at least ${LEAST_PROBLEMS} problems are needed.`
        : undefined,
  };
}

/** The statistic is the mean over strata of `centre` plus the mean of `size` draws from `source`. */
interface Stratum {
  readonly size: number;
  readonly source: readonly number[];
  readonly centre: number;
}

interface Plan {
  readonly over: "problems" | "seeds";
  readonly strata: readonly Stratum[];
  readonly freedom: number;
  /** Standard error of the statistic, with n - 1 in the denominator. */
  readonly error: number;
  /** That by the resamples' own. */
  readonly widening: number;
}

function overProblems(means: readonly number[]): Plan {
  const n = means.length;
  const error = Math.sqrt(sumOfSquares(means) / (n - 1) / n);
  return plan("problems", [{ size: n, source: means, centre: 0 }], n - 1, error);
}

function overSeeds(groups: readonly (readonly number[])[]): Plan | { readonly note: string } {
  const freedom = groups.reduce((sum, group) => sum + group.length - 1, 0);
  const fewest = Math.min(...groups.map((group) => group.length));
  if (freedom < LEAST_FREEDOM || fewest < 2) {
    const seeds = 1 + Math.max(1, Math.ceil(LEAST_FREEDOM / groups.length));
    return {
      note: `Too few for an interval: ${groups.length} problem(s) with ${fewest} seed(s). It needs ${LEAST_PROBLEMS} problems, or ${seeds} seeds of each.`,
    };
  }
  // Two or three seeds of a problem have hardly any resamples, so all problems' deviations are drawn from together.
  const source = groups.flatMap((group) => {
    const centre = mean(group)!;
    const scale = Math.sqrt(group.length / Math.max(1, group.length - 1));
    return group.map((value) => scale * (value - centre));
  });
  const strata = groups.map((group) => ({ size: group.length, source, centre: mean(group)! }));
  const variances = groups.map((group) => sumOfSquares(group) / (group.length - 1) / group.length);
  const error = Math.sqrt(variances.reduce((sum, value) => sum + value, 0)) / groups.length;
  return plan("seeds", strata, freedom, error);
}

function plan(over: Plan["over"], strata: readonly Stratum[], freedom: number, error: number): Plan {
  const own = strata.reduce((sum, { source, size }) => sum + sumOfSquares(source) / source.length / size, 0);
  const widening = own > 0 ? (error * strata.length) / Math.sqrt(own) : 1;
  return { over, strata, freedom, error, widening };
}

function sumOfSquares(values: readonly number[]): number {
  const centre = mean(values)!;
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0);
}

/** Sorted. */
function resampledMeans(strata: readonly Stratum[], resamples: number, seed: number): Float64Array {
  const means = new Float64Array(resamples);
  strata.forEach(({ size, source, centre }, index) => {
    const path = `bootstrap/${index}/${size}/${source.length}`;
    const draws = wholeDraws({ seed, path }, resamples * size, source.length);
    for (let resample = 0, at = 0; resample < resamples; resample++) {
      let sum = 0;
      for (let i = 0; i < size; i++) sum += source[draws[at++]!]!;
      means[resample] = means[resample]! + (centre + sum / size) / strata.length;
    }
  });
  return means.sort();
}

function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}

/**
 * The level at which the interval would just reach 0. Where not one resample lies beyond 0, their number says nothing more, and Student's t of
 * the mean by its error goes on: else a table of many comparisons could never be significant after Holm's correction.
 */
function pValue(sorted: Float64Array, centre: number, { freedom, widening, error }: Plan): number {
  if (centre === 0) return 1;
  const beyond = sorted.reduce(
    (sum, value) => sum + (centre > 0 ? Number(value <= 0) : Number(value >= 0)),
    0,
  );
  const share = (beyond + 1) / (sorted.length + 1);
  if (share >= 0.5) return 1;
  const inverted = 2 * studentCdf(normalQuantile(share) / widening, freedom);
  if (beyond > 0 || error === 0) return inverted;
  return Math.min(inverted, 2 * studentCdf(-Math.abs(centre) / error, freedom));
}

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
 * problems, seeds within each problem instead, and `note` says so. Percentile interval with its quantiles moved outward for the small
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
  const plan = groups.length >= LEAST_PROBLEMS ? overProblems(means) : overSeeds(groups);
  if ("note" in plan) return { ...found, ...none, note: plan.note };
  const replicates = resampledMeans(plan.strata, resamples, seed);
  const edge = normalCdf(plan.widening * studentQuantile((1 - level) / 2, plan.freedom));
  return {
    ...found,
    low: quantile(replicates, edge),
    high: quantile(replicates, 1 - edge),
    pValue: pValue(replicates, centre, plan),
    over: plan.over,
    note:
      plan.over === "seeds"
        ? `The interval is over seeds of ${groups.length === 1 ? "this problem" : `these ${groups.length} problems`} alone: for others at least ${LEAST_PROBLEMS} problems are needed.`
        : undefined,
  };
}

interface Plan {
  readonly over: "problems" | "seeds";
  /** Resampled each by itself; the mean of their means is the statistic. */
  readonly strata: readonly (readonly number[])[];
  readonly freedom: number;
  /** Standard error of the statistic, with n - 1 in the denominator. */
  readonly error: number;
  /** That by the bootstrap's own, which has n in the denominator. */
  readonly widening: number;
}

function overProblems(means: readonly number[]): Plan {
  return { over: "problems", strata: [means], freedom: means.length - 1, ...errors([means]) };
}

function overSeeds(groups: readonly (readonly number[])[]): Plan | { readonly note: string } {
  const freedom = groups.reduce((sum, group) => sum + group.length - 1, 0);
  if (freedom < LEAST_FREEDOM || groups.some((group) => group.length < 2)) {
    const seeds = 1 + Math.max(1, Math.ceil(LEAST_FREEDOM / groups.length));
    return {
      note: `Too few for an interval: ${groups.length} problem(s) with ${Math.min(...groups.map((group) => group.length))} seed(s). It needs ${LEAST_PROBLEMS} problems, or ${seeds} seeds of each.`,
    };
  }
  return { over: "seeds", strata: groups, freedom, ...errors(groups) };
}

function errors(strata: readonly (readonly number[])[]): Pick<Plan, "error" | "widening"> {
  let unbiased = 0;
  let own = 0;
  for (const units of strata) {
    const centre = mean(units)!;
    const squares = units.reduce((sum, value) => sum + (value - centre) ** 2, 0);
    unbiased += squares / (units.length - 1) / units.length;
    own += squares / units.length ** 2;
  }
  return {
    error: Math.sqrt(unbiased) / strata.length,
    widening: own > 0 ? Math.sqrt(unbiased / own) : 1,
  };
}

/** Sorted means of the resamples. */
function resampledMeans(
  strata: readonly (readonly number[])[],
  resamples: number,
  seed: number,
): Float64Array {
  const means = new Float64Array(resamples);
  strata.forEach((units, stratum) => {
    const n = units.length;
    const draws = wholeDraws({ seed, path: `bootstrap/${stratum}/${n}` }, resamples * n, n);
    for (let resample = 0, at = 0; resample < resamples; resample++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += units[draws[at++]!]!;
      means[resample] = means[resample]! + sum / n / strata.length;
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

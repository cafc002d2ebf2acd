import { InputError } from "../inputError.js";
import { plainObject, positiveNumber, realNumber, shown } from "../check.js";
import { logSumExp } from "../resampling/weights.js";

/** x0 ~ sum_k w_k N(mean_k, variance_k I). The weights sum to 1. */
export interface Mixture {
  readonly weights: readonly number[];
  readonly means: readonly (readonly number[])[];
  readonly variances: readonly number[];
}

/** Checks what a user gave; weights need not sum to 1. */
export function parseMixture(value: unknown): Mixture {
  const given = plainObject(value, "gaussianMixture", ["weights", "means", "variances"]);
  const list = (field: string): unknown[] => {
    const entry = given[field];
    if (Array.isArray(entry) && entry.length > 0) return entry;
    throw new InputError(
      `gaussianMixture: ${field} is ${shown(entry)}, but must have an entry for each component.`,
    );
  };
  const raw = list("weights").map((weight, k) => realNumber(weight, `gaussianMixture: weights[${k}]`, 0));
  const total = raw.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) throw new InputError("gaussianMixture: the weights sum to 0, so nothing would be drawn.");
  const means = list("means").map((mean: unknown, k) => {
    if (!Array.isArray(mean) || mean.length === 0) {
      throw new InputError(
        `gaussianMixture: means[${k}] is ${shown(mean)}, but must be an array of d numbers.`,
      );
    }
    return mean.map((entry, j) => realNumber(entry, `gaussianMixture: means[${k}][${j}]`, -Infinity));
  });
  const variances = list("variances").map((entry, k) =>
    positiveNumber(entry, `gaussianMixture: variances[${k}]`),
  );
  if (means.length !== raw.length || variances.length !== raw.length) {
    throw new InputError(
      `gaussianMixture: there are ${raw.length} weights, ${means.length} means and ${variances.length} variances, but each component has one of each.`,
    );
  }
  const odd = means.findIndex(({ length }) => length !== means[0]!.length);
  if (odd >= 0) {
    throw new InputError(
      `gaussianMixture: means[${odd}] has ${means[odd]!.length} values, but means[0] has ${means[0]!.length}.`,
    );
  }
  return { weights: raw.map((weight) => weight / total), means, variances };
}

/** p(x0 | x at a level): a mixture again, of weights gamma_k, means m_k and variances v_k. In double. */
export interface MixturePosterior {
  readonly gammas: readonly number[];
  /** j-th value of m_k. */
  readonly meanOf: (k: number, j: number) => number;
  readonly varianceOf: (k: number) => number;
}

/**
 * With x = a x0 + s noise, a = 1 - s: gamma_k ~ w_k N(x; a mean_k, a^2 V_k + s^2),
 * m_k = mean_k + a V_k (x - a mean_k) / (a^2 V_k + s^2), v_k = V_k s^2 / (a^2 V_k + s^2).
 */
export function mixturePosterior(
  { weights, means, variances }: Mixture,
  x: ArrayLike<number>,
  level: number,
): MixturePosterior {
  const a = 1 - level;
  const totals = variances.map((variance) => a * a * variance + level * level);
  const logs = weights.map((weight, k) => {
    let squares = 0;
    for (let j = 0; j < x.length; j++) squares += (x[j]! - a * means[k]![j]!) ** 2;
    return Math.log(weight) - 0.5 * (x.length * Math.log(totals[k]!) + squares / totals[k]!);
  });
  const total = logSumExp(logs);
  const gains = variances.map((variance, k) => (a * variance) / totals[k]!);
  return {
    gammas: logs.map((log) => Math.exp(log - total)),
    meanOf: (k, j) => means[k]![j]! + gains[k]! * (x[j]! - a * means[k]![j]!),
    varianceOf: (k) => (variances[k]! * level * level) / totals[k]!,
  };
}

import { InputError } from "../inputError.js";
import { positiveNumber, realNumber, shown } from "../check.js";
import { logSumExp } from "../resampling/weights.js";
import type { Mixture } from "./mixture.js";

/** p(x0) exp(r(x0) / T) / Z of a mixture and a linear reward: a mixture again, with the same variances. */
export interface TiltedTarget extends Mixture {
  readonly mean: readonly number[];
  readonly logZ: number;
}

/** A direction in the space of the state: all ones by default. */
export function parseDirection(direction: unknown, dimension: number): readonly number[] {
  if (direction === undefined) return Array.from({ length: dimension }, () => 1);
  if (!Array.isArray(direction)) {
    throw new InputError(`direction is ${shown(direction)}, but must be an array of ${dimension} numbers.`);
  }
  if (direction.length !== dimension) {
    throw new InputError(`direction has ${direction.length} values, but the state has ${dimension}.`);
  }
  return direction.map((value, j) => realNumber(value, `direction[${j}]`, -Infinity));
}

/** With lam = 1 / T: w_k' ~ w_k exp(lam a . mean_k + lam^2 |a|^2 V_k / 2), mean_k' = mean_k + lam V_k a. */
export function tiltedTarget(mixture: Mixture, direction: unknown, temperature: number): TiltedTarget {
  const { weights, means, variances } = mixture;
  const lambda = 1 / positiveNumber(temperature, "temperature");
  const a = parseDirection(direction, means[0]!.length);
  const square = dot(a, a);
  const logs = weights.map(
    (weight, k) =>
      Math.log(weight) + lambda * dot(a, means[k]!) + (lambda * lambda * square * variances[k]!) / 2,
  );
  const logZ = logSumExp(logs);
  const tilted = logs.map((log) => Math.exp(log - logZ));
  const shifted = means.map((mean, k) => mean.map((value, j) => value + lambda * variances[k]! * a[j]!));
  const mean = a.map((_, j) => tilted.reduce((sum, weight, k) => sum + weight * shifted[k]![j]!, 0));
  return { weights: tilted, means: shifted, variances, mean, logZ };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, j) => sum + value * b[j]!, 0);
}

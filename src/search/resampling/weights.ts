import { InputError } from "../inputError.js";

/** log sum exp, without overflow; minus infinity for weights that are all zero, and for none. */
export function logSumExp(logWeights: readonly number[]): number {
  let most = -Infinity;
  for (const weight of logWeights) if (weight > most) most = weight;
  if (most === -Infinity) return -Infinity;
  let sum = 0;
  for (const weight of logWeights) sum += Math.exp(weight - most);
  return most + Math.log(sum);
}

/** Log of the mean weight: of properly weighted particles, an estimate of log Z. */
export function logMeanExp(logWeights: readonly number[]): number {
  return logSumExp(logWeights) - Math.log(logWeights.length);
}

/** Weights that sum to 1. Throws when all are zero: then there is nothing to choose by. */
export function normalised(logWeights: readonly number[]): number[] {
  let most = -Infinity;
  for (const weight of logWeights) if (weight > most) most = weight;
  if (most === -Infinity) {
    throw new InputError(
      `All ${logWeights.length} weights are zero, so there is nothing to resample by. Raise the temperature, or look at the verifier's scores.`,
    );
  }
  // Not by the logarithm of their sum: next to a large one it would be lost.
  const weights = logWeights.map((weight) => Math.exp(weight - most));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** ESS = 1 / sum w^2 of normalised weights: from 1 (one has it all) to their number (all equal). Invariant to a factor on the weights. */
export function effectiveSampleSize(logWeights: readonly number[]): number {
  let squares = 0;
  for (const weight of normalised(logWeights)) squares += weight * weight;
  return 1 / squares;
}

import { logSumExp } from "../resampling/weights.js";

/**
 * Soft Bellman backup: V(x_t) = T log E[exp(V(x_t-1) / T) | x_t] over the children of x_t. `values`: V of each child. They were drawn from the
 * kernel and count alike, or have the `probabilities` given. As T falls it goes to the maximum; it is at least the mean.
 */
export function softBackup(
  values: readonly number[],
  temperature: number,
  probabilities?: readonly number[],
): number {
  const logs = values.map(
    (value, i) => value / temperature + Math.log(probabilities?.[i] ?? 1 / values.length),
  );
  return temperature * logSumExp(logs);
}

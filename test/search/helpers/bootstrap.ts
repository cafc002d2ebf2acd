import { philox } from "../../../src/search/random/philox.js";

/** Mean of paired differences with its percentile bootstrap 95 % interval; the draws are fixed. */
export function pairedBootstrap(
  differences: readonly number[],
  resamples = 4000,
): { readonly mean: number; readonly low: number; readonly high: number } {
  const count = differences.length;
  const means = Array.from({ length: resamples }, (_, resample) => {
    let sum = 0;
    for (let i = 0; i < count; i++) {
      const [word] = philox([i, resample, 0, 0], [2025, 1]);
      sum += differences[Math.floor((word / 2 ** 32) * count)]!;
    }
    return sum / count;
  }).sort((a, b) => a - b);
  const mean = differences.reduce((sum, value) => sum + value, 0) / count;
  return { mean, low: means[Math.floor(0.025 * resamples)]!, high: means[Math.ceil(0.975 * resamples) - 1]! };
}

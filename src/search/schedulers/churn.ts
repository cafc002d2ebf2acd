import { mapped } from "./arena.js";
import { combine, f, sqrt, square } from "./float32.js";
import type { StepOptions } from "./scheduler.js";

export const CHURN = ["sChurn", "sTmin", "sTmax", "sNoise"] as const;

/** gamma of Karras et al. 2022, algorithm 2: by how much a step raises the noise level before it lowers it. */
export function churnOf(sigmas: Float64Array, sigma: number, options: StepOptions): number {
  const { sChurn = 0, sTmin = 0, sTmax = Infinity } = options;
  if (sigma < sTmin || sigma > sTmax) return 0;
  return Math.min(sChurn / (sigmas.length - 1), Math.SQRT2 - 1);
}

/** The raised level, and the sample with the noise that it lacks. */
export function churned(
  sample: Float32Array,
  sigma: number,
  gamma: number,
  noise: Float32Array,
  { sNoise = 1 }: StepOptions,
): { hat: number; raised: Float32Array } {
  const hat = f(sigma * f(gamma + 1));
  if (!(gamma > 0)) return { hat, raised: sample };
  const amount = sqrt(f(square(hat) - square(sigma)));
  const scaled = mapped(noise, (value) => value * f(sNoise));
  return { hat, raised: combine([1, sample], [amount, scaled]) };
}

/** sample + (sample - x0) / sigma * step: along the straight line through the prediction. */
export function along(sample: Float32Array, x0: Float32Array, sigma: number, step: number): Float32Array {
  return mapped(sample, (x, i) => x + f(f(f(x - x0[i]!) / sigma) * step));
}

/** (sample - x0) / sigma. */
export function derivative(sample: Float32Array, x0: Float32Array, sigma: number): Float32Array {
  return mapped(sample, (x, i) => f(x - x0[i]!) / sigma);
}

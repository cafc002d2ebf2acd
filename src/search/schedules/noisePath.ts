import { flowPoint, type PathPoint } from "./pathPoint.js";
import { interpolate } from "../schedulers/numpy.js";

/**
 * How a model's states get noisier: x = signal x0 + noise z at each level, 1 = pure noise, 0 = clean. Everything between two levels that is no
 * solver's business (renoising, bridges, previews, single Euler steps) is computed on it.
 */
export interface NoisePath {
  point(level: number): PathPoint;
  /** What the model is told at a level, as `Denoiser` wants it. */
  time(level: number): number;
  /** The level at which noise / signal is this much. */
  levelOf(ratio: number): number;
}

/** Flow matching: x = (1 - s) x0 + s z, and the model is told the level s itself. */
export const flowPath: NoisePath = {
  point: flowPoint,
  time: (level) => level,
  levelOf: (ratio) => ratio / (1 + ratio),
};

/**
 * Variance preserving, by the share of the signal abar_t at the T timesteps that a model was trained at: timestep t stands at level (t + 1) / T,
 * and between two of them log(noise / signal) is linear in t, as k-diffusion's `sigma_to_t` has it; from timestep 0 down to level 0
 * noise / signal itself is.
 */
export function preservingPath(abar: Float32Array): NoisePath {
  const total = abar.length;
  const ratios = Float64Array.from(abar, (a) => Math.sqrt((1 - a) / a));
  const logs = ratios.map(Math.log);
  return {
    point(level) {
      const t = level * total - 1;
      const ratio = t >= 0 ? Math.exp(interpolate(t, logs)) : ratios[0]! * (t + 1);
      const signal = 1 / Math.sqrt(1 + ratio * ratio);
      return { signal, noise: ratio * signal };
    },
    time: (level) => Math.max(0, level * total - 1),
    levelOf(ratio) {
      if (ratio <= ratios[0]!) return ratio / ratios[0]! / total;
      const log = Math.log(ratio);
      let [low, high] = [0, total - 1];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (logs[middle]! <= log) low = middle;
        else high = middle;
      }
      const share = total === 1 ? 0 : (log - logs[low]!) / (logs[high]! - logs[low]!);
      return Math.min(1, (low + share + 1) / total);
    },
  };
}

import type { Denoiser } from "../engine/denoiser.js";

/**
 * The exact velocity of one Gaussian x0 ~ N(mean, deviation^2 I) under flow matching, x_s = (1 - s) x0 + s noise:
 * v = E[noise - x0 | x_s] = (s - a d^2) (x - a m) / (a^2 d^2 + s^2) - m with a = 1 - s, regular at both ends.
 * Its ODE is solved by x0 = mean + deviation * x1. `means[label]` is the mean of a class, `mean` of the unconditional model.
 */
export function gaussianDenoiser(parameters: {
  readonly mean: number;
  readonly deviation: number;
  readonly means?: readonly number[];
}): Denoiser {
  const variance = parameters.deviation ** 2;
  return {
    async velocity(x, count, level, conditions) {
      const a = 1 - level;
      const factor = (level - a * variance) / (a * a * variance + level * level);
      const size = x.length / count;
      const v = new Float32Array(x.length);
      for (let sample = 0; sample < count; sample++) {
        const label = conditions[sample]?.label;
        const mean = (label === undefined ? undefined : parameters.means?.[label]) ?? parameters.mean;
        for (let i = sample * size; i < (sample + 1) * size; i++) v[i] = factor * (x[i]! - a * mean) - mean;
      }
      return v;
    },
    async dispose() {},
  };
}

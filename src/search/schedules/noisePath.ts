import { flowPoint, type PathPoint } from "./pathPoint.js";
import type { EdmOptions } from "../schedulers/edm.js";
import { interpolate } from "../schedulers/numpy.js";
import { cleanSample, type CleanSample, type Prediction } from "./cleanSample.js";

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
  /** The x0-prediction at a point. */
  clean(at: PathPoint): CleanSample;
}

/** Flow matching: x = (1 - s) x0 + s z, and the model is told the level s itself. */
export const flowPath: NoisePath = {
  point: flowPoint,
  time: (level) => level,
  levelOf: (ratio) => ratio / (1 + ratio),
  clean: (at) => cleanSample("flow", at),
};

/**
 * Variance preserving, by the share of the signal abar_t at the T timesteps that a model was trained at: timestep t stands at level (t + 1) / T,
 * and between two of them log(noise / signal) is linear in t, as k-diffusion's `sigma_to_t` has it; from timestep 0 down to level 0
 * noise / signal itself is.
 */
export function preservingPath(abar: Float32Array, prediction: Prediction = "epsilon"): NoisePath {
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
    clean: (at) => cleanSample(prediction, at),
  };
}

/**
 * EDM's: x0 + sigma z as the network is shown it, divided by sqrt(sigma^2 + sigma_data^2) (c_in of Karras et al. 2022, table 1). The levels between
 * 1 / T and 1 are equally spaced in sigma^(1/rho), from sigma_min to sigma_max (their equation 5); from there down to level 0 in sigma itself.
 */
export function edmPath(options: EdmOptions): NoisePath {
  const { sigma_min: min, sigma_max: max, sigma_data: data, rho, num_train_timesteps: total } = options;
  const [low, high] = [min ** (1 / rho), max ** (1 / rho)];
  const first = 1 / total;
  const sigmaAt = (level: number): number =>
    level <= first ? (min * level) / first : (low + ((level - first) / (1 - first)) * (high - low)) ** rho;
  const sign = options.prediction_type === "v_prediction" ? -1 : 1;
  return {
    point(level) {
      const sigma = sigmaAt(level);
      const signal = 1 / Math.sqrt(sigma * sigma + data * data);
      return { signal, noise: sigma * signal };
    },
    // c_noise
    time: (level) => Math.log(Math.max(sigmaAt(level), min)) / 4,
    levelOf(sigma) {
      if (sigma <= min) return (sigma / min) * first;
      return Math.min(1, first + ((sigma ** (1 / rho) - low) / (high - low)) * (1 - first));
    },
    // c_skip x + c_out F of the state before it was divided.
    clean: ({ signal, noise }) => {
      const [skip, out] = [data * data * signal, sign * data * noise];
      return (x, output) => skip * x + out * output;
    },
  };
}

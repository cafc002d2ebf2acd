import { mapped } from "./arena.js";
import { CHURN, churnOf, churned, derivative } from "./churn.js";
import { defineScheduler } from "./defineScheduler.js";
import { choice, flag, real } from "./fields.js";
import { clamp, combine, f } from "./float32.js";
import { BETA_SCHEDULES, noiseFields, signalTable } from "./noiseSchedule.js";
import { predictedFromSigma, type Prediction } from "./prediction.js";
import type { Sampler } from "./scheduler.js";
import {
  levelAt,
  scaledAtIndex,
  sigmaLevels,
  sigmaSchedule,
  sigmaTables,
  everySecond,
  twiceAfterFirst,
} from "./sigmaSchedule.js";
import { sigmaSpacingFields, sigmaSpacingOf } from "./sigmaSpacing.js";
import { spacingFields } from "./spacing.js";

/** Between the two calls of a step: where it started, its first slope and its length. */
export interface Halfway {
  readonly from: Float32Array;
  readonly slope: Float32Array;
  readonly length: number;
}

/**
 * Heun's method in sigma (Karras et al. 2022, algorithm 1): 2N - 1 calls, the last step is Euler's. diffusers has no churn here;
 * with `sChurn` the first half of a step is that of EulerDiscrete.
 */
export const heunDiscrete = defineScheduler(
  "HeunDiscreteScheduler",
  {
    ...noiseFields(0.00085, 0.012, "linear", [...BETA_SCHEDULES, "exp"]),
    ...spacingFields("linspace"),
    ...sigmaSpacingFields(),
    prediction_type: choice<Prediction>("epsilon", ["epsilon", "v_prediction", "sample"]),
    clip_sample: flag(false),
    clip_sample_range: real(1, 0),
  },
  (config): Sampler<Halfway | undefined> => {
    const tables = sigmaTables(signalTable(config));
    const spacing = sigmaSpacingOf("HeunDiscreteScheduler", config);
    const level = levelAt(tables, spacing !== undefined);
    function schedule(steps: number) {
      const { sigmas, timesteps } = sigmaLevels(tables, config, spacing, steps);
      return sigmaSchedule(twiceAfterFirst(timesteps), [...twiceAfterFirst(sigmas), 0], config);
    }
    return {
      initNoiseSigma: schedule(config.num_train_timesteps).initNoiseSigma,
      scale: "exploding",
      stops: everySecond,
      begin: undefined,
      takes: CHURN,
      schedule,
      input: scaledAtIndex,
      noisy: ({ sigmas }, { index, history }, options) =>
        !history && churnOf(sigmas!, sigmas![index]!, options) > 0,
      step({ sigmas }, { index, sample, history }, output, options, noise) {
        const sigma = sigmas![index]!;
        const gamma = history ? 0 : churnOf(sigmas!, sigma, options);
        const { hat, raised } = churned(sample, sigma, gamma, noise, options);
        const free = predictedFromSigma(config.prediction_type, raised, output, sigma, hat);
        const x0 = config.clip_sample
          ? clamp(free, -config.clip_sample_range, config.clip_sample_range)
          : free;
        const slope = derivative(raised, x0, hat);
        if (history) return { index: index + 1, history: undefined, sample: corrected(history, slope) };
        const length = f(sigmas![index + 1]! - hat);
        return {
          index: index + 1,
          history: { from: raised, slope, length },
          sample: combine([1, raised], [length, slope]),
        };
      },
      mix: (timestep, made) => [1, level(timestep, made)],
    };
  },
);

/** The whole step with the mean of both slopes. */
export function corrected({ from, slope, length }: Halfway, second: Float32Array): Float32Array {
  return mapped(from, (x, i) => x + f(f(f(slope[i]! + second[i]!) / 2) * length));
}

import { along } from "./churn.js";
import { defineScheduler } from "./defineScheduler.js";
import { choice, flag } from "./fields.js";
import { f, sqrt, square } from "./float32.js";
import { BETA_SCHEDULES, noiseFields, signalTable, withFiniteEnd } from "./noiseSchedule.js";
import { predictedFromSigma } from "./prediction.js";
import {
  levelAt,
  maxOf,
  scaledAtIndex,
  sigmaLevels,
  sigmaSchedule,
  sigmaTables,
  startingSigma,
} from "./sigmaSchedule.js";
import { withNoise } from "./signal.js";
import { spacingFields } from "./spacing.js";

/** Ancestral sampling in sigma (k-diffusion's `sample_euler_ancestral`): down further than the next level, then noise back up to it. */
export const eulerAncestral = defineScheduler(
  "EulerAncestralDiscreteScheduler",
  {
    ...noiseFields(0.0001, 0.02, "linear", BETA_SCHEDULES),
    ...spacingFields("linspace"),
    prediction_type: choice("epsilon", ["epsilon", "v_prediction"] as const),
    rescale_betas_zero_snr: flag(false),
  },
  (config) => {
    const tables = sigmaTables(withFiniteEnd(signalTable(config), config.rescale_betas_zero_snr));
    const level = levelAt(tables, false);
    return {
      initNoiseSigma: startingSigma(maxOf(tables.sigmas), config),
      scale: "exploding",
      begin: null,
      schedule(steps) {
        const { sigmas, timesteps } = sigmaLevels(
          tables,
          { ...config, sigma_min: null, sigma_max: null },
          undefined,
          steps,
        );
        return sigmaSchedule(timesteps, [...sigmas, 0], config);
      },
      input: scaledAtIndex,
      // The last step too, where its factor is 0: the generator moves on.
      noisy: () => true,
      step({ sigmas }, { index, sample, history }, output, _options, noise) {
        const [sigma, next] = [sigmas[index]!, sigmas[index + 1]!];
        const x0 = predictedFromSigma(config.prediction_type, sample, output, sigma);
        const { up, down } = ancestral(sigma, next);
        return {
          index: index + 1,
          history,
          sample: withNoise(along(sample, x0, sigma, f(down - sigma)), up, noise),
        };
      },
      mix: (timestep, schedule) => [1, level(timestep, schedule)],
    };
  },
);

/** How far down, and how much noise back up to `next`. */
export function ancestral(sigma: number, next: number): { up: number; down: number } {
  const up = sqrt(f(f(square(next) * f(square(sigma) - square(next))) / square(sigma)));
  return { up, down: sqrt(f(square(next) - square(up))) };
}

import { derivative } from "./churn.js";
import { defineScheduler } from "./defineScheduler.js";
import { choice } from "./fields.js";
import { combine } from "./float32.js";
import { BETA_SCHEDULES, noiseFields, signalTable } from "./noiseSchedule.js";
import { predictedFromSigma, type Prediction } from "./prediction.js";
import type { Sampler } from "./scheduler.js";
import { levelAt, maxOf, scaledAtIndex, sigmaLevels, sigmaSchedule, sigmaTables, startingSigma } from "./sigmaSchedule.js";
import { sigmaSpacingFields, sigmaSpacingOf } from "./sigmaSpacing.js";
import { spacingFields } from "./spacing.js";

const ORDER = 4;

/** Linear multistep in sigma (k-diffusion's `sample_lms`): the polynomial through the last four slopes, integrated over the step. */
export const lmsDiscrete = defineScheduler(
  "LMSDiscreteScheduler",
  {
    ...noiseFields(0.0001, 0.02, "linear", BETA_SCHEDULES),
    ...spacingFields("linspace"),
    ...sigmaSpacingFields(),
    prediction_type: choice<Prediction>("epsilon", ["epsilon", "sample", "v_prediction"]),
  },
  (config): Sampler<readonly Float32Array[]> => {
    const tables = sigmaTables(signalTable(config));
    const spacing = sigmaSpacingOf("LMSDiscreteScheduler", config);
    const level = levelAt(tables, spacing !== undefined);
    // Karras' ends cannot be moved in this class.
    const ends = spacing === "karras" ? { ...config, sigma_min: null, sigma_max: null } : config;
    function schedule(steps: number) {
      const { sigmas, timesteps } = sigmaLevels(tables, ends, spacing, steps);
      return sigmaSchedule(timesteps, [...sigmas, 0], config);
    }
    return {
      initNoiseSigma: startingSigma(maxOf(tables.sigmas), config),
      begin: [],
      schedule,
      input: scaledAtIndex,
      step({ sigmas }, { index, sample, history }, output) {
        const sigma = sigmas![index]!;
        const slope = derivative(sample, predictedFromSigma(config.prediction_type, sample, output, sigma), sigma);
        const slopes = [slope, ...history].slice(0, ORDER);
        const order = Math.min(index + 1, ORDER);
        // A start in the middle has fewer slopes than the order: the missing ones count as nothing, as in diffusers.
        const terms = slopes.slice(0, order).map((each, k) => [coefficient(sigmas!, index, order, k), each] as const);
        const move = combine(...terms);
        return { index: index + 1, history: slopes, sample: combine([1, sample], [1, move]) };
      },
      mix: (timestep, made) => [1, level(timestep, made)],
    };
  },
);

// Gauss-Legendre with two points: exact for the polynomials of degree 3 that four slopes make.
const POINTS = [-1 / Math.sqrt(3), 1 / Math.sqrt(3)];

/** Integral over the step of the Lagrange polynomial that is 1 at the `which`-th last level. */
function coefficient(sigmas: Float64Array, index: number, order: number, which: number): number {
  const [from, to] = [sigmas[index]!, sigmas[index + 1]!];
  const half = (to - from) / 2;
  const lagrange = (tau: number): number => {
    let product = 1;
    for (let k = 0; k < order; k++) {
      if (k === which) continue;
      product *= (tau - sigmas[index - k]!) / (sigmas[index - which]! - sigmas[index - k]!);
    }
    return product;
  };
  return half * POINTS.reduce((sum, point) => sum + lagrange(from + half * (1 + point)), 0);
}

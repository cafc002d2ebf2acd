import { derivative } from "./churn.js";
import { defineScheduler } from "./defineScheduler.js";
import { choice } from "./fields.js";
import { combine, f } from "./float32.js";
import { BETA_SCHEDULES, noiseFields, signalTable } from "./noiseSchedule.js";
import { predictedFromSigma, type Prediction } from "./prediction.js";
import type { Sampler } from "./scheduler.js";
import {
  levelAt,
  maxOf,
  scaledAtIndex,
  sigmaLevels,
  sigmaSchedule,
  sigmaTables,
  startingSigma,
} from "./sigmaSchedule.js";
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
      scale: "exploding",
      begin: [],
      schedule,
      input: scaledAtIndex,
      step({ sigmas }, { index, sample, history }, output) {
        const sigma = sigmas![index]!;
        const slope = derivative(
          sample,
          predictedFromSigma(config.prediction_type, sample, output, sigma),
          sigma,
        );
        const slopes = [slope, ...history].slice(0, ORDER);
        const order = Math.min(index + 1, ORDER);
        // A start in the middle has fewer slopes than the order: the missing ones count as nothing, as in diffusers.
        const terms = slopes
          .slice(0, order)
          .map((each, k) => [coefficient(sigmas!, index, order, k), each] as const);
        const move = combine(...terms);
        return { index: index + 1, history: slopes, sample: combine([1, sample], [1, move]) };
      },
      mix: (timestep, made) => [1, level(timestep, made)],
    };
  },
);

// Gauss-Kronrod with 21 points, as scipy.integrate.quad: exact for these cubics, but the integrand has the rounding of float32,
// which a schedule with very unequal steps makes visible.
const NODES = [
  0.9956571630258081, 0.9739065285171717, 0.9301574913557082, 0.8650633666889845, 0.7808177265864169,
  0.6794095682990244, 0.5627571346686047, 0.4333953941292472, 0.2943928627014602, 0.1488743389816312, 0,
];
const WEIGHTS = [
  0.011694638867371874, 0.03255816230796473, 0.054755896574351995, 0.07503967481091996, 0.0931254545836976,
  0.10938715880229764, 0.12349197626206584, 0.13470921731147334, 0.14277593857706009, 0.1477391049013385,
  0.1494455540029169,
];

/** Integral over the step of the Lagrange polynomial that is 1 at the `which`-th last level. */
function coefficient(sigmas: Float64Array, index: number, order: number, which: number): number {
  const [from, to] = [sigmas[index]!, sigmas[index + 1]!];
  const half = (to - from) / 2;
  const middle = (to + from) / 2;
  const lagrange = (tau: number): number => {
    let product = 1;
    for (let k = 0; k < order; k++) {
      if (k === which) continue;
      const node = sigmas[index - k]!;
      product = f(product * f(f(f(tau) - node) / f(sigmas[index - which]! - node)));
    }
    return product;
  };
  const at = (node: number): number =>
    node === 0 ? lagrange(middle) : lagrange(middle - half * node) + lagrange(middle + half * node);
  return half * NODES.reduce((sum, node, i) => sum + WEIGHTS[i]! * at(node), 0);
}

import { InputError } from "../inputError.js";
import { CHURN, along, churnOf, churned } from "./churn.js";
import { defineScheduler } from "./defineScheduler.js";
import { choice, flag } from "./fields.js";
import { exp, f, linspace32, log } from "./float32.js";
import { BETA_SCHEDULES, noiseFields, signalTable, withFiniteEnd } from "./noiseSchedule.js";
import { numpyLog } from "./numpyLog.js";
import { predictedFromSigma } from "./prediction.js";
import type { ScheduleOptions } from "./scheduler.js";
import {
  levelAt,
  maxOf,
  scaledAtIndex,
  sigmaLevels,
  sigmaSchedule,
  sigmaTables,
  startingSigma,
  type Levels,
} from "./sigmaSchedule.js";
import { sigmaSpacingFields, sigmaSpacingOf, timestepOf32 } from "./sigmaSpacing.js";
import { spacingFields } from "./spacing.js";

/** Euler steps of the probability-flow ODE in sigma, with the churn of Karras et al. 2022 (arXiv 2206.00364, algorithm 2). */
export const eulerDiscrete = defineScheduler(
  "EulerDiscreteScheduler",
  {
    ...noiseFields(0.0001, 0.02, "linear", BETA_SCHEDULES),
    ...spacingFields("linspace"),
    ...sigmaSpacingFields(),
    prediction_type: choice("epsilon", ["epsilon", "v_prediction", "sample", "original_sample"] as const),
    interpolation_type: choice("linear", ["linear", "log_linear"] as const),
    timestep_type: choice("discrete", ["discrete", "continuous"] as const),
    final_sigmas_type: choice("zero", ["zero", "sigma_min"] as const),
    rescale_betas_zero_snr: flag(false),
  },
  (config) => {
    const tables = sigmaTables(withFiniteEnd(signalTable(config), config.rescale_betas_zero_snr));
    const spacing = sigmaSpacingOf("EulerDiscreteScheduler", config);
    const prediction = config.prediction_type === "original_sample" ? "sample" : config.prediction_type;
    const continuous = config.timestep_type === "continuous" && prediction === "v_prediction";
    const level = levelAt(tables, spacing !== undefined);

    function levels(steps: number): Levels {
      if (config.interpolation_type === "linear") return sigmaLevels(tables, config, spacing, steps);
      const { sigmas } = tables;
      // One level more than steps, all of them kept: the loop then ends at sigma_min.
      const ends = [numpyLog(sigmas[sigmas.length - 1]!), numpyLog(sigmas[0]!)] as const;
      const between = Float64Array.from(linspace32(...ends, steps + 1), exp);
      return sigmaLevels(tables, config, spacing, steps, between);
    }

    return {
      schedules: ["sigmas"],
      initNoiseSigma: startingSigma(maxOf(tables.sigmas), config),
      scale: "exploding",
      begin: null,
      takes: CHURN,
      schedule(steps, options) {
        const explicit = explicitLevels(options, steps, tables.logs);
        const { sigmas, timesteps } = explicit ?? levels(steps);
        const final = config.final_sigmas_type === "zero" ? 0 : tables.sigmas[0]!;
        const made = sigmaSchedule(timesteps, explicit ? sigmas : [...sigmas, final], config);
        if (!continuous) return made;
        return { ...made, timesteps: made.sigmas.slice(0, -1).map((sigma) => f(0.25 * log(sigma))) };
      },
      input: scaledAtIndex,
      noisy: ({ sigmas }, { index }, options) => churnOf(sigmas, sigmas[index]!, options) > 0,
      step({ sigmas }, { index, sample, history }, output, options, noise) {
        const sigma = sigmas[index]!;
        const gamma = churnOf(sigmas, sigma, options);
        const { hat, raised } = churned(sample, sigma, gamma, noise, options);
        const x0 = predictedFromSigma(prediction, raised, output, sigma, hat);
        return { index: index + 1, history, sample: along(raised, x0, hat, f(sigmas[index + 1]! - hat)) };
      },
      mix: (timestep, schedule) => [
        1,
        continuous && !schedule ? f(Math.exp(4 * timestep)) : level(timestep, schedule),
      ],
    };
  },
);

/** Levels given by the caller, the final one included. They are float32, and so is their timestep. */
function explicitLevels({ sigmas }: ScheduleOptions, steps: number, logs: Float32Array): Levels | undefined {
  if (!sigmas) return undefined;
  if (sigmas.length !== steps + 1) {
    throw new InputError(
      `EulerDiscreteScheduler takes one sigma more than steps, the final one included, but ${steps} steps came with ${sigmas.length}.`,
    );
  }
  const levels = Float64Array.from(sigmas, f);
  return { sigmas: levels, timesteps: levels.slice(0, -1).map((sigma) => timestepOf32(sigma, logs)) };
}

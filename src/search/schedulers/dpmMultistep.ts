import { InputError } from "../inputError.js";
import { FIXED_VARIANCES } from "./ddpm.js";
import { defineScheduler } from "./defineScheduler.js";
import { DPM_ALGORITHMS, isStochastic, type DpmAlgorithm } from "./dpmFactors.js";
import { firstOrder, multistepSecond, multistepThird } from "./dpmSteps.js";
import { choice, choiceOrForeign, choiceOrNull, flag, lambdaLimit, whole } from "./fields.js";
import { BETA_SCHEDULES, noiseFields, signalTable, withFiniteEnd } from "./noiseSchedule.js";
import { thresholdFields, type ThresholdOptions } from "./prediction.js";
import type { Sampler } from "./scheduler.js";
import { sigmaTables } from "./sigmaSchedule.js";
import { flowLevel, variancePreserving, type SolverLevel } from "./solverLevel.js";
import {
  dataPrediction,
  flowFields,
  noisePrediction,
  withoutVariance,
  type SolverPrediction,
} from "./solverPrediction.js";
import { solverLevels, solverMix, solverSchedule, solverSpacingOf } from "./solverSchedule.js";
import { spacingFields } from "./spacing.js";

const NAME = "DPMSolverMultistepScheduler";

/** The fields of both DPM-Solver schedulers. */
export function dpmFields() {
  return {
    ...noiseFields(0.0001, 0.02, "linear", BETA_SCHEDULES),
    ...flowFields(),
    ...thresholdFields(),
    solver_order: whole(2, 1, 3),
    algorithm_type: dpmAlgorithm(DPM_ALGORITHMS),
    solver_type: choiceOrForeign<"midpoint" | "heun">(["midpoint", "heun"], ["logrho", "bh1", "bh2"]),
    final_sigmas_type: choice("zero", ["zero", "sigma_min"] as const),
    lambda_min_clipped: lambdaLimit(),
    // The others are DDPM's, from whose configuration it may be made.
    variance_type: choiceOrNull(["learned", "learned_range"] as const, FIXED_VARIANCES),
    time_shift_type: choice("exponential", ["exponential"] as const),
  };
}

export function dpmAlgorithm<T extends DpmAlgorithm>(names: readonly T[]) {
  return choiceOrForeign<T>(names, ["deis"]);
}

/** DPM-Solver++ 2M and its relatives: orders 1 to 3 from the predictions of the last steps (Lu et al. 2022, arXiv 2211.01095). */
export const dpmMultistep = defineScheduler(
  NAME,
  {
    ...dpmFields(),
    ...spacingFields("linspace"),
    lower_order_final: flag(true),
    euler_at_final: flag(false),
    use_lu_lambdas: flag(false),
    rescale_betas_zero_snr: flag(false),
  },
  (config): Sampler<readonly Float32Array[]> => {
    const { algorithm_type: algorithm, solver_order: order, final_sigmas_type: finalType } = config;
    refuseImpossible(NAME, config);
    solverSpacingOf(NAME, config);
    const abar = withFiniteEnd(signalTable(config), config.rescale_betas_zero_snr);
    const tables = sigmaTables(abar);
    const levelOf = config.use_flow_sigmas ? flowLevel : variancePreserving;
    return {
      schedules: ["mu"],
      initNoiseSigma: 1,
      scale: config.use_flow_sigmas ? "flow" : "preserving",
      begin: [],
      outputs: config.variance_type ? 2 : 1,
      schedule(steps, options) {
        const { sigmas, timesteps } = solverLevels(NAME, abar, tables, config, steps, options);
        return solverSchedule(timesteps, [...sigmas, finalType === "zero" ? 0 : tables.sigmas[0]!]);
      },
      noisy: () => isStochastic(algorithm),
      step({ sigmas, timesteps }, { index, sample, history }, raw, { batch = 1 }, noise) {
        const count = timesteps.length;
        const levels = [index, index - 1, index - 2]
          .filter((at) => at >= 0)
          .map((at) => levelOf(sigmas![at]!));
        const output = config.variance_type ? withoutVariance(raw, sample, batch) : raw;
        const prediction = dpmPrediction(config, sample, output, levels[0]!, sigmas![index]!, batch);
        const outputs = [prediction, ...history].slice(0, order);
        const short = config.lower_order_final && count < 15;
        const last = index === count - 1 && (config.euler_at_final || short || finalType === "zero");
        const available = last ? 1 : index === count - 2 && short ? 2 : 3;
        const step = { options: config, to: levelOf(sigmas![index + 1]!), levels, outputs, sample, noise };
        const now = Math.min(outputs.length, available);
        if (now === 3 && algorithm === "sde-dpmsolver") refuseThird(NAME, algorithm);
        return {
          index: index + 1,
          history: outputs,
          sample: [firstOrder, multistepSecond, multistepThird][now - 1]!(step),
        };
      },
      mix: solverMix(tables, config, levelOf),
    };
  },
);

interface DpmConfig extends ThresholdOptions {
  readonly algorithm_type: DpmAlgorithm;
  readonly prediction_type: SolverPrediction;
  readonly final_sigmas_type: "zero" | "sigma_min";
}

/** What the algorithm integrates: data for the ++ forms, noise for the others. */
export function dpmPrediction(
  config: DpmConfig,
  sample: Float32Array,
  output: Float32Array,
  level: SolverLevel,
  sigma: number,
  batch: number,
): Float32Array {
  const { prediction_type: prediction } = config;
  if (config.algorithm_type.endsWith("++") || prediction === "flow_prediction") {
    return dataPrediction(prediction, sample, output, level, sigma, config, batch);
  }
  return noisePrediction(prediction, sample, output, level, config, batch);
}

/** Where diffusers returns a variable that it never sets. */
export function refuseThird(name: string, algorithm: DpmAlgorithm): never {
  throw new InputError(
    `${name} has no third order for "${algorithm}", in diffusers neither. Set solver_order to 2.`,
  );
}

/** What diffusers refuses. */
export function refuseImpossible(name: string, config: DpmConfig): void {
  const { algorithm_type: algorithm } = config;
  if (algorithm.endsWith("++")) return;
  if (config.final_sigmas_type === "zero") {
    throw new InputError(
      `${name} with algorithm_type "${algorithm}" cannot end at sigma 0, where its steps are infinite. ` +
        'Set final_sigmas_type to "sigma_min", or use the ++ form.',
    );
  }
  if (config.prediction_type === "flow_prediction") {
    throw new InputError(`${name} has flow_prediction only for the ++ forms, not for "${algorithm}".`);
  }
}

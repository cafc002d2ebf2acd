import { InputError } from "../inputError.js";
import { defineScheduler } from "./defineScheduler.js";
import { choice, choiceOrForeign, flag, only, realOrNull, whole, wholeList, type Values } from "./fields.js";
import { neededMu, sameSteps, shifted, stretched, timeShifted, type ShiftType } from "./flowShift.js";
import { BETA_SCHEDULES, noiseFields, signalTable, withFiniteEnd } from "./noiseSchedule.js";
import { interpolate, linspace } from "./numpy.js";
import { thresholdFields } from "./prediction.js";
import type { Sampler, Schedule, ScheduleOptions } from "./scheduler.js";
import { sigmaTables, type SigmaTables } from "./sigmaSchedule.js";
import { respaced, sigmaSpacingOf, type SigmaSpacing } from "./sigmaSpacing.js";
import { flowLevel, variancePreserving } from "./solverLevel.js";
import { dataPrediction, flowFields, noisePrediction } from "./solverPrediction.js";
import { lookedUp, solverMix, solverSchedule } from "./solverSchedule.js";
import { solverTimesteps, spacingFields } from "./spacing.js";
import { unifiedCorrector, unifiedPredictor } from "./uniPcSteps.js";

const NAME = "UniPCMultistepScheduler";

interface History {
  /** Predictions, newest first. */
  readonly outputs: readonly Float32Array[];
  /** The corrected state of the last step, and its order. */
  readonly before: { readonly sample: Float32Array; readonly order: number } | undefined;
}

const fields = {
  ...noiseFields(0.0001, 0.02, "linear", BETA_SCHEDULES),
  ...flowFields(),
  ...thresholdFields(),
  ...spacingFields("linspace"),
  solver_order: whole(2, 1, 9),
  predict_x0: flag(true),
  solver_type: choiceOrForeign<"bh1" | "bh2">(["bh2", "bh1"], ["midpoint", "heun", "logrho"]),
  lower_order_final: flag(true),
  disable_corrector: wholeList(),
  solver_p: only(null, "another scheduler as predictor is not known here; leave it null"),
  final_sigmas_type: choice("zero", ["zero", "sigma_min"] as const),
  rescale_betas_zero_snr: flag(false),
  time_shift_type: choice<ShiftType>("exponential", ["exponential", "linear"]),
  shift_terminal: realOrNull(),
};

type Config = Values<typeof fields>;

/** UniPC (Zhao et al. 2023, arXiv 2302.04867): each model call first corrects the step that led to it, then predicts the next. */
export const uniPc = defineScheduler(NAME, fields, (config): Sampler<History> => {
  refuseImpossible(config);
  const spacing = spacingOf(config);
  const abar = withFiniteEnd(signalTable(config), config.rescale_betas_zero_snr);
  const tables = sigmaTables(abar);
  const levelOf = config.use_flow_sigmas ? flowLevel : variancePreserving;
  return {
    schedules: ["mu", "sigmas"],
    initNoiseSigma: 1,
    scale: config.use_flow_sigmas ? "flow" : "preserving",
    begin: { outputs: [], before: undefined },
    schedule: (steps, options) => schedule(config, tables, spacing, steps, options),
    step({ sigmas, timesteps }, { index, sample, history }, raw, { batch = 1 }) {
      const level = (at: number) => levelOf(sigmas![at]!);
      const { prediction_type: prediction } = config;
      const output =
        config.predict_x0 || prediction === "flow_prediction"
          ? dataPrediction(prediction, sample, raw, level(index), sigmas![index]!, config, batch)
          : noisePrediction(prediction, sample, raw, level(index), { ...config, thresholding: false }, batch);
      const { outputs: known, before } = history;
      const earlier = (at: number, all: readonly Float32Array[], order: number) =>
        all.slice(1, order).map((each, k) => ({ level: level(at - 1 - k), output: each }));
      const state =
        before && !config.disable_corrector.includes(index - 1)
          ? unifiedCorrector(
              config,
              {
                to: level(index),
                from: level(index - 1),
                output: known[0]!,
                earlier: earlier(index - 1, known, before.order),
                sample: before.sample,
              },
              output,
            )
          : sample;
      const outputs = [output, ...known].slice(0, config.solver_order);
      const left = config.lower_order_final ? timesteps.length - index : Infinity;
      const order = Math.min(config.solver_order, left, outputs.length);
      const next = unifiedPredictor(config, {
        to: level(index + 1),
        from: level(index),
        output,
        earlier: earlier(index, outputs, order),
        sample: state,
      });
      return { index: index + 1, sample: next, history: { outputs, before: { sample: state, order } } };
    },
    mix: solverMix(tables, config, levelOf),
  };
});

function refuseImpossible(config: Config): void {
  const why =
    config.solver_type === "bh1" ? 'solver_type "bh1"' : !config.predict_x0 ? "predict_x0 false" : undefined;
  if (why && config.final_sigmas_type === "zero") {
    throw new InputError(
      `${NAME} with ${why} and final_sigmas_type "zero" gives NaN, in diffusers too: the last step is infinite in log SNR. ` +
        'Set final_sigmas_type to "sigma_min".',
    );
  }
  if (!config.predict_x0 && config.prediction_type === "flow_prediction") {
    throw new InputError(`${NAME} has flow_prediction only with predict_x0.`);
  }
  if (config.shift_terminal !== null && !config.use_flow_sigmas) {
    throw new InputError(`${NAME} has shift_terminal only with use_flow_sigmas.`);
  }
}

function spacingOf(config: Config): SigmaSpacing | undefined {
  const spacing = sigmaSpacingOf(NAME, config);
  if (!config.use_flow_sigmas || !spacing || spacing === "karras") return spacing;
  throw new InputError(
    `${NAME} with use_flow_sigmas and use_${spacing}_sigmas takes the logarithm of a negative signal, in diffusers too. ` +
      "Turn one of them off.",
  );
}

function schedule(
  config: Config,
  tables: SigmaTables,
  spacing: SigmaSpacing | undefined,
  steps: number,
  options: ScheduleOptions,
): Schedule {
  const { sigmas: table, logs } = tables;
  if (options.sigmas && (!config.use_flow_sigmas || spacing)) {
    throw new InputError(`${NAME} takes sigmas only with use_flow_sigmas, and without a sigma spacing.`);
  }
  if (config.use_dynamic_shifting) neededMu(NAME, options.mu);
  const zero = config.final_sigmas_type === "zero";
  if (spacing) {
    const moved = respaced(spacing, config, table.at(-1)!, table[0]!, steps);
    const sigmas = config.use_flow_sigmas ? moved.map((sigma) => sigma / (sigma + 1)) : moved;
    const timesteps = config.use_flow_sigmas
      ? sigmas.map((sigma) => Math.trunc(sigma * config.num_train_timesteps))
      : lookedUp(sigmas, logs, spacing === "karras");
    return solverSchedule(timesteps, [...sigmas, zero ? 0 : sigmas[steps - 1]!]);
  }
  if (config.use_flow_sigmas) {
    const sigmas = flowSigmas(config, steps, options);
    const timesteps = sigmas.map((sigma) => Math.trunc(sigma * config.num_train_timesteps));
    return solverSchedule(timesteps, [...sigmas, zero ? 0 : sigmas[steps - 1]!]);
  }
  const timesteps = solverTimesteps(config, steps);
  return solverSchedule(timesteps, [...timesteps.map((t) => interpolate(t, table)), zero ? 0 : table[0]!]);
}

function flowSigmas(config: Config, steps: number, { mu, sigmas: explicit }: ScheduleOptions): number[] {
  const inDouble = (value: number): number => value;
  if (explicit) sameSteps(NAME, explicit, steps);
  const line = explicit ?? [...linspace(1, 1 / config.num_train_timesteps, steps + 1)].slice(0, -1);
  const moved = config.use_dynamic_shifting
    ? line.map((s) => timeShifted(s, neededMu(NAME, mu), config.time_shift_type, inDouble))
    : line.map((s) => shifted(s, config.flow_shift, inDouble));
  const placed = config.shift_terminal ? stretched(moved, config.shift_terminal, inDouble) : [...moved];
  // At 1 there is no signal, and its logarithm is infinite.
  if (Math.abs(placed[0]! - 1) < 1e-6) placed[0] = placed[0]! - 1e-6;
  return placed;
}

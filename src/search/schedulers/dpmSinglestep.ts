import { InputError } from "../inputError.js";
import { defineScheduler } from "./defineScheduler.js";
import { isStochastic } from "./dpmFactors.js";
import { dpmAlgorithm, dpmFields, dpmPrediction, refuseImpossible } from "./dpmMultistep.js";
import { firstOrder, singlestepSecond, singlestepThird } from "./dpmSteps.js";
import { flag } from "./fields.js";
import { signalTable } from "./noiseSchedule.js";
import type { LevelledSchedule, Sampler } from "./scheduler.js";
import { sigmaTables } from "./sigmaSchedule.js";
import { flowLevel, variancePreserving } from "./solverLevel.js";
import { withoutVariance } from "./solverPrediction.js";
import { solverLevels, solverMix, solverSchedule, solverSpacingOf } from "./solverSchedule.js";

const NAME = "DPMSolverSinglestepScheduler";

interface History {
  /** Newest first. */
  readonly outputs: readonly Float32Array[];
  /** The state at the start of the current group of steps. */
  readonly from: Float32Array | undefined;
}

interface GroupedSchedule extends LevelledSchedule {
  readonly orders: readonly number[];
}

/** DPM-Solver++ in groups of up to three calls (2S, 3S): each group starts anew from its first state. */
export const dpmSinglestep = defineScheduler(
  NAME,
  {
    ...dpmFields(),
    algorithm_type: dpmAlgorithm(["dpmsolver++", "dpmsolver", "sde-dpmsolver++"] as const),
    lower_order_final: flag(false),
  },
  (given): Sampler<History, GroupedSchedule> => {
    const config = { ...given, timestep_spacing: "linspace" as const, steps_offset: 0 };
    const { solver_order: order, final_sigmas_type: finalType } = config;
    refuseImpossible(NAME, config);
    if (config.thresholding && config.algorithm_type === "dpmsolver") {
      throw new InputError(
        `${NAME} has no thresholding for "dpmsolver": diffusers looks its level up without a timestep.`,
      );
    }
    // Rounded whatever the beta schedule.
    const rounding = { ...config, beta_schedule: "linear" };
    solverSpacingOf(NAME, config);
    const abar = signalTable(config);
    const tables = sigmaTables(abar);
    const ordersOf = (steps: number): readonly number[] =>
      orders(steps, order, finalType === "zero" || (config.lower_order_final && steps % order === 0));
    const levelOf = config.use_flow_sigmas ? flowLevel : variancePreserving;
    return {
      schedules: ["mu"],
      initNoiseSigma: 1,
      scale: config.use_flow_sigmas ? "flow" : "preserving",
      begin: { outputs: [], from: undefined },
      outputs: config.variance_type ? 2 : 1,
      schedule(steps, options) {
        const { sigmas, timesteps } = solverLevels(NAME, abar, tables, rounding, steps, options);
        const made = solverSchedule(timesteps, [...sigmas, finalType === "zero" ? 0 : tables.sigmas[0]!]);
        return { ...made, orders: ordersOf(steps) };
      },
      // A group of steps that is cut in two would lose its start.
      tail({ timesteps, sigmas, ...made }, index) {
        const left = timesteps.slice(index);
        return { ...made, timesteps: left, sigmas: sigmas.slice(index), orders: ordersOf(left.length) };
      },
      noisy: () => isStochastic(config.algorithm_type),
      step(schedule, { index, sample, history }, raw, { batch = 1 }, noise) {
        const { sigmas } = schedule;
        const levels = [index, index - 1, index - 2]
          .filter((at) => at >= 0)
          .map((at) => levelOf(sigmas[at]!));
        const output = config.variance_type ? withoutVariance(raw, sample, batch) : raw;
        const prediction = dpmPrediction(config, sample, output, levels[0]!, sigmas[index]!, batch);
        const outputs = [prediction, ...history.outputs].slice(0, order);
        const now = Math.min(schedule.orders[index]!, outputs.length);
        const from = now === 1 ? sample : history.from!;
        const used = [firstOrder, singlestepSecond, singlestepThird][now - 1]!;
        const step = {
          options: config,
          to: levelOf(sigmas[index + 1]!),
          levels,
          outputs,
          sample: from,
          noise,
        };
        return { index: index + 1, history: { outputs, from }, sample: used(step) };
      },
      mix: solverMix(tables, config, levelOf),
    };
  },
);

/** 1, 2, 3, 1, 2, 3, ... up to `order`; the last step may have to be of first order. */
function orders(steps: number, order: number, euler: boolean): number[] {
  return Array.from({ length: steps }, (_, i) => (euler && i === steps - 1 ? 1 : 1 + (i % order)));
}

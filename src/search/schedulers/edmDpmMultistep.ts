import { defineScheduler } from "./defineScheduler.js";
import { isStochastic } from "./dpmFactors.js";
import { dpmAlgorithm, refuseThird } from "./dpmMultistep.js";
import { firstOrder, multistepSecond, multistepThird } from "./dpmSteps.js";
import {
  edmFields,
  edmMix,
  edmStart,
  edmTimesteps,
  exponentialSigmas,
  preconditioned,
  preconditionedInput,
} from "./edm.js";
import { choiceOrForeign, flag, whole } from "./fields.js";
import { f, linspace32 } from "./float32.js";
import { thresholdFields } from "./prediction.js";
import type { LevelledSchedule, Sampler } from "./scheduler.js";
import { varianceExploding } from "./solverLevel.js";
import { thresholded } from "./threshold.js";

const NAME = "EDMDPMSolverMultistepScheduler";

/** DPM-Solver++ in EDM's parametrisation (Cosmos and Playground 2.5 use it): alpha is 1 throughout. */
export const edmDpmMultistep = defineScheduler(
  NAME,
  {
    ...edmFields(),
    ...thresholdFields(),
    solver_order: whole(2, 1, 3),
    algorithm_type: dpmAlgorithm(["dpmsolver++", "sde-dpmsolver++"] as const),
    solver_type: choiceOrForeign<"midpoint" | "heun">(["midpoint", "heun"], ["logrho", "bh1", "bh2"]),
    lower_order_final: flag(true),
    euler_at_final: flag(false),
  },
  (config): Sampler<readonly Float32Array[], LevelledSchedule> => {
    const { algorithm_type: algorithm, final_sigmas_type: finalType, solver_order: order } = config;
    return {
      initNoiseSigma: edmStart(config),
      scale: "exploding",
      deviation: config.sigma_data,
      begin: [],
      schedule(steps) {
        const levels =
          config.sigma_schedule === "karras" ? karras32(config, steps) : exponentialSigmas(config, steps);
        return {
          timesteps: edmTimesteps(levels),
          sigmas: Float64Array.from([...levels, finalType === "zero" ? 0 : f(config.sigma_min)]),
          initNoiseSigma: edmStart(config),
        };
      },
      input: ({ sigmas }, { index, sample }) => preconditionedInput(sample, sigmas[index]!, config),
      noisy: () => isStochastic(algorithm),
      step({ sigmas, timesteps }, { index, sample, history }, output, { batch = 1 }, noise) {
        const count = timesteps.length;
        const levels = [index, index - 1, index - 2]
          .filter((at) => at >= 0)
          .map((at) => varianceExploding(sigmas[at]!));
        const free = preconditioned(sample, output, sigmas[index]!, config);
        const x0 = config.thresholding ? thresholded(free, config, batch) : free;
        const outputs = [x0, ...history].slice(0, order);
        const short = config.lower_order_final && count < 15;
        const last = index === count - 1 && (config.euler_at_final || short || finalType === "zero");
        const available = last ? 1 : index === count - 2 && short ? 2 : 3;
        const step = {
          options: config,
          to: varianceExploding(sigmas[index + 1]!),
          levels,
          outputs,
          sample,
          noise,
        };
        const now = Math.min(outputs.length, available);
        if (now === 3 && isStochastic(algorithm)) refuseThird(NAME, algorithm);
        return {
          index: index + 1,
          history: outputs,
          sample: [firstOrder, multistepSecond, multistepThird][now - 1]!(step),
        };
      },
      mix: edmMix,
    };
  },
);

/** Here diffusers computes the ramp in float32: 79.99998 for 80. */
function karras32(config: { sigma_min: number; sigma_max: number; rho: number }, steps: number): number[] {
  const { sigma_min: min, sigma_max: max, rho } = config;
  const [high, low] = [max ** (1 / rho), min ** (1 / rho)];
  return [...linspace32(0, 1, steps)].map((ramp) => f(f(f(high) + f(ramp * f(low - high))) ** rho));
}

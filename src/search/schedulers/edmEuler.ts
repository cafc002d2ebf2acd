import { CHURN, along, churnOf, churned } from "./churn.js";
import { defineScheduler } from "./defineScheduler.js";
import {
  edmFields,
  edmMix,
  edmStart,
  edmTimesteps,
  exponentialSigmas,
  preconditioned,
  preconditionedInput,
} from "./edm.js";
import { f } from "./float32.js";
import { karras } from "./sigmaSpacing.js";

const NAME = "EDMEulerScheduler";

/** Euler steps with the preconditioning of EDM (Karras et al. 2022, algorithm 2 without its correction). */
export const edmEuler = defineScheduler(NAME, edmFields(), (config) => ({
  initNoiseSigma: edmStart(config),
  scale: "exploding",
  deviation: config.sigma_data,
  begin: null,
  takes: CHURN,
  schedule(steps) {
    const levels =
      config.sigma_schedule === "karras"
        ? [...karras(config.sigma_max, config.sigma_min, steps, config.rho)].map(f)
        : exponentialSigmas(config, steps);
    const final = config.final_sigmas_type === "zero" ? 0 : levels[levels.length - 1]!;
    return {
      timesteps: edmTimesteps(levels),
      sigmas: Float64Array.from([...levels, final]),
      initNoiseSigma: edmStart(config),
    };
  },
  input: ({ sigmas }, { index, sample }) => preconditionedInput(sample, sigmas[index]!, config),
  noisy: ({ sigmas }, { index }, options) => churnOf(sigmas, sigmas[index]!, options) > 0,
  step({ sigmas }, { index, sample, history }, output, options, noise) {
    const sigma = sigmas[index]!;
    const { hat, raised } = churned(sample, sigma, churnOf(sigmas, sigma, options), noise, options);
    const x0 = preconditioned(raised, output, hat, config);
    return { index: index + 1, history, sample: along(raised, x0, hat, f(sigmas[index + 1]! - hat)) };
  },
  mix: edmMix,
}));

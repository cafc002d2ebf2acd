import { consistencyFields, consistencyTimesteps } from "./consistency.js";
import { defineScheduler } from "./defineScheduler.js";
import { combine, f, sqrt, square } from "./float32.js";
import { signalTable } from "./noiseSchedule.js";
import { clipped, predicted } from "./prediction.js";
import { plainSchedule, refuseNoSignal, signalAt, signalMix } from "./signal.js";

/** Of the boundary condition; diffusers has it fixed. */
const SIGMA_DATA_SQUARED = 0.25;

/** Latent consistency models (Luo et al. 2023, arXiv 2310.04378, algorithm 3): predict the end, add the noise of the next level. */
export const lcm = defineScheduler("LCMScheduler", consistencyFields(), (config) => {
  const abar = signalTable(config);
  return {
    initNoiseSigma: 1,
    begin: null,
    schedule(steps) {
      const timesteps = consistencyTimesteps("LCMScheduler", config, steps);
      refuseNoSignal("LCMScheduler", config.prediction_type, abar, timesteps);
      return plainSchedule(timesteps);
    },
    noisy: (schedule, { index }) => index < schedule.timesteps.length - 1,
    step(schedule, { index, sample, history }, output, { batch = 1 }, noise) {
      const t = schedule.timesteps[index]!;
      const a = signalAt(abar, t);
      const pair = predicted(config.prediction_type, sample, output, sqrt(a), sqrt(f(1 - a)));
      const scaled = f(t * f(config.timestep_scaling));
      const total = f(square(scaled) + SIGMA_DATA_SQUARED);
      const denoised = combine(
        [f(scaled / sqrt(total)), clipped(pair.x0, config, batch)],
        [f(SIGMA_DATA_SQUARED / total), sample],
      );
      const next = schedule.timesteps[index + 1];
      if (next === undefined) return { index: index + 1, history, sample: denoised };
      const after = signalAt(abar, next);
      return {
        index: index + 1,
        history,
        sample: combine([sqrt(after), denoised], [sqrt(f(1 - after)), noise]),
      };
    },
    mix: signalMix(abar),
  };
});

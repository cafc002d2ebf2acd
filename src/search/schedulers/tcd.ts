import { InputError } from "../inputError.js";
import { consistencyFields, consistencyTimesteps } from "./consistency.js";
import { defineScheduler } from "./defineScheduler.js";
import { combine, f, sqrt } from "./float32.js";
import { signalTable } from "./noiseSchedule.js";
import { predicted } from "./prediction.js";
import { plainSchedule, refuseNoSignal, signalAt, signalMix } from "./signal.js";

/**
 * Trajectory consistency distillation (Zheng et al. 2024, arXiv 2402.19159, algorithm 4): to (1 - eta) of the next timestep along the
 * trajectory, and back up to it with noise. eta 0 is DDIM with trailing spacing.
 */
export const tcd = defineScheduler("TCDScheduler", consistencyFields(), (config) => {
  const abar = signalTable(config);
  return {
    initNoiseSigma: 1,
    begin: null,
    takes: ["eta"],
    schedule(steps) {
      const timesteps = consistencyTimesteps("TCDScheduler", config, steps);
      refuseNoSignal("TCDScheduler", config.prediction_type, abar, timesteps);
      return plainSchedule(timesteps);
    },
    noisy: (schedule, { index }, { eta = 0.3 }) => eta > 0 && index < schedule.timesteps.length - 1,
    step(schedule, { index, sample, history }, output, { eta = 0.3 }, noise) {
      if (eta > 1) throw new InputError(`eta is ${eta}, but TCDScheduler takes a number from 0 to 1.`);
      const t = schedule.timesteps[index]!;
      const next = schedule.timesteps[index + 1];
      const a = signalAt(abar, t);
      const s = signalAt(abar, Math.floor(f(f(1 - eta) * (next ?? 0))));
      const pair = predicted(config.prediction_type, sample, output, sqrt(a), sqrt(f(1 - a)));
      const along = combine([sqrt(s), pair.x0], [sqrt(f(1 - s)), pair.epsilon]);
      if (eta === 0 || next === undefined) return { index: index + 1, history, sample: along };
      const ratio = f(signalAt(abar, next) / s);
      return {
        index: index + 1,
        history,
        sample: combine([sqrt(ratio), along], [sqrt(f(1 - ratio)), noise]),
      };
    },
    mix: signalMix(abar),
  };
});

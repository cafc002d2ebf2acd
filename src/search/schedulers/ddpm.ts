import { floats, mapped } from "./arena.js";
import { InputError } from "../inputError.js";
import { defineScheduler } from "./defineScheduler.js";
import { choice, flag } from "./fields.js";
import { combine, exp, f, log, sqrt } from "./float32.js";
import { SIGNAL_PREDICTIONS } from "./ddim.js";
import { BETA_SCHEDULES, noiseFields, signalTable } from "./noiseSchedule.js";
import { clipFields, clipped, predicted, type Prediction } from "./prediction.js";
import { plainSchedule, refuseNoSignal, signalAt, signalMix, withNoise } from "./signal.js";
import { refuseMoreThanTrained, spacingFields, wholeTimesteps } from "./spacing.js";
import { sizeOfOne } from "./threshold.js";

/** Names of variances that need nothing of the model. */
export const FIXED_VARIANCES = ["fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log"] as const;
type Variance = (typeof FIXED_VARIANCES)[number] | "learned" | "learned_range";

/** DDPM (Ho et al. 2020, arXiv 2006.11239, equations 6 and 7); the previous timestep is the next of the schedule. */
export const ddpm = defineScheduler(
  "DDPMScheduler",
  {
    ...noiseFields(0.0001, 0.02, "linear", [...BETA_SCHEDULES, "laplace", "sigmoid"]),
    ...spacingFields("leading"),
    ...clipFields(true),
    variance_type: choice<Variance>("fixed_small", [...FIXED_VARIANCES, "learned", "learned_range"]),
    prediction_type: choice<Prediction>("epsilon", SIGNAL_PREDICTIONS),
    rescale_betas_zero_snr: flag(false),
  },
  (config) => {
    if (config.variance_type === "fixed_large_log") {
      throw new InputError(
        'DDPMScheduler with variance_type "fixed_large_log" takes the root of a negative number, in diffusers too. ' +
          'Use "fixed_large".',
      );
    }
    const abar = signalTable(config);
    const learned = config.variance_type === "learned" || config.variance_type === "learned_range";
    return {
      initNoiseSigma: 1,
      begin: null,
      outputs: learned ? 2 : 1,
      schedule(steps) {
        refuseMoreThanTrained("DDPMScheduler", config, steps);
        const timesteps = wholeTimesteps(config, steps);
        refuseNoSignal("DDPMScheduler", config.prediction_type, abar, timesteps);
        return plainSchedule(timesteps);
      },
      noisy: (schedule, { index }) => schedule.timesteps[index]! > 0,
      step(schedule, { index, sample, history }, output, { batch = 1 }, noise) {
        const t = schedule.timesteps[index]!;
        const before = schedule.timesteps[index + 1] ?? -1;
        const a = signalAt(abar, t);
        const previous = before >= 0 ? signalAt(abar, before) : 1;
        const alpha = f(a / previous);
        const [rest, restBefore, beta] = [f(1 - a), f(1 - previous), f(1 - alpha)];
        const [mainOutput, variance] = learned ? splitChannels(output, sample, batch) : [output, undefined];
        const { x0 } = predicted(config.prediction_type, sample, mainOutput, sqrt(a), sqrt(rest));
        const mean = combine(
          [f(f(sqrt(previous) * beta) / rest), clipped(x0, config, batch)],
          [f(f(sqrt(alpha) * restBefore) / rest), sample],
        );
        if (t <= 0) return { index: index + 1, history, sample: mean };
        const small = f(Math.max(f(f(restBefore / rest) * beta), 1e-20));
        if (variance) {
          const range = config.variance_type === "learned_range";
          const deviations = mapped(variance, range ? rangeDeviation(small, beta) : Math.sqrt);
          return {
            index: index + 1,
            history,
            sample: mapped(mean, (m, i) => m + f(deviations[i]! * noise[i]!)),
          };
        }
        const deviation =
          config.variance_type === "fixed_small_log"
            ? exp(f(0.5 * log(small)))
            : sqrt(config.variance_type === "fixed_large" ? beta : small);
        return { index: index + 1, history, sample: withNoise(mean, deviation, noise) };
      },
      mix: signalMix(abar),
    };
  },
);

/** Nichol and Dhariwal 2021 (arXiv 2102.09672), equation 15: the output, -1 to 1, lies between both fixed variances in logarithm. */
function rangeDeviation(small: number, large: number): (value: number) => number {
  const [low, high] = [log(small), log(large)];
  return (value) => {
    const share = f(f(value + 1) / 2);
    return exp(f(0.5 * f(f(share * high) + f(f(1 - share) * low))));
  };
}

/** An output with twice the channels: prediction and variance, one after the other in each image. */
function splitChannels(
  output: Float32Array,
  sample: Float32Array,
  batch: number,
): [Float32Array, Float32Array] {
  if (output.length !== 2 * sample.length) {
    throw new InputError(
      `A learned variance needs twice the sample's ${sample.length} values from the model, but it gave ${output.length}.`,
    );
  }
  const size = sizeOfOne(sample, batch);
  const halves: [Float32Array, Float32Array] = [floats(sample.length), floats(sample.length)];
  for (let image = 0; image < batch; image++) {
    halves.forEach((half, which) => {
      const from = (2 * image + which) * size;
      half.set(output.subarray(from, from + size), image * size);
    });
  }
  return halves;
}

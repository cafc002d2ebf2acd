import { InputError } from "../inputError.js";
import { defineScheduler } from "./defineScheduler.js";
import { choice, flag } from "./fields.js";
import { combine, f, sqrt, square, subtractThenDivide } from "./float32.js";
import { BETA_SCHEDULES, noiseFields, signalTable } from "./noiseSchedule.js";
import { clipFields, clipped, predicted, type Prediction } from "./prediction.js";
import type { Sampler, Schedule } from "./scheduler.js";
import { plainSchedule, refuseNoSignal, signalAt, signalMix, withNoise } from "./signal.js";
import { refuseMoreThanTrained, spacingFields, wholeTimesteps } from "./spacing.js";

interface StridedSchedule extends Schedule {
  /** Training timesteps from one step to the next, wherever a trajectory begins. */
  readonly stride: number;
}

export const SIGNAL_PREDICTIONS: readonly Prediction[] = ["epsilon", "sample", "v_prediction"];

/**
 * DDIM (Song et al. 2020, arXiv 2010.02502, equation 12). As in diffusers, the previous timestep is T/N training steps back whatever
 * the spacing, and the noise is not derived again from a clipped prediction unless `useClippedModelOutput` asks for it.
 */
export const ddim = defineScheduler(
  "DDIMScheduler",
  {
    ...noiseFields(0.0001, 0.02, "linear", BETA_SCHEDULES),
    ...spacingFields("leading"),
    ...clipFields(true),
    prediction_type: choice<Prediction>("epsilon", SIGNAL_PREDICTIONS),
    set_alpha_to_one: flag(true),
    rescale_betas_zero_snr: flag(false),
  },
  (config): Sampler<null, StridedSchedule> => {
    const abar = signalTable(config);
    const total = config.num_train_timesteps;
    const final = config.set_alpha_to_one ? 1 : abar[0]!;
    return {
      initNoiseSigma: 1,
      begin: null,
      takes: ["eta", "useClippedModelOutput"],
      schedule(steps) {
        refuseMoreThanTrained("DDIMScheduler", config, steps);
        const timesteps = wholeTimesteps(config, steps);
        refuseNoSignal("DDIMScheduler", config.prediction_type, abar, timesteps);
        return { ...plainSchedule(timesteps), stride: Math.floor(total / timesteps.length) };
      },
      noisy: (_schedule, _state, { eta = 0 }) => eta > 0,
      step(schedule, { index, sample, history }, output, options, noise) {
        const { eta = 0, useClippedModelOutput = false, batch = 1 } = options;
        const t = schedule.timesteps[index]!;
        const before = t - schedule.stride;
        const a = signalAt(abar, t);
        const previous = before >= 0 ? signalAt(abar, before) : final;
        const [alpha, sigma] = [sqrt(a), sqrt(f(1 - a))];
        const pair = predicted(config.prediction_type, sample, output, alpha, sigma);
        const x0 = clipped(pair.x0, config, batch);
        const epsilon = useClippedModelOutput ? subtractThenDivide(sample, alpha, x0, sigma) : pair.epsilon;
        const variance = f(f(f(1 - previous) / f(1 - a)) * f(1 - f(a / previous)));
        const deviation = f(f(eta) * sqrt(variance));
        const direction = f(f(1 - previous) - square(deviation));
        if (!(direction >= 0)) {
          throw new InputError(
            `eta ${eta} asks for more noise than there is at timestep ${t}. Take a smaller one.`,
          );
        }
        const mean = combine([sqrt(previous), x0], [sqrt(direction), epsilon]);
        return { index: index + 1, history, sample: eta > 0 ? withNoise(mean, deviation, noise) : mean };
      },
      mix: signalMix(abar),
    };
  },
);

import { mapped } from "./arena.js";
import { CHURN, churnOf, churned, derivative } from "./churn.js";
import { defineScheduler } from "./defineScheduler.js";
import { real, whole } from "./fields.js";
import { combine, f } from "./float32.js";
import { flowEnds, flowMix, flowSchedule } from "./flowMatchEuler.js";
import { shifted } from "./flowShift.js";
import type { Halfway } from "./heunDiscrete.js";
import { linspace } from "./numpy.js";
import type { Sampler } from "./scheduler.js";
import { everySecond, twiceAfterFirst } from "./sigmaSchedule.js";

const NAME = "FlowMatchHeunDiscreteScheduler";

/** Heun's method for flow matching. The churn of diffusers adds noise before both calls of a step and counts it in the slopes. */
export const flowMatchHeun = defineScheduler(
  NAME,
  { num_train_timesteps: whole(1000, 1, 100_000), shift: real(1) },
  ({ num_train_timesteps: total, shift }): Sampler<Halfway | undefined> => {
    const ends = flowEnds(total, shift);
    return {
      initNoiseSigma: 1,
      scale: "flow",
      stops: everySecond,
      begin: undefined,
      takes: CHURN,
      schedule(steps) {
        const line = [...linspace(ends.max * total, ends.min * total, steps)];
        const levels = line.map((t) => f(shifted(t / total, shift, (value) => value)));
        return flowSchedule(twiceAfterFirst(levels.map((s) => f(s * total))), [
          ...twiceAfterFirst(levels),
          0,
        ]);
      },
      noisy({ sigmas }, { index, history }, options) {
        return churnOf(sigmas!, sigmas![history ? index - 1 : index]!, options) > 0;
      },
      step({ sigmas }, { index, sample, history }, output, options, noise) {
        const sigma = sigmas![history ? index - 1 : index]!;
        const { hat, raised } = churned(sample, sigma, churnOf(sigmas!, sigma, options), noise, options);
        const seen = sigmas![index]!;
        const x0 = combine([1, raised], [-seen, output]);
        if (history) {
          const second = derivative(raised, x0, seen);
          const slope = mapped(history.slope, (first, i) => 0.5 * f(first + second[i]!));
          return {
            index: index + 1,
            history: undefined,
            sample: combine([1, history.from], [history.length, slope]),
          };
        }
        const slope = derivative(raised, x0, hat);
        const length = f(sigmas![index + 1]! - hat);
        return {
          index: index + 1,
          history: { from: raised, slope, length },
          sample: combine([1, raised], [length, slope]),
        };
      },
      mix: flowMix(total),
    };
  },
);

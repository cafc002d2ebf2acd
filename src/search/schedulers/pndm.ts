import { mapped } from "./arena.js";
import { InputError } from "../inputError.js";
import { defineScheduler } from "./defineScheduler.js";
import { choice, flag } from "./fields.js";
import { combine, divide, f, sqrt } from "./float32.js";
import { BETA_SCHEDULES, noiseFields, signalTable } from "./noiseSchedule.js";
import type { Sampler, Schedule, State } from "./scheduler.js";
import { signalAt, signalMix } from "./signal.js";
import { refuseMoreThanTrained, spacingFields, wholeTimesteps } from "./spacing.js";

interface History {
  /** Calls so far. */
  readonly counter: number;
  /** The last outputs, newest last. */
  readonly outputs: readonly Float32Array[];
  /** Runge-Kutta: the weighted sum of the outputs of this step. */
  readonly sum: Float32Array | undefined;
  /** The state that the step started from. */
  readonly from: Float32Array | undefined;
}

interface PndmSchedule extends Schedule {
  /** Calls of the Runge-Kutta start. */
  readonly prk: number;
  /** Position at which each step begins. */
  readonly stops: readonly number[];
  /** Training timesteps from one step to the next. */
  readonly stride: number;
}

/** PNDM (Liu et al. 2022, arXiv 2202.09778): a Runge-Kutta start unless `skip_prk_steps`, then linear multistep (PLMS). */
export const pndm = defineScheduler(
  "PNDMScheduler",
  {
    ...noiseFields(0.0001, 0.02, "linear", BETA_SCHEDULES),
    ...spacingFields("leading"),
    skip_prk_steps: flag(false),
    set_alpha_to_one: flag(false),
    prediction_type: choice("epsilon", ["epsilon", "v_prediction"] as const),
  },
  (config): Sampler<History, PndmSchedule> => {
    const abar = signalTable(config);
    const total = config.num_train_timesteps;
    const final = config.set_alpha_to_one ? 1 : abar[0]!;

    /** Equation 11 of the paper: from one training timestep to another along a given noise. */
    function transfer(sample: Float32Array, t: number, before: number, output: Float32Array): Float32Array {
      const a = signalAt(abar, t);
      const previous = before >= 0 ? signalAt(abar, before) : final;
      const [rest, restBefore] = [f(1 - a), f(1 - previous)];
      const epsilon =
        config.prediction_type === "v_prediction" ? combine([sqrt(a), output], [sqrt(rest), sample]) : output;
      const scale = sqrt(f(previous / a));
      const divisor = f(f(a * sqrt(restBefore)) + sqrt(f(f(a * rest) * previous)));
      const factor = f(previous - a);
      return mapped(sample, (x, i) => f(scale * x) - f(f(factor * epsilon[i]!) / divisor));
    }

    function rungeKutta(schedule: PndmSchedule, state: State<History>, output: Float32Array): State<History> {
      const { index, sample, history } = state;
      const { counter, outputs } = history;
      const stage = counter % 4;
      const before = schedule.timesteps[index]! - (counter % 2 ? 0 : Math.floor(schedule.stride / 2));
      const from = stage === 0 ? sample : (history.from ?? sample);
      const weight = stage === 0 || stage === 3 ? 1 / 6 : 1 / 3;
      const sum = history.sum ? combine([1, history.sum], [weight, output]) : combine([weight, output]);
      const t = schedule.timesteps[Math.floor(counter / 4) * 4]!;
      return {
        index: index + 1,
        sample: transfer(from, t, before, stage === 3 ? sum : output),
        history: {
          counter: counter + 1,
          outputs: stage === 0 ? [...outputs, output] : outputs,
          sum: stage === 3 ? undefined : sum,
          from,
        },
      };
    }

    function multistep(schedule: PndmSchedule, state: State<History>, output: Float32Array): State<History> {
      const { index, sample, history } = state;
      const { counter } = history;
      const t = schedule.timesteps[index]!;
      const second = counter === 1;
      const outputs = second ? history.outputs : [...history.outputs.slice(-3), output];
      const next = {
        counter: counter + 1,
        outputs,
        sum: undefined,
        from: counter === 0 ? sample : undefined,
      };
      // The second call refines the first step from where it started.
      const [from, to] = second ? [t + schedule.stride, t] : [t, t - schedule.stride];
      const start = second ? (history.from ?? sample) : sample;
      return {
        index: index + 1,
        history: next,
        sample: transfer(start, from, to, blended(outputs, output, second)),
      };
    }

    return {
      initNoiseSigma: 1,
      begin: { counter: 0, outputs: [], sum: undefined, from: undefined },
      schedule(steps) {
        refuseMoreThanTrained("PNDMScheduler", config, steps);
        const stride = Math.floor(total / steps);
        const spaced = wholeTimesteps(config, steps);
        if (config.skip_prk_steps) return refined(spaced, stride);
        if (steps < 4) {
          throw new InputError(
            `PNDMScheduler needs at least 4 steps for its Runge-Kutta start, not ${steps}. Or set skip_prk_steps.`,
          );
        }
        const half = Math.floor(stride / 2);
        const stages = spaced.slice(0, 4).flatMap((t, i) => {
          const both = [t + half, t];
          return i === 0 ? [t] : both.flatMap((each) => [each, each]);
        });
        const prk = stages.slice(0, -1);
        const timesteps = Float64Array.from([...prk, ...spaced.slice(3)]);
        const stops = spaced.map((_, i) => (i < 4 ? 4 * i : prk.length + i - 3));
        return { timesteps, prk: prk.length, stops, stride, initNoiseSigma: 1 };
      },
      stops: ({ stops }) => [...stops],
      tail: ({ timesteps, stops, stride }, index) =>
        refined(
          stops.filter((stop) => stop >= index).map((stop) => timesteps[stop]!),
          stride,
        ),
      step: (schedule, state, output) =>
        (state.history.counter < schedule.prk ? rungeKutta : multistep)(schedule, state, output),
      mix: signalMix(abar),
    };
  },
);

/** Without a Runge-Kutta start the first step is made twice: once as a guess, and again with the mean of both slopes. */
function refined(spaced: readonly number[], stride: number): PndmSchedule {
  const [first, ...rest] = spaced;
  const twice = rest.length > 0;
  const timesteps = Float64Array.from(twice ? [first!, rest[0]!, ...rest] : spaced);
  const stops = spaced.map((_, i) => (i > 0 ? i + 1 : 0));
  return { timesteps, prk: 0, stops, stride, initNoiseSigma: 1 };
}

/** Adams-Bashforth of as many outputs as there are, newest last. */
function blended(outputs: readonly Float32Array[], output: Float32Array, second: boolean): Float32Array {
  const [last, one, two, three] = outputs.toReversed();
  if (second && outputs.length === 1) return divide(combine([1, output], [1, last!]), 2);
  if (outputs.length === 1) return output;
  if (outputs.length === 2) return divide(combine([3, last!], [-1, one!]), 2);
  if (outputs.length === 3) return divide(combine([23, last!], [-16, one!], [5, two!]), 12);
  return combine([1 / 24, combine([55, last!], [-59, one!], [37, two!], [-9, three!])]);
}

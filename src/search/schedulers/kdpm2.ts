import { derivative } from "./churn.js";
import { defineScheduler } from "./defineScheduler.js";
import { ancestral } from "./eulerAncestral.js";
import { choice, type Values } from "./fields.js";
import { combine, exp, f, log } from "./float32.js";
import { BETA_SCHEDULES, noiseFields, signalTable } from "./noiseSchedule.js";
import { roundHalfEven } from "./numpy.js";
import { predictedFromSigma } from "./prediction.js";
import type { LevelledSchedule, Sampler, State } from "./scheduler.js";
import {
  levelAt,
  scaledInput,
  sigmaLevels,
  sigmaSchedule,
  sigmaTables,
  everySecond,
  twiceAfterFirst,
} from "./sigmaSchedule.js";
import { sigmaSpacingFields, sigmaSpacingOf, timestepOf32, type SigmaSpacing } from "./sigmaSpacing.js";
import { withNoise } from "./signal.js";
import { spacingFields } from "./spacing.js";

interface MidpointSchedule extends LevelledSchedule {
  /** The level of the second call of a step, at the positions where diffusers keeps it. */
  readonly middles: Float64Array;
  readonly up?: Float64Array;
  readonly down?: Float64Array;
}

/** Undefined before the first call of a step; then the state that it started from. */
type From = Float32Array | undefined;

const fields = {
  ...noiseFields(0.00085, 0.012, "linear", BETA_SCHEDULES),
  ...spacingFields("linspace"),
  ...sigmaSpacingFields(),
  prediction_type: choice("epsilon", ["epsilon", "v_prediction"] as const),
};

/** DPM-Solver-2 as k-diffusion has it (Karras et al. 2022 with the geometric mean as midpoint): two calls a step, the last one Euler's. */
export const kdpm2 = defineScheduler(
  "KDPM2DiscreteScheduler",
  fields,
  (config): Sampler<From, MidpointSchedule> => {
    const { schedule, level } = midpoints("KDPM2DiscreteScheduler", config, (sigmas) => ({
      // Towards the level before; the first one goes to infinity and is not used.
      middles: sigmas.map((sigma, i) => middle(sigma, sigmas[i === 0 ? sigmas.length - 1 : i - 1]!)),
      between: [1, -1],
    }));
    return {
      initNoiseSigma: schedule(config.num_train_timesteps).initNoiseSigma,
      scale: "exploding",
      stops: everySecond,
      tail: rest,
      begin: undefined,
      schedule,
      input: ({ sigmas, middles }, { index, sample, history }) =>
        scaledInput(sample, history ? middles[index]! : sigmas[index]!),
      step({ sigmas, middles }, state, output) {
        const { index, history } = state;
        const sigma = history ? sigmas[index - 1]! : sigmas[index]!;
        const half = history ? middles[index]! : middles[index + 1]!;
        return move(config.prediction_type, state, output, sigma, half, history ? sigmas[index]! : undefined);
      },
      mix: (timestep, made) => [1, level(timestep, made)],
    };
  },
);

/** The same with ancestral noise after each step. */
export const kdpm2Ancestral = defineScheduler(
  "KDPM2AncestralDiscreteScheduler",
  fields,
  (config): Sampler<From, MidpointSchedule> => {
    const { schedule, level } = midpoints("KDPM2AncestralDiscreteScheduler", config, (sigmas) => {
      const nexts = sigmas.map((sigma, i) =>
        i + 1 < sigmas.length ? ancestral(sigma, sigmas[i + 1]!) : { up: 0, down: 0 },
      );
      const down = nexts.map((next) => next.down);
      return {
        middles: sigmas.map((sigma, i) => (i < sigmas.length - 2 ? middle(sigma, down[i]!) : 0)),
        between: [0, -2],
        up: nexts.map((next) => next.up),
        down,
      };
    });
    return {
      initNoiseSigma: schedule(config.num_train_timesteps).initNoiseSigma,
      scale: "exploding",
      stops: everySecond,
      tail: rest,
      begin: undefined,
      schedule,
      input: ({ sigmas, middles }, { index, sample, history }) =>
        scaledInput(sample, history ? middles[index - 1]! : sigmas[index]!),
      noisy: (_schedule, { history }) => history !== undefined,
      step({ sigmas, middles, up, down }, state, output, _options, noise) {
        const { index, history } = state;
        const at = history ? index - 1 : index;
        const moved = move(
          config.prediction_type,
          state,
          output,
          sigmas[at]!,
          middles[at]!,
          history ? down![at]! : undefined,
        );
        return history ? { ...moved, sample: withNoise(moved.sample, up![at]!, noise) } : moved;
      },
      mix: (timestep, made) => [1, level(timestep, made)],
    };
  },
);

/** The first call goes half way; the second, from the same start, with the slope found there, all the way to `to`. */
function move(
  prediction: "epsilon" | "v_prediction",
  { index, sample, history }: State<From>,
  output: Float32Array,
  sigma: number,
  half: number,
  to: number | undefined,
): State<From> {
  const seen = history ? half : sigma;
  const slope = derivative(sample, predictedFromSigma(prediction, sample, output, seen), seen);
  if (!history || to === undefined) {
    return { index: index + 1, history: sample, sample: combine([1, sample], [f(half - sigma), slope]) };
  }
  return { index: index + 1, history: undefined, sample: combine([1, history], [f(to - sigma), slope]) };
}

interface Middles {
  readonly middles: readonly number[];
  /** Which of their timesteps stand between those of the levels. */
  readonly between: readonly [number, number];
  readonly up?: readonly number[];
  readonly down?: readonly number[];
}

function midpoints(name: string, config: Values<typeof fields>, of: (sigmas: readonly number[]) => Middles) {
  const tables = sigmaTables(signalTable(config));
  const spacing = sigmaSpacingOf(name, config);
  return {
    level: levelAt(tables, spacing !== undefined),
    schedule: (steps: number): MidpointSchedule => {
      const levels = sigmaLevels(tables, config, spacing, steps);
      const sigmas = [...levels.sigmas, 0].map(f);
      const { middles, between, up, down } = of(sigmas);
      const coarse = roundedTimesteps(levels.timesteps, spacing);
      const fine = middles.map((sigma) => timestepOf32(sigma, tables.logs)).slice(...between);
      // Only a respaced schedule has timesteps in double.
      const store = spacing ? (t: number) => t : f;
      const timesteps = [coarse[0]!, ...fine.flatMap((t, i) => [store(t), coarse[i + 1]!])];
      const made = sigmaSchedule(timesteps, [...twiceAfterFirst(sigmas), 0], config);
      return {
        ...made,
        timesteps: Float64Array.from(timesteps),
        middles: spread(middles),
        ...(up ? { up: spread(up) } : {}),
        ...(down ? { down: spread(down) } : {}),
      };
    },
  };
}

function rest(
  { timesteps, sigmas, middles, up, down, ...made }: MidpointSchedule,
  index: number,
): MidpointSchedule {
  return {
    ...made,
    timesteps: timesteps.slice(index),
    sigmas: sigmas.slice(index),
    middles: middles.slice(index),
    ...(up ? { up: up.slice(index) } : {}),
    ...(down ? { down: down.slice(index) } : {}),
  };
}

function roundedTimesteps(timesteps: Float64Array, spacing: SigmaSpacing | undefined): Float64Array {
  return spacing === "karras" ? timesteps.map(roundHalfEven) : timesteps;
}

/** As diffusers stores them: each but the first twice, and the last once more. */
function spread(values: readonly number[]): Float64Array {
  return Float64Array.from([...twiceAfterFirst(values), values[values.length - 1]!]);
}

/** Geometric mean, as exp of the mean of the logarithms. */
function middle(a: number, b: number): number {
  const [from, to] = [log(a), log(b)];
  return exp(f(to - f(f(to - from) * 0.5)));
}

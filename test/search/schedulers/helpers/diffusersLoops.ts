import {
  schedulerFromConfig,
  type Scheduler,
  type State,
  type StepOptions,
} from "../../../../src/search/schedulers/index.js";
import { TorchCpuGenerator } from "../../../../src/search/random/torchCpuGenerator.js";

/** The harness of diffusers' own scheduler tests: sample, noise, model and the loops that its test cases run. */
export const SHAPE = [4, 3, 8, 8];

/** Element [b, ...] of a (4, ...) sample: (position * 4 + b) / count. */
export function deterministicSample(shape: readonly number[] = SHAPE): Float32Array {
  const count = shape.reduce((a, b) => a * b);
  const batch = shape[0]!;
  const size = count / batch;
  return Float32Array.from({ length: count }, (_, i) => ((i % size) * batch + Math.floor(i / size)) / count);
}

export function deterministicNoise(shape: readonly number[] = SHAPE): Float32Array {
  const count = shape.reduce((a, b) => a * b);
  return deterministicSample(shape).map((value) => (count - 1 - Math.round(value * count)) / count);
}

/** x t / (t + 1). */
export function dummyModel(x: Float32Array, t: number): Float32Array {
  return x.map((value) => Math.fround(value * Math.fround(t)) / Math.fround(t + 1));
}

export interface Run {
  readonly config: Record<string, unknown>;
  /** plain: the model sees the state. kscaled: the scaled state replaces it. proper: as pipelines do. */
  readonly loop: "plain" | "kscaled" | "proper";
  readonly steps: number;
  readonly scheduleOptions?: { mu?: number; sigmas?: number[] };
  readonly stepOptions?: StepOptions;
  readonly seed?: number | null;
  /** Start there, from a noised sample. */
  readonly noiseAt?: number;
}

export interface Outcome {
  readonly scheduler: Scheduler;
  readonly timesteps: readonly number[];
  readonly sigmas: readonly number[] | undefined;
  readonly initNoiseSigma: number;
  readonly sample: Float32Array;
  readonly sums: readonly number[];
}

const ORDER_2 = /^(Heun|KDPM2|FlowMatchHeun)/;

export function run({ config, loop, steps, scheduleOptions, stepOptions = {}, seed, noiseAt }: Run): Outcome {
  const scheduler = schedulerFromConfig(config as { _class_name: string });
  const schedule = scheduler.schedule(steps, scheduleOptions);
  const generator = new TorchCpuGenerator(seed ?? 0);
  const start = (noiseAt ?? 0) * (ORDER_2.test(scheduler.name) ? 2 : 1);
  const factor = loop === "plain" ? 1 : Math.fround(schedule.initNoiseSigma);
  let sample: Float32Array = deterministicSample().map((value) => value * factor);
  if (noiseAt !== undefined) {
    sample = scheduler.addNoise(sample, deterministicNoise(), schedule.timesteps[start]!, {
      steps,
      ...scheduleOptions,
    });
  }
  const options = { batch: SHAPE[0]!, ...stepOptions };
  const sums: number[] = [];
  let state: State = scheduler.begin(sample, start);
  while (state.index < schedule.timesteps.length) {
    const t = schedule.timesteps[state.index]!;
    const seen = loop === "plain" ? state.sample : scheduler.scaleModelInput(schedule, state);
    const output = dummyModel(seen, t);
    const noise = scheduler.isStochastic(schedule, state, options) ? generator.randn(SHAPE) : undefined;
    const from = loop === "kscaled" ? { ...state, sample: seen } : state;
    state = scheduler.step(schedule, from, output, { ...options, ...(noise ? { noise } : {}) });
    sums.push(absoluteSum(state.sample));
  }
  return {
    scheduler,
    timesteps: [...schedule.timesteps.slice(start)],
    sigmas: schedule.sigmas && [...schedule.sigmas],
    initNoiseSigma: schedule.initNoiseSigma,
    sample: state.sample,
    sums,
  };
}

export function absoluteSum(values: Float32Array): number {
  return values.reduce((sum, value) => sum + Math.abs(value), 0);
}

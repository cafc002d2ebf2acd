import { InputError } from "../inputError.js";
import { listed, plainObject, realNumber, shown, wholeNumber } from "../check.js";
import { parseFields, type Fields, type Values } from "./fields.js";
import { combine } from "./float32.js";
import { loop } from "./loop.js";
import { standAt } from "./stand.js";
import type { Sampler, Schedule, ScheduleOptions, Scheduler, State, StepOptions } from "./scheduler.js";

/** One class of diffusers: its fields with their defaults, and what a configuration of them does. */
export interface SchedulerClass {
  readonly name: string;
  readonly fields: Fields;
  create(config: Readonly<Record<string, unknown>>, foreign: ReadonlySet<string>): Scheduler;
}

export function defineScheduler<F extends Fields, H, S extends Schedule>(
  name: string,
  fields: F,
  sampler: (config: Values<F>) => Sampler<H, S>,
): SchedulerClass {
  return {
    name,
    fields,
    create: (config, foreign) => scheduler(name, sampler(parseFields(name, config, fields, foreign))),
  };
}

/** The public form, in which the types of schedule and history are closed: they come back as they went out. */
function scheduler<H, S extends Schedule>(name: string, sampler: Sampler<H, S>): Scheduler {
  function schedule(steps: number, options: ScheduleOptions = {}): S {
    const made = sampler.schedule(
      wholeNumber(steps, "steps", 1, 100_000),
      parseScheduleOptions(name, options, sampler.schedules ?? []),
    );
    const { timesteps, sigmas } = made;
    if (!timesteps.every(Number.isFinite) || !(sigmas?.every(Number.isFinite) ?? true)) {
      throw new InputError(
        `${name} has no finite noise levels for ${steps} steps of this configuration, in diffusers too.`,
      );
    }
    if (sigmas && !sampler.rises) checkFall(name, steps, sigmas);
    return made;
  }
  const self: Scheduler = {
    name,
    schedule,
    initNoiseSigma: sampler.initNoiseSigma,
    scale: sampler.scale ?? "preserving",
    stands(made) {
      const count = made.timesteps.length;
      const stops = sampler.stops?.(made as S) ?? Array.from({ length: count }, (_, i) => i);
      const stands = stops.map((index) => standAt(made, index, sampler, (t) => sampler.mix(t, undefined)));
      return [...stands, { index: count, signal: 1, noise: 0, scale: 1 }];
    },
    tail: (made, index) => {
      if (index === 0) return made;
      if (sampler.tail) return sampler.tail(made as S, index);
      const { timesteps, sigmas } = made;
      return {
        ...made,
        timesteps: timesteps.slice(index),
        ...(sigmas ? { sigmas: sigmas.slice(index) } : {}),
      };
    },
    outputs: sampler.outputs ?? 1,
    timesteps: (steps, options) => schedule(steps, options).timesteps.slice(),
    sigmas: (steps, options) => schedule(steps, options).sigmas?.slice(),
    addNoise(sample, noise, timestep, of) {
      sameLength(noise, sample, "The noise");
      const { steps, ...options } = of ?? {};
      const known = steps === undefined ? undefined : schedule(steps, options);
      const [signal, scale] = sampler.mix(realNumber(timestep, "timestep", -Infinity), known);
      return combine([signal, sample], [scale, noise]);
    },
    begin: (sample, index = 0) => ({ index: wholeNumber(index, "start", 0), sample, history: sampler.begin }),
    scaleModelInput: (made, state) => sampler.input?.(made as S, state as State<H>) ?? state.sample,
    isStochastic: (made, state, options = {}) =>
      sampler.noisy?.(made as S, state as State<H>, parseStepOptions(name, sampler, options)) ?? false,
    step(made, state, output, { noise, ...options } = {}) {
      const parsed = parseStepOptions(name, sampler, options);
      const from = state as State<H>;
      if (from.index >= made.timesteps.length) {
        throw new InputError(
          `The schedule has ${made.timesteps.length} timesteps, and this state is past the last one.`,
        );
      }
      if (output.length !== from.sample.length) {
        const learned = self.outputs === 2 && output.length === 2 * from.sample.length;
        if (!learned) sameLength(output, from.sample, "The model's output");
      }
      const stochastic = sampler.noisy?.(made as S, from, parsed) ?? false;
      if (stochastic && !noise) {
        throw new InputError(
          `${name} adds noise at timestep ${made.timesteps[from.index]!}: give \`noise\`.`,
        );
      }
      if (stochastic) sameLength(noise!, from.sample, "The noise");
      return sampler.step(made as S, from, output, parsed, noise ?? output);
    },
    loop: (model, sample, steps, options = {}) => loop(self, model, sample, steps, options),
  };
  return self;
}

export function sameLength(values: Float32Array, sample: Float32Array, what: string): void {
  if (values.length === sample.length) return;
  throw new InputError(`${what} has ${values.length} values, but the sample ${sample.length}.`);
}

function parseScheduleOptions(
  name: string,
  options: ScheduleOptions,
  takes: readonly (keyof ScheduleOptions)[],
): ScheduleOptions {
  plainObject(options, "The schedule's options", ["mu", "sigmas"]);
  const { mu, sigmas } = options;
  for (const [key, value] of Object.entries({ mu, sigmas })) {
    if (value == null || takes.includes(key as keyof ScheduleOptions)) continue;
    throw new InputError(`${name} takes no ${key}. ${listed("It takes", takes)}.`);
  }
  return {
    ...(mu == null ? {} : { mu: realNumber(mu, "mu", -Infinity) }),
    ...(sigmas == null ? {} : { sigmas: falling(sigmas) }),
  };
}

/** Ends that diffusers computes in two ways (a respaced last level, and sigma_min after it) may differ so much. */
const ROUNDED = 1 + 1e-5;

/** Equal neighbours are those of methods with two evaluations a step, and of more steps than there are levels to tell apart. */
function checkFall(name: string, steps: number, sigmas: Float64Array): void {
  const at = sigmas.findIndex((sigma, i) => i > 0 && sigma > sigmas[i - 1]! * ROUNDED);
  if (at === -1) return;
  throw new InputError(
    `${name} has levels that do not fall for ${steps} steps of this configuration: sigmas[${at}] is ${sigmas[at]!}, above the ${sigmas[at - 1]!} before it. ` +
      'From noise to an image levels fall: a sigma_min above sigma_max, one below the last level of final_sigmas_type "sigma_min", or a negative shift turns them round.',
  );
}

/** Diffusers takes sigmas in any order, and then makes no image. */
function falling(sigmas: Iterable<number>): number[] {
  const levels = Array.from(sigmas, (sigma) => realNumber(sigma, "sigmas", 0));
  levels.slice(1).forEach((sigma, i) => {
    if (sigma < levels[i]!) return;
    throw new InputError(
      `sigmas[${i + 1}] is ${sigma}, but must be below the ${levels[i]} before it: from noise to an image levels fall.`,
    );
  });
  return levels;
}

/** Options that would do nothing are refused, unless they ask for nothing. */
function parseStepOptions<H, S extends Schedule>(
  name: string,
  sampler: Sampler<H, S>,
  given: StepOptions,
): StepOptions {
  const takes = sampler.takes ?? [];
  const { eta, sChurn, useClippedModelOutput, batch } = given;
  if (eta !== undefined) realNumber(eta, "eta", 0);
  if (sChurn !== undefined) realNumber(sChurn, "sChurn", 0);
  if (batch !== undefined) wholeNumber(batch, "batch", 1);
  for (const [key, value] of Object.entries({ eta, sChurn, useClippedModelOutput })) {
    if (!value || takes.includes(key as keyof StepOptions)) continue;
    throw new InputError(`${name} takes no ${key} (it is ${shown(value)}). ${listed("It takes", takes)}.`);
  }
  return given;
}

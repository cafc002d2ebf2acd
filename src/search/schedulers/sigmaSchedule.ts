import { mapped } from "./arena.js";
import { f, sqrt, square } from "./float32.js";
import { interpolate } from "./numpy.js";
import { sigmaTable } from "./noiseSchedule.js";
import type { LevelledSchedule, Schedule, State } from "./scheduler.js";
import {
  logTable,
  respaced,
  sigmaAt,
  timestepOf,
  type SigmaSpacing,
  type SigmaSpacingOptions,
} from "./sigmaSpacing.js";
import { realTimesteps, type SpacingOptions } from "./spacing.js";

/** The table of training noise levels and what is looked up in it. */
export interface SigmaTables {
  readonly sigmas: Float32Array;
  readonly logs: Float32Array;
}

export function sigmaTables(abar: Float32Array): SigmaTables {
  const sigmas = sigmaTable(abar);
  return { sigmas, logs: logTable(sigmas) };
}

/** Noise levels of a k-diffusion scheduler before the final one, and their timesteps; in double. */
export interface Levels {
  readonly sigmas: Float64Array;
  readonly timesteps: Float64Array;
}

/**
 * The ends of a respaced schedule are those of the spacing: with `leading` a Karras schedule starts at the sigma of timestep 901, not 999.
 * `between`: the noise levels to respace, where they do not lie on the timesteps.
 */
export function sigmaLevels(
  tables: SigmaTables,
  options: SpacingOptions & Pick<SigmaSpacingOptions, "sigma_min" | "sigma_max">,
  spacing: SigmaSpacing | undefined,
  steps: number,
  between?: Float64Array,
): Levels {
  const timesteps = Float64Array.from(realTimesteps(options, steps));
  const sigmas = between ?? timesteps.map((t) => interpolate(t, tables.sigmas));
  if (!spacing) return { sigmas, timesteps };
  const moved = respaced(spacing, options, sigmas[0]!, sigmas[sigmas.length - 1]!, steps);
  return { sigmas: moved, timesteps: moved.map((sigma) => timestepOf(sigma, tables.logs)) };
}

/** The variance-exploding start: with `leading` spacing the first level is not the noisiest, and the clean image's variance counts. */
export function startingSigma(max: number, options: Pick<SpacingOptions, "timestep_spacing">): number {
  return options.timestep_spacing === "leading" ? sqrt(f(square(max) + 1)) : max;
}

export function maxOf(sigmas: ArrayLike<number>): number {
  return Array.from(sigmas).reduce((a, b) => Math.max(a, b));
}

/** Levels and final level as diffusers stores them, in float32. */
export function sigmaSchedule(
  timesteps: ArrayLike<number>,
  sigmas: ArrayLike<number>,
  options: Pick<SpacingOptions, "timestep_spacing">,
): LevelledSchedule {
  const rounded = Float64Array.from(sigmas, f);
  return {
    timesteps: Float64Array.from(timesteps, f),
    sigmas: rounded,
    initNoiseSigma: startingSigma(maxOf(rounded), options),
  };
}

/** Each element but the first as often as a second-order scheduler visits it. */
export function twiceAfterFirst(values: ArrayLike<number>): number[] {
  return Array.from(values).flatMap((value, i) => (i === 0 ? [value] : [value, value]));
}

/** Where the steps of a second-order scheduler begin. */
export function everySecond({ timesteps }: Schedule): number[] {
  return Array.from({ length: (timesteps.length + 1) >> 1 }, (_, i) => 2 * i);
}

/** What the model sees of a state with this much noise on it: unit variance. */
export function scaledInput(sample: Float32Array, sigma: number): Float32Array {
  const by = sqrt(f(square(sigma) + 1));
  return mapped(sample, (value) => value / by);
}

export function scaledAtIndex(schedule: Schedule, state: State): Float32Array {
  return scaledInput(state.sample, schedule.sigmas![state.index]!);
}

/** Position of a timestep in a schedule; of two that are equal the second, as diffusers has it for image to image. */
export function positionOf(timestep: number, timesteps: Float64Array): number | undefined {
  const exact = Math.max(timesteps.indexOf(timestep), timesteps.indexOf(f(timestep)));
  if (exact < 0) return undefined;
  return timesteps[exact + 1] === timesteps[exact] ? exact + 1 : exact;
}

/** The noise level at a timestep: of the schedule, if it is one of it, or else of the table. */
export function levelAt(
  tables: SigmaTables,
  respacing: boolean,
): (timestep: number, schedule?: Schedule) => number {
  return (timestep, schedule) => {
    const at = schedule && positionOf(timestep, schedule.timesteps);
    return at === undefined ? f(sigmaAt(timestep, tables.sigmas, respacing)) : schedule!.sigmas![at]!;
  };
}

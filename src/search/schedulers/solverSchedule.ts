import { InputError } from "../inputError.js";
import { f, log, sqrt } from "./float32.js";
import { shifted } from "./flowShift.js";
import { interpolate, linspace, roundHalfEven } from "./numpy.js";
import type { LevelledSchedule, Schedule, ScheduleOptions } from "./scheduler.js";
import { positionOf, type Levels, type SigmaTables } from "./sigmaSchedule.js";
import { respaced, sigmaAt, sigmaSpacingOf, timestepOf, type SigmaSpacingOptions } from "./sigmaSpacing.js";
import type { LevelOf } from "./solverLevel.js";
import { solverTimesteps, type SpacingOptions } from "./spacing.js";

export interface SolverScheduleOptions extends SpacingOptions, SigmaSpacingOptions {
  readonly beta_schedule: string;
  readonly use_flow_sigmas: boolean;
  readonly flow_shift: number;
  readonly use_dynamic_shifting: boolean;
  readonly use_lu_lambdas?: boolean;
  readonly lambda_min_clipped?: number;
}

/** Checked once: of the ways to place noise levels at most one is on. */
export function solverSpacingOf(name: string, options: SolverScheduleOptions) {
  const spacing = sigmaSpacingOf(name, options) ?? (options.use_lu_lambdas ? ("lu" as const) : undefined);
  if (options.use_lu_lambdas && spacing !== "lu") {
    throw new InputError(
      `${name} has use_lu_lambdas and use_${spacing}_sigmas on, but only one of them can be.`,
    );
  }
  if (!spacing || !options.use_flow_sigmas) return spacing;
  const field = spacing === "lu" ? "use_lu_lambdas" : `use_${spacing}_sigmas`;
  throw new InputError(
    `${name} with use_flow_sigmas and ${field} takes the logarithm of a negative signal, in diffusers too. Turn one of them off.`,
  );
}

/**
 * Noise levels before the final one. Unlike in the k-diffusion schedulers, a respaced schedule runs over the whole table
 * whatever the timestep spacing.
 */
export function solverLevels(
  name: string,
  abar: Float32Array,
  tables: SigmaTables,
  options: SolverScheduleOptions,
  steps: number,
  { mu }: ScheduleOptions,
): Levels {
  const spacing = solverSpacingOf(name, options);
  const { sigmas: table, logs } = tables;
  if (mu !== undefined && !options.use_dynamic_shifting) {
    throw new InputError(`${name} takes mu only with use_dynamic_shifting.`);
  }
  if (spacing === "lu") {
    const lambdas = linspace(0, 1, steps).map((ramp) => logs.at(-1)! + ramp * (logs[0]! - logs.at(-1)!));
    const sigmas = lambdas.map(Math.exp);
    return { sigmas, timesteps: lookedUp(sigmas, logs, options.beta_schedule !== "squaredcos_cap_v2") };
  }
  if (spacing) {
    const sigmas = respaced(spacing, options, table.at(-1)!, table[0]!, steps);
    const round = spacing === "karras" && options.beta_schedule !== "squaredcos_cap_v2";
    return { sigmas, timesteps: lookedUp(sigmas, logs, round) };
  }
  if (options.use_flow_sigmas) {
    const shift = mu === undefined ? options.flow_shift : Math.exp(mu);
    const total = options.num_train_timesteps;
    const line = linspace(1, 1 / total, steps + 1).map((alpha) =>
      shifted(1 - alpha, shift, (value) => value),
    );
    const sigmas = line.reverse().slice(0, -1);
    return { sigmas, timesteps: sigmas.map((sigma) => Math.trunc(sigma * total)) };
  }
  const clipped = clippedTimesteps(abar, options.lambda_min_clipped ?? -Infinity);
  const timesteps = Float64Array.from(solverTimesteps(options, steps, clipped));
  return { sigmas: timesteps.map((t) => interpolate(t, table)), timesteps };
}

/** diffusers stores them as integers: what it does not round it cuts off. */
export function lookedUp(sigmas: Float64Array, logs: Float32Array, round: boolean): Float64Array {
  return sigmas.map((sigma) => (round ? roundHalfEven : Math.trunc)(timestepOf(sigma, logs)));
}

/** Training timesteps whose lambda is below the limit; a cosine schedule needs one. */
function clippedTimesteps(abar: Float32Array, limit: number): number {
  return abar.filter((a) => f(log(sqrt(a)) - log(sqrt(f(1 - a)))) < limit).length;
}

export function solverSchedule(timesteps: ArrayLike<number>, sigmas: readonly number[]): LevelledSchedule {
  return { timesteps: Float64Array.from(timesteps), sigmas: Float64Array.from(sigmas, f), initNoiseSigma: 1 };
}

/** Factors of sample and noise at a timestep. Outside a schedule the timestep's own level counts. */
export function solverMix(tables: SigmaTables, options: SolverScheduleOptions, levelOf: LevelOf) {
  return (timestep: number, schedule: Schedule | undefined): readonly [number, number] => {
    const at = schedule && positionOf(timestep, schedule.timesteps);
    const own = options.use_flow_sigmas
      ? timestep / options.num_train_timesteps
      : sigmaAt(timestep, tables.sigmas, true);
    const { alpha, sigma } = levelOf(at === undefined ? f(own) : schedule!.sigmas![at]!);
    return [alpha, sigma];
  };
}

import { sha256 } from "../sha256.js";
import type { DiffusersSchedulerConfig, ScheduleOptions, StepOptions } from "../schedulers/scheduler.js";
import type { Solver } from "./solver.js";

/** Which method takes states down the levels: a solver of the flow path by name, or a diffusers scheduler. Plain data: it crosses ports. */
export type SolverSpec = Solver["name"] | SchedulerSpec;

/** A diffusers scheduler of one configuration, with the schedule of one full trajectory. */
export interface SchedulerSpec {
  readonly config: DiffusersSchedulerConfig;
  /** Denoising steps of a full trajectory. */
  readonly steps: number;
  /** What else `set_timesteps` is given. */
  readonly schedule?: ScheduleOptions;
  /** What else `step` is given. */
  readonly options?: SolverOptions;
  /** Deterministic Euler steps between all levels instead of the scheduler's: for previews. */
  readonly plain?: true;
}

/** `eta` of DDIM and TCD; the others are the churn of Karras et al. 2022, algorithm 2. */
export type SolverOptions = Pick<StepOptions, "eta" | "sChurn" | "sTmin" | "sTmax" | "sNoise">;

/** Euler's method on the noise path of the same schedule: what predicts clean samples. */
export function plainOf(spec: SolverSpec): SolverSpec {
  return typeof spec === "string" ? "euler" : { ...spec, plain: true };
}

/** The same text for the same method. */
export function solverName(spec: SolverSpec): string {
  if (typeof spec === "string") return spec;
  const known = NAMES.get(spec);
  if (known !== undefined) return known;
  const { config, steps, schedule = {}, options = {}, plain = false } = spec;
  const text = JSON.stringify([sorted(config), steps, sorted(schedule), sorted(options), plain]);
  const name = sha256(text).toString("hex").slice(0, 16);
  NAMES.set(spec, name);
  return name;
}

const NAMES = new WeakMap<SchedulerSpec, string>();

function sorted(object: object): [string, unknown][] {
  return Object.entries(object)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

import { mapped } from "./arena.js";
import { choice, real, whole } from "./fields.js";
import { combine, exp, f, linspace32, log, sqrt, square } from "./float32.js";
import type { DiffusersSchedulerConfig, Schedule } from "./scheduler.js";
import { positionOf } from "./sigmaSchedule.js";

/** Whether a class is one of the two for networks with EDM's preconditioning. */
export function isEdm({ _class_name: name }: DiffusersSchedulerConfig): boolean {
  return name.startsWith("EDM");
}

/** The fields that both EDM schedulers share. */
export function edmFields() {
  return {
    sigma_min: real(0.002, 0),
    sigma_max: real(80, 0),
    sigma_data: real(0.5, 0),
    sigma_schedule: choice("karras", ["karras", "exponential"] as const),
    num_train_timesteps: whole(1000, 1, 100_000),
    prediction_type: choice("epsilon", ["epsilon", "v_prediction"] as const),
    rho: real(7),
    final_sigmas_type: choice("zero", ["zero", "sigma_min"] as const),
  };
}

export interface EdmOptions {
  readonly sigma_min: number;
  readonly sigma_max: number;
  readonly sigma_data: number;
  readonly prediction_type: "epsilon" | "v_prediction";
  readonly rho: number;
  readonly num_train_timesteps: number;
}

/** The preconditioning of Karras et al. 2022, table 1: the model sees c_in x, and its output is c_skip x + c_out F. */
export function preconditionedInput(
  sample: Float32Array,
  sigma: number,
  { sigma_data: data }: EdmOptions,
): Float32Array {
  const scale = f(1 / sqrt(f(square(sigma) + f(data ** 2))));
  return mapped(sample, (x) => x * scale);
}

export function preconditioned(
  sample: Float32Array,
  output: Float32Array,
  sigma: number,
  { sigma_data: data, prediction_type: prediction }: EdmOptions,
): Float32Array {
  const variance = f(square(sigma) + f(data ** 2));
  const sign = prediction === "v_prediction" ? -1 : 1;
  const out = f(f(sign * sigma * f(data)) / sqrt(variance));
  return combine([f(f(data ** 2) / variance), sample], [out, output]);
}

/** The model is told c_noise = log(sigma) / 4. */
export function edmTimesteps(sigmas: readonly number[]): Float64Array {
  return Float64Array.from(sigmas, (sigma) => f(0.25 * log(sigma)));
}

export function exponentialSigmas({ sigma_min: min, sigma_max: max }: EdmOptions, steps: number): number[] {
  return [...linspace32(Math.log(min), Math.log(max), steps)].map(exp).reverse();
}

/** Not sigma_max itself: 80.006 for 80. The reference sampler of NVlabs/edm multiplies by 80. */
export function edmStart({ sigma_max: max }: EdmOptions): number {
  return Math.sqrt(max ** 2 + 1);
}

export function edmMix(timestep: number, schedule: Schedule | undefined): readonly [number, number] {
  const at = schedule && positionOf(timestep, schedule.timesteps);
  return [1, at === undefined ? exp(f(4 * timestep)) : schedule!.sigmas![at]!];
}

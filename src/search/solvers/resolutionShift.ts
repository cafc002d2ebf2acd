import type { DiffusersSchedulerConfig } from "../schedulers/scheduler.js";

/**
 * The shift of a flow schedule that goes with the size of the picture, `mu` of diffusers' `set_timesteps`: linear in the number of image
 * tokens (`calculate_shift` of the FLUX and SD3 pipelines). Undefined where the scheduler has no dynamic shift.
 */
export function resolutionShift(
  config: DiffusersSchedulerConfig,
  tokens: number,
  maxShift = 1.15,
): number | undefined {
  if (config["use_dynamic_shifting"] !== true) return undefined;
  const field = (name: string, otherwise: number): number => {
    const value = config[name];
    return typeof value === "number" ? value : otherwise;
  };
  const [from, to] = [field("base_image_seq_len", 256), field("max_image_seq_len", 4096)];
  const [base, most] = [field("base_shift", 0.5), field("max_shift", maxShift)];
  const slope = (most - base) / (to - from);
  return tokens * slope + (base - slope * from);
}

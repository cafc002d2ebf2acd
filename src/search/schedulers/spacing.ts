import { InputError } from "../inputError.js";
import { choice, whole } from "./fields.js";
import { f } from "./float32.js";
import { arange, linspace, roundHalfEven } from "./numpy.js";

export const SPACINGS = ["linspace", "leading", "trailing"] as const;
export type Spacing = (typeof SPACINGS)[number];

export interface SpacingOptions {
  readonly num_train_timesteps: number;
  readonly timestep_spacing: Spacing;
  readonly steps_offset: number;
}

export function spacingFields(spacing: Spacing) {
  return { timestep_spacing: choice<Spacing>(spacing, SPACINGS), steps_offset: whole(0, -1000) };
}

/** diffusers refuses more steps than the model has training timesteps where it counts in whole ones. */
export function refuseMoreThanTrained(name: string, options: SpacingOptions, steps: number): void {
  const { num_train_timesteps: total } = options;
  if (steps <= total) return;
  throw new InputError(`${name} takes at most its ${total} training timesteps, but steps is ${steps}.`);
}

/** Whole timesteps, descending, as DDIM, DDPM and PNDM space them. */
export function wholeTimesteps(options: SpacingOptions, steps: number): number[] {
  const { num_train_timesteps: total } = options;
  switch (options.timestep_spacing) {
    case "linspace":
      return [...linspace(0, total - 1, steps)].map(roundHalfEven).reverse();
    case "leading":
      return leading(options, steps, total, steps);
    case "trailing":
      return trailing(total, steps, total);
  }
}

/** The k-diffusion schedulers do not round a linspace. Values are float32. */
export function realTimesteps(options: SpacingOptions, steps: number): number[] {
  if (options.timestep_spacing !== "linspace") return wholeTimesteps(options, steps);
  return [...linspace(0, options.num_train_timesteps - 1, steps)].map(f).reverse();
}

/**
 * DPM-Solver, DEIS and UniPC space one more point and leave the smallest out: 10 steps of 1000 are 999, 899, ... 100.
 * `clipped`: training timesteps that lambda_min_clipped cuts off at the noisy end.
 */
export function solverTimesteps(options: SpacingOptions, steps: number, clipped = 0): number[] {
  const { num_train_timesteps: total } = options;
  switch (options.timestep_spacing) {
    case "linspace":
      return [...linspace(0, total - clipped - 1, steps + 1)].map(roundHalfEven).reverse().slice(0, -1);
    case "leading":
      return leading(options, steps + 1, total - clipped, steps);
    case "trailing":
      return trailing(total, steps, total - clipped);
  }
}

function leading(options: SpacingOptions, points: number, total: number, count: number): number[] {
  const ratio = Math.floor(total / points);
  return Array.from({ length: count }, (_, i) => (points - 1 - i) * ratio + options.steps_offset);
}

function trailing(total: number, steps: number, from: number): number[] {
  const timesteps = [...arange(from, 0, -total / steps)].map((t) => roundHalfEven(t) - 1);
  if (timesteps.every((t) => t >= 0)) return timesteps;
  throw new InputError(
    `${steps} steps of ${total} with trailing spacing: diffusers makes ${timesteps.length} of them by a rounding error, ` +
      `the last at timestep -1. Take ${steps - 1} or ${steps + 1} steps.`,
  );
}

import { InputError } from "../inputError.js";

export const SHIFT_TYPES = ["exponential", "linear"] as const;
export type ShiftType = (typeof SHIFT_TYPES)[number];

/** Rounds what it is given: to float32 where diffusers computes in it, or not at all. */
export type Rounding = (value: number) => number;

/** shift s / (1 + (shift - 1) s): Esser et al. 2024 (arXiv 2403.03206, equation 23). */
export function shifted(sigma: number, shift: number, round: Rounding): number {
  return round(round(round(shift) * sigma) / round(1 + round(round(shift - 1) * sigma)));
}

/** The shift of FLUX by the size of the image: e^mu / (e^mu + 1/s - 1), or with mu itself in place of e^mu. */
export function timeShifted(sigma: number, mu: number, type: ShiftType, round: Rounding): number {
  const factor = round(type === "exponential" ? Math.exp(mu) : mu);
  return round(factor / round(factor + round(round(1 / sigma) - 1)));
}

/** Stretched so that the last level is `terminal` (LTX-Video). */
export function stretched(sigmas: readonly number[], terminal: number, round: Rounding): number[] {
  const scale = round(round(1 - sigmas[sigmas.length - 1]!) / round(1 - terminal));
  return sigmas.map((sigma) => round(1 - round(round(1 - sigma) / scale)));
}

export function neededMu(name: string, mu: number | undefined): number {
  if (mu !== undefined) return mu;
  throw new InputError(
    `${name} with use_dynamic_shifting needs mu, the shift for the image's size (FLUX: from 0.5 at 256 tokens to 1.15 at 4096).`,
  );
}

export function sameSteps(name: string, sigmas: readonly number[], steps: number): void {
  if (sigmas.length === steps) return;
  throw new InputError(`${name} takes one sigma a step, but ${steps} steps came with ${sigmas.length}.`);
}

import { f, log, sqrt, square } from "./float32.js";

/** A noise level as the exponential integrators see it: x = alpha x0 + sigma epsilon, lambda = log(alpha / sigma). */
export interface SolverLevel {
  readonly alpha: number;
  readonly sigma: number;
  /** Half the log signal-to-noise ratio; infinite at the clean end, where IEEE arithmetic gives the right step. */
  readonly lambda: number;
}

export type LevelOf = (sigma: number) => SolverLevel;

/** Variance preserving: the schedule's sigma is the noise with the signal's factor taken out. */
export const variancePreserving: LevelOf = (ratio) => {
  const alpha = f(1 / sqrt(f(square(ratio) + 1)));
  return withLambda(alpha, f(ratio * alpha));
};

/** Flow matching: the signal is what the noise leaves. */
export const flowLevel: LevelOf = (sigma) => withLambda(f(1 - sigma), sigma);

/** Variance exploding, as EDM has it. */
export const varianceExploding: LevelOf = (sigma) => withLambda(1, sigma);

function withLambda(alpha: number, sigma: number): SolverLevel {
  return { alpha, sigma, lambda: f(log(alpha) - log(sigma)) };
}

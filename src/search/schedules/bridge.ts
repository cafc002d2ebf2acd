import type { PathPoint } from "./pathPoint.js";

/**
 * The Gaussian kernels between two points of a noise path x = a x0 + s z (flow: a = 1 - s; variance preserving: a^2 = 1 - s^2). Forward, to more
 * noise: x' = r x + sqrt(s'^2 - r^2 s^2) z with r = a' / a. Backward, given x0: the posterior of x where there is less.
 */
export interface ForwardKernel {
  /** r: what is kept of the state. */
  readonly keep: number;
  /** Standard deviation of what is added. */
  readonly add: number;
}

/** q(x_to | x_from), `to` the noisier one. Where `to` has no signal nothing is kept: a fresh noise. */
export function forwardKernel(from: PathPoint, to: PathPoint): ForwardKernel {
  const keep = to.signal / from.signal;
  return { keep, add: Math.sqrt(Math.max(0, to.noise * to.noise - keep * keep * from.noise * from.noise)) };
}

export interface Bridge {
  /** x_next = clean * x0 + state * x + deviation * z. */
  readonly clean: number;
  readonly state: number;
  readonly deviation: number;
}

/**
 * From a point (a, s) to the less noisy (a', s'), given x0, with the share eta^2 of the posterior's variance (Song et al. 2021, equation 12, on
 * any such path): the posterior q(x' | x, x0) has variance b^2 = s'^2 (s^2 - r^2 s'^2) / s^2, r = a / a'; then
 * x' = a' x0 + sqrt(s'^2 - eta^2 b^2) (x - a x0) / s + eta b z. At eta 1 it is the exact posterior; at eta 0 it is DDIM, which is Euler's step on
 * the flow path.
 */
export function bridge(from: PathPoint, next: PathPoint, eta: number): Bridge {
  const { keep, add } = forwardKernel(next, from);
  const deviation = (eta * next.noise * add) / from.noise;
  // At eta 1 the root is r s'^2 / s; written so, it does not cancel.
  const state =
    eta === 1
      ? (keep * next.noise * next.noise) / (from.noise * from.noise)
      : Math.sqrt(next.noise * next.noise - deviation * deviation) / from.noise;
  return { clean: next.signal - state * from.signal, state, deviation };
}

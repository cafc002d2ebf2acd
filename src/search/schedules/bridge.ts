/**
 * The Gaussian kernels between two levels of the flow path x_s = (1 - s) x0 + s noise, a = 1 - s. Forward, from s up to s' > s:
 * x' = r x + sqrt(s'^2 - r^2 s^2) z with r = a' / a. Backward, given x0: the posterior of x at the lower level.
 */
export interface ForwardKernel {
  /** r: what is kept of the state. */
  readonly keep: number;
  /** Standard deviation of what is added. */
  readonly add: number;
}

/** q(x_to | x_from) for from < to <= 1. At to = 1 nothing is kept: a fresh noise. */
export function forwardKernel(from: number, to: number): ForwardKernel {
  const keep = (1 - to) / (1 - from);
  return { keep, add: Math.sqrt(Math.max(0, to * to - keep * keep * from * from)) };
}

export interface Bridge {
  /** x_next = clean * x0 + state * x_level + deviation * z. */
  readonly clean: number;
  readonly state: number;
  readonly deviation: number;
}

/**
 * From `level` s down to `next` s' < s, given x0, with the share eta^2 of the posterior's variance (Song et al. 2021, equation 12, on the
 * flow path): the posterior q(x_s' | x_s, x0) has variance b^2 = s'^2 (s^2 - r^2 s'^2) / s^2, r = a / a'; then
 * x' = a' x0 + sqrt(s'^2 - eta^2 b^2) (x - a x0) / s + eta b z. At eta 1 it is the exact posterior, at eta 0 it is Euler's step.
 */
export function bridge(level: number, next: number, eta: number): Bridge {
  const { keep, add } = forwardKernel(next, level);
  const deviation = (eta * next * add) / level;
  // At eta 1 the root is r s'^2 / s; written so, it does not cancel.
  const state =
    eta === 1
      ? (keep * next * next) / (level * level)
      : Math.sqrt(next * next - deviation * deviation) / level;
  return { clean: 1 - next - state * (1 - level), state, deviation };
}

import { exp, f, sqrt } from "./float32.js";
import type { SolverLevel } from "./solverLevel.js";

export const DPM_ALGORITHMS = ["dpmsolver++", "dpmsolver", "sde-dpmsolver++", "sde-dpmsolver"] as const;
export type DpmAlgorithm = (typeof DPM_ALGORITHMS)[number];

/** Of the terms of one step: x_t = state x + zeroth D0 + (midpoint or heun) D1 + third D2 + noise z. */
export interface DpmFactors {
  readonly state: number;
  readonly zeroth: number;
  readonly midpoint: number;
  readonly heun: number;
  readonly third: number;
  readonly noise: number;
}

/**
 * DPM-Solver (Lu et al. 2022, arXiv 2206.00927) integrates the noise prediction, DPM-Solver++ (arXiv 2211.01095) the data prediction; the
 * SDE forms add noise. `h` is the step in lambda from `from` to `to`.
 */
export function dpmFactors(
  algorithm: DpmAlgorithm,
  to: SolverLevel,
  from: SolverLevel,
  h: number,
): DpmFactors {
  switch (algorithm) {
    case "dpmsolver++": {
      const decay = f(exp(-h) - 1);
      return {
        state: f(to.sigma / from.sigma),
        zeroth: -f(to.alpha * decay),
        midpoint: -f(0.5 * f(to.alpha * decay)),
        heun: f(to.alpha * f(f(decay / h) + 1)),
        third: -f(to.alpha * f(f(f(decay + h) / f(h * h)) - 0.5)),
        noise: 0,
      };
    }
    case "dpmsolver": {
      const growth = f(exp(h) - 1);
      return {
        state: f(to.alpha / from.alpha),
        zeroth: -f(to.sigma * growth),
        midpoint: -f(0.5 * f(to.sigma * growth)),
        heun: -f(to.sigma * f(f(growth / h) - 1)),
        third: -f(to.sigma * f(f(f(growth - h) / f(h * h)) - 0.5)),
        noise: 0,
      };
    }
    case "sde-dpmsolver++": {
      const gain = f(1 - exp(f(-2 * h)));
      const double = f(2 * h);
      return {
        state: f(f(to.sigma / from.sigma) * exp(-h)),
        zeroth: f(to.alpha * gain),
        midpoint: f(0.5 * f(to.alpha * gain)),
        heun: f(to.alpha * f(f(gain / -double) + 1)),
        third: f(to.alpha * f(f(f(gain - double) / f(double * double)) - 0.5)),
        noise: f(to.sigma * sqrt(gain)),
      };
    }
    case "sde-dpmsolver": {
      const growth = f(exp(h) - 1);
      return {
        state: f(to.alpha / from.alpha),
        zeroth: -f(2 * f(to.sigma * growth)),
        midpoint: -f(to.sigma * growth),
        heun: -f(2 * f(to.sigma * f(f(growth / h) - 1))),
        third: NaN,
        noise: f(to.sigma * sqrt(f(exp(f(2 * h)) - 1))),
      };
    }
  }
}

export function isStochastic(algorithm: DpmAlgorithm): boolean {
  return algorithm.startsWith("sde-");
}

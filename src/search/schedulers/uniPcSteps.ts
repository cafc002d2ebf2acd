import { mapped } from "./arena.js";
import { combine, expm1, f } from "./float32.js";
import { solved } from "./solved.js";
import type { SolverLevel } from "./solverLevel.js";

export interface UniPcOptions {
  readonly solver_type: "bh1" | "bh2";
  /** Data prediction, as in DPM-Solver++; or noise prediction. */
  readonly predict_x0: boolean;
}

interface Step {
  readonly to: SolverLevel;
  readonly from: SolverLevel;
  /** Prediction at `from`. */
  readonly output: Float32Array;
  /** Levels and predictions before that, newest first. */
  readonly earlier: readonly { readonly level: SolverLevel; readonly output: Float32Array }[];
  readonly sample: Float32Array;
}

/** UniP of order 1 + earlier (Zhao et al. 2023, arXiv 2302.04867, equation 3). */
export function unifiedPredictor(options: UniPcOptions, step: Step): Float32Array {
  const { base, scale, ratios, slopes, system } = prepared(options, step);
  if (slopes.length === 0) return base;
  // Of second order the weight is known without solving, for stability.
  const weights = slopes.length === 1 ? [0.5] : solved(...system(ratios));
  return combine([1, base], [-scale, combine(...slopes.map((slope, k) => [weights[k]!, slope] as const))]);
}

/** UniC: the same step once more, now that the prediction at its end is known. */
export function unifiedCorrector(options: UniPcOptions, step: Step, end: Float32Array): Float32Array {
  const { base, scale, ratios, slopes, system } = prepared(options, step);
  const weights = slopes.length === 0 ? [0.5] : solved(...system([...ratios, 1]));
  const last = combine([1, end], [-1, step.output]);
  const terms = [...slopes, last].map((slope, k) => [weights[k]!, slope] as const);
  return combine([1, base], [-scale, combine(...terms)]);
}

/** The step of first order, and what the higher orders add to it. */
function prepared(
  { solver_type: type, predict_x0: data }: UniPcOptions,
  { to, from, output, earlier, sample }: Step,
) {
  const h = f(to.lambda - from.lambda);
  const hh = data ? -h : h;
  const growth = expm1(hh);
  const b = type === "bh1" ? hh : growth;
  const factor = data ? to.alpha : to.sigma;
  const state = data ? f(to.sigma / from.sigma) : f(to.alpha / from.alpha);
  const ratios = earlier.map(({ level }) => f(f(level.lambda - from.lambda) / h));
  return {
    base: combine([state, sample], [-f(factor * growth), output]),
    scale: f(factor * b),
    ratios,
    slopes: earlier.map((each, k) => mapped(each.output, (value, i) => f(value - output[i]!) / ratios[k]!)),
    system: (nodes: readonly number[]) => moments(nodes, hh, growth, b),
  };
}

/** Equation 5 of the paper: powers of the nodes against the phi functions of the step. */
function moments(nodes: readonly number[], hh: number, growth: number, b: number): [number[][], number[]] {
  const right: number[] = [];
  let phi = f(f(growth / hh) - 1);
  let factorial = 1;
  for (let i = 1; i <= nodes.length; i++) {
    right.push(f(f(phi * factorial) / b));
    factorial *= i + 1;
    phi = f(f(phi / hh) - f(1 / factorial));
  }
  return [nodes.map((_, power) => nodes.map((node) => f(node ** power))), right];
}

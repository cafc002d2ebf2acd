import { mapped } from "./arena.js";
import { combine, f } from "./float32.js";
import { dpmFactors, isStochastic, type DpmAlgorithm, type DpmFactors } from "./dpmFactors.js";
import type { SolverLevel } from "./solverLevel.js";

export interface DpmOptions {
  readonly algorithm_type: DpmAlgorithm;
  readonly solver_type: "midpoint" | "heun";
}

/** Levels and predictions of a step, newest first: `levels[0]` is where the state is, `outputs[0]` what the model says there. */
export interface DpmStep {
  readonly options: DpmOptions;
  readonly to: SolverLevel;
  readonly levels: readonly SolverLevel[];
  readonly outputs: readonly Float32Array[];
  readonly sample: Float32Array;
  readonly noise: Float32Array;
}

type Term = readonly [number, Float32Array];

export function firstOrder({ options, to, levels, outputs, sample, noise }: DpmStep): Float32Array {
  const from = levels[0]!;
  const factors = dpmFactors(options.algorithm_type, to, from, f(to.lambda - from.lambda));
  return assembled(options, factors, sample, noise, [factors.zeroth, outputs[0]!]);
}

/** Multistep: the slope between the last two predictions is carried on from the newest. */
export const multistepSecond = (step: DpmStep): Float32Array => second(step, 0);

/** Singlestep: from the start of the group, `levels[1]`, with a prediction taken on the way. */
export const singlestepSecond = (step: DpmStep): Float32Array => second(step, 1);

/** From `levels[base]`, along the slope between the two predictions. */
function second({ options, to, levels, outputs, sample, noise }: DpmStep, base: 0 | 1): Float32Array {
  const from = levels[base]!;
  const h = f(to.lambda - from.lambda);
  const factors = dpmFactors(options.algorithm_type, to, from, h);
  const ratio = f(f(levels[0]!.lambda - levels[1]!.lambda) / h);
  const slope = difference(outputs[0]!, outputs[1]!, ratio);
  const terms: readonly Term[] = [
    [factors.zeroth, outputs[base]!],
    [factors[options.solver_type], slope],
  ];
  return assembled(options, factors, sample, noise, ...terms);
}

export function multistepThird({ options, to, levels, outputs, sample, noise }: DpmStep): Float32Array {
  const [s0, s1, s2] = [levels[0]!, levels[1]!, levels[2]!];
  const h = f(to.lambda - s0.lambda);
  const factors = dpmFactors(options.algorithm_type, to, s0, h);
  const [r0, r1] = [f(f(s0.lambda - s1.lambda) / h), f(f(s1.lambda - s2.lambda) / h)];
  const near = difference(outputs[0]!, outputs[1]!, r0);
  const bend = combine([1, near], [-1, difference(outputs[1]!, outputs[2]!, r1)]);
  const first = combine([1, near], [f(r0 / f(r0 + r1)), bend]);
  const second = combine([f(1 / f(r0 + r1)), bend]);
  return assembled(
    options,
    factors,
    sample,
    noise,
    [factors.zeroth, outputs[0]!],
    [factors.heun, first],
    [factors.third, second],
  );
}

export function singlestepThird({ options, to, levels, outputs, sample, noise }: DpmStep): Float32Array {
  const [s0, s1, s2] = [levels[0]!, levels[1]!, levels[2]!];
  const h = f(to.lambda - s2.lambda);
  const factors = dpmFactors(options.algorithm_type, to, s2, h);
  const [r0, r1] = [f(f(s0.lambda - s2.lambda) / h), f(f(s1.lambda - s2.lambda) / h)];
  const near = difference(outputs[1]!, outputs[2]!, r1);
  const far = difference(outputs[0]!, outputs[2]!, r0);
  const zeroth: Term = [factors.zeroth, outputs[2]!];
  if (options.solver_type === "midpoint")
    return assembled(options, factors, sample, noise, zeroth, [factors.heun, far]);
  const gap = f(r0 - r1);
  const first = mapped(near, (value, i) => f(f(r0 * value) - f(r1 * far[i]!)) / gap);
  const second = mapped(far, (value, i) => f(2 * f(value - near[i]!)) / gap);
  return assembled(options, factors, sample, noise, zeroth, [factors.heun, first], [factors.third, second]);
}

/** (a - b) / ratio, as 1 / ratio times the difference. */
function difference(a: Float32Array, b: Float32Array, ratio: number): Float32Array {
  const scale = f(1 / ratio);
  return mapped(a, (value, i) => scale * f(value - b[i]!));
}

function assembled(
  { algorithm_type: algorithm }: DpmOptions,
  factors: DpmFactors,
  sample: Float32Array,
  noise: Float32Array,
  ...terms: readonly Term[]
): Float32Array {
  const last: readonly Term[] = isStochastic(algorithm) ? [[factors.noise, noise]] : [];
  return combine([factors.state, sample], ...terms, ...last);
}

import { floats, mapped } from "./arena.js";

/**
 * Arithmetic as PyTorch does it on float32 tensors: every operation rounds once. Sums, differences, products, quotients and square roots
 * of float32 values, computed in double and rounded, are exactly the IEEE float32 results.
 */
export const f = Math.fround;

export function sqrt(x: number): number {
  return f(Math.sqrt(x));
}

export function square(x: number): number {
  return f(x * x);
}

export function exp(x: number): number {
  return f(Math.exp(x));
}

export function expm1(x: number): number {
  return f(Math.expm1(x));
}

export function log(x: number): number {
  return f(Math.log(x));
}

/** factor_0 x_0 + factor_1 x_1 + ... from left to right, each product and each sum rounded. */
export function combine(
  ...terms: readonly (readonly [factor: number, values: Float32Array])[]
): Float32Array {
  const sum = floats(terms[0]![1].length);
  terms.forEach(([given, values], n) => {
    const factor = f(given);
    if (n === 0) for (let i = 0; i < sum.length; i++) sum[i] = factor * values[i]!;
    else for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + f(factor * values[i]!);
  });
  return sum;
}

/** (x - factor y) / divisor. */
export function subtractThenDivide(
  x: Float32Array,
  factor: number,
  y: Float32Array,
  divisor: number,
): Float32Array {
  const result = floats(x.length);
  const scale = f(factor);
  const by = f(divisor);
  for (let i = 0; i < result.length; i++) result[i] = f(x[i]! - f(scale * y[i]!)) / by;
  return result;
}

export function divide(x: Float32Array, divisor: number): Float32Array {
  const by = f(divisor);
  return mapped(x, (value) => value / by);
}

export function clamp(x: Float32Array, low: number, high: number): Float32Array {
  return mapped(x, (value) => Math.min(Math.max(value, low), high));
}

/** Elements that PyTorch makes at a time on x86 with AVX2, and of how many of them it makes the loop. */
const LANES = 8;
const UNROLLED = 2 * LANES;

/**
 * torch.linspace, to the bit: from both ends to the middle, in blocks of eight whose first element is rounded before the others are counted
 * from it, every product and sum fused. The last bit that this decides in abar also decides whether some schedules begin at timestep 999
 * or 998. It is the form that the published numbers were made with; PyTorch 2.13 rounds each element by itself, and who wants its levels to the
 * last bit gives them as `trained_betas`.
 */
export function linspace32(start: number, end: number, count: number): Float32Array {
  const first = f(start);
  const last = f(end);
  if (count === 1) return Float32Array.of(first);
  const step = f(f(last - first) / (count - 1));
  const middle = Math.floor(count / 2);
  const blocks = count - (count % UNROLLED);
  const at = (i: number): number => f(i < middle ? first + step * i : last - step * (count - 1 - i));
  return Float32Array.from({ length: count }, (_, i) =>
    i < blocks ? at(i - (i % LANES)) + step * (i % LANES) : at(i),
  );
}

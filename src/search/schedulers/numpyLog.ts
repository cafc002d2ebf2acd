import { f } from "./float32.js";

/**
 * numpy.log of a float32, to the bit, as NumPy computes it on x86 with FMA (loops_exponent_log.dispatch.c.src, simd_log_FLOAT):
 * x = 2^k y with sqrt(1/2) < y <= sqrt(2), log x = k log 2 + P(y - 1)/Q(y - 1). It is not the nearest float32 in one case of five, and
 * diffusers cuts timesteps off that lie within that last bit of a whole number: 998.99999 becomes 998.
 */
export function numpyLog(x: number): number {
  if (!(x > 0) || x === Infinity) return Math.log(x);
  let exponent = Math.floor(Math.log2(x));
  let mantissa = x / 2 ** exponent;
  // Math.log2 may be off by one next to a power of two.
  if (mantissa >= 2) [mantissa, exponent] = [mantissa / 2, exponent + 1];
  else if (mantissa < 1) [mantissa, exponent] = [mantissa * 2, exponent - 1];
  if (mantissa / 2 > SQRT_HALF) [mantissa, exponent] = [mantissa / 2, exponent + 1];
  const y = f(mantissa - 1);
  const polynomial = f(horner(P, y) / horner(Q, y));
  return f(exponent * LOG_2 + polynomial);
}

const SQRT_HALF = f(Math.SQRT1_2);
const LOG_2 = f(Math.LN2);
// From the fifth power down.
const P = [
  2.589979117907922693523e-2, 3.808837741388407920751e-1, 1.480000633576506585156, 2.112677543073053063722,
  9.999999999999998702752e-1, 0,
].map(f);
const Q = [
  5.87509540312457434295e-3, 1.546476374983906719538e-1, 9.864942958519418960339e-1, 2.453006071784736363091,
  2.612677543073109236779, 1,
].map(f);

/** Each step is one fused multiply-add: the product of two float32 is exact in double. */
function horner(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => f(sum * x + coefficient));
}

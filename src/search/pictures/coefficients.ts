import type { Kernel } from "./filter.js";

/** For each output position: where its inputs start, how many there are, and their weights in fixed point. */
export interface Coefficients {
  readonly first: Int32Array;
  readonly count: Int32Array;
  /** `stride` places for each output position, of which the first `count` are used. */
  readonly weights: Int32Array;
  readonly stride: number;
}

/** Bits behind the point: 32 less 8 of the pixel and 2 for sums outside 0..255. */
export const PRECISION_BITS = 22;

/**
 * The weights of one pass from `inputs` to `outputs` pixels: `precompute_coeffs` and `normalize_coeffs_8bpc` of Pillow's Resample.c. When
 * the image shrinks, the kernel widens by the ratio, which is the antialiasing that torch's default lacks.
 */
export function coefficients(kernel: Kernel, inputs: number, outputs: number): Coefficients {
  const scale = inputs / outputs;
  const widening = Math.max(scale, 1);
  const support = kernel.support * widening;
  const stride = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(outputs);
  const count = new Int32Array(outputs);
  const weights = new Int32Array(outputs * stride);
  const exact = new Float64Array(stride);
  for (let output = 0; output < outputs; output++) {
    const centre = (output + 0.5) * scale;
    const from = Math.max(0, Math.trunc(centre - support + 0.5));
    const taps = Math.min(inputs, Math.trunc(centre + support + 0.5)) - from;
    let total = 0;
    for (let tap = 0; tap < taps; tap++) {
      exact[tap] = kernel.at((tap + from - centre + 0.5) * (1 / widening));
      total += exact[tap]!;
    }
    for (let tap = 0; tap < taps; tap++) {
      const share = total === 0 ? exact[tap]! : exact[tap]! / total;
      weights[output * stride + tap] = Math.trunc((share < 0 ? -0.5 : 0.5) + share * 2 ** PRECISION_BITS);
    }
    first[output] = from;
    count[output] = taps;
  }
  return { first, count, weights, stride };
}

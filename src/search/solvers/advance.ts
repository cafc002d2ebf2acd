import type { Tensor } from "../tensor.js";

/**
 * x + scale * slope, each element in double and stored once: results do not depend on how a batch was put together. Written to `into`, if it
 * is given; that may not be `x` or `slope`.
 */
export function advance(
  x: Tensor,
  slope: Tensor,
  scale: number,
  into: Float32Array = new Float32Array(x.data.length),
): Tensor {
  for (let i = 0; i < into.length; i++) into[i] = x.data[i]! + scale * slope.data[i]!;
  return { data: into, shape: x.shape };
}

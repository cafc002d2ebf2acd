import type { Tensor } from "../tensor.js";

/** x + scale * slope, each element in double and stored once: results do not depend on how a batch was put together. */
export function advance(x: Tensor, slope: Tensor, scale: number): Tensor {
  const data = new Float32Array(x.data.length);
  for (let i = 0; i < data.length; i++) data[i] = x.data[i]! + scale * slope.data[i]!;
  return { data, shape: x.shape };
}

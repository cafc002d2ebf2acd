import type { Tensor } from "../tensor.js";

/** States [C, H, W] of one shape to a batch [B, C, H, W]. */
export function stack(states: readonly Tensor[]): Tensor {
  const first = states[0]!;
  const data = new Float32Array(states.length * first.data.length);
  states.forEach((state, i) => data.set(state.data, i * first.data.length));
  return { data, shape: [states.length, ...first.shape] };
}

/** The i-th state of a batch, in memory of its own. */
export function fromBatch(batch: Tensor, i: number): Tensor {
  const size = batch.data.length / batch.shape[0]!;
  return { data: batch.data.slice(i * size, (i + 1) * size), shape: batch.shape.slice(1) };
}

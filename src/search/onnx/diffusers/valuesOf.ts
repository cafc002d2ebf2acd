import type { Tensor } from "onnxruntime-node";
import { fromHalf } from "../half.js";
import type { Scratch } from "../scratch.js";

/** The numbers of an output in the processor's memory, whatever its dtype. `name`: of the output, for what is written over in `scratch`. */
export function valuesOf(
  { type, data, dims }: Tensor,
  name: string,
  scratch?: Scratch,
): { readonly data: Float32Array; readonly dims: readonly number[] } {
  if (type === "float32") return { data: data as Float32Array, dims };
  // Uint16Array, or Float16Array where the platform has one: the same bits.
  const { buffer, byteOffset, length } = data as Uint16Array;
  if (type === "float16") {
    const halves = new Uint16Array(buffer, byteOffset, length);
    return { data: fromHalf(halves, scratch?.floats(name, length)), dims };
  }
  return { data: Float32Array.from(data as Iterable<number | bigint>, Number), dims };
}

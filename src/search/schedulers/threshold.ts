import { floats, mapped } from "./arena.js";
import { InputError } from "../inputError.js";
import { f } from "./float32.js";
import type { ThresholdOptions } from "./prediction.js";

/**
 * Dynamic thresholding of Saharia et al. 2022 (Imagen, arXiv 2205.11487): each image is clipped to a high quantile of its own magnitude
 * and scaled back to [-1, 1]. A quantile below 1 counts as 1, above `sample_max_value` as that.
 */
export function thresholded(x0: Float32Array, options: ThresholdOptions, batch: number): Float32Array {
  const result = floats(x0.length);
  const size = sizeOfOne(x0, batch);
  for (let from = 0; from < x0.length; from += size) {
    const one = x0.subarray(from, from + size);
    const limit = f(
      Math.min(
        Math.max(quantile(mapped(one, Math.abs), options.dynamic_thresholding_ratio), 1),
        options.sample_max_value,
      ),
    );
    one.forEach((value, i) => (result[from + i] = Math.min(Math.max(value, -limit), limit) / limit));
  }
  return result;
}

/** Values of one of `batch` images. */
export function sizeOfOne(values: Float32Array, batch: number): number {
  const size = values.length / batch;
  if (Number.isInteger(size)) return size;
  throw new InputError(`${values.length} values are not ${batch} images of one size. Check batch.`);
}

/** torch.quantile with linear interpolation, in float32. */
function quantile(values: Float32Array, ratio: number): number {
  const sorted = values.sort();
  const rank = f(f(ratio) * (sorted.length - 1));
  const low = Math.floor(rank);
  const [a, b] = [sorted[low]!, sorted[Math.ceil(rank)]!];
  const weight = f(rank - low);
  const span = f(b - a);
  return weight < 0.5 ? f(a + f(weight * span)) : f(b - f(span * f(1 - weight)));
}

import { mapped } from "./arena.js";
import { clamp, combine, f, sqrt, square, subtractThenDivide } from "./float32.js";
import { flag, real } from "./fields.js";
import { thresholded } from "./threshold.js";

/** What the network was trained to predict. */
export type Prediction = "epsilon" | "sample" | "v_prediction";

export interface Pair {
  /** The clean sample. */
  readonly x0: Float32Array;
  readonly epsilon: Float32Array;
}

/** Clean sample and noise from the model's output, for x = alpha x0 + sigma epsilon and v = alpha epsilon - sigma x0. */
export function predicted(
  kind: Prediction,
  x: Float32Array,
  output: Float32Array,
  alpha: number,
  sigma: number,
): Pair {
  switch (kind) {
    case "epsilon":
      return { x0: subtractThenDivide(x, sigma, output, alpha), epsilon: output };
    case "sample":
      return { x0: output, epsilon: subtractThenDivide(x, alpha, output, sigma) };
    case "v_prediction":
      return { x0: combine([alpha, x], [-sigma, output]), epsilon: combine([alpha, output], [sigma, x]) };
  }
}

/** The clean sample where the state is x0 + sigma epsilon and the model sees it divided by sqrt(sigma^2 + 1). `hat`: after churn. */
export function predictedFromSigma(
  kind: Prediction,
  x: Float32Array,
  output: Float32Array,
  sigma: number,
  hat = sigma,
): Float32Array {
  if (kind === "sample") return output;
  if (kind === "epsilon") return combine([1, x], [-hat, output]);
  const variance = f(square(sigma) + 1);
  const scale = f(-sigma / sqrt(variance));
  return mapped(output, (v, i) => f(v * scale) + f(x[i]! / variance));
}

/** Fields that keep the predicted clean sample in range. */
export function clipFields(clip: boolean) {
  return { ...thresholdFields(), clip_sample: flag(clip), clip_sample_range: real(1, 0) };
}

export function thresholdFields() {
  return {
    thresholding: flag(false),
    dynamic_thresholding_ratio: real(0.995, 0, 1),
    sample_max_value: real(1, 0),
  };
}

export interface ThresholdOptions {
  readonly thresholding: boolean;
  readonly dynamic_thresholding_ratio: number;
  readonly sample_max_value: number;
}

export interface ClipOptions extends ThresholdOptions {
  readonly clip_sample: boolean;
  readonly clip_sample_range: number;
}

export function clipped(x0: Float32Array, options: ClipOptions, batch: number): Float32Array {
  if (options.thresholding) return thresholded(x0, options, batch);
  return options.clip_sample ? clamp(x0, -options.clip_sample_range, options.clip_sample_range) : x0;
}

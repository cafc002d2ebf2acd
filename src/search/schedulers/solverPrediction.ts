import { mapped } from "./arena.js";
import { combine, subtractThenDivide } from "./float32.js";
import { choice, flag, real } from "./fields.js";
import { predicted, type Prediction, type ThresholdOptions } from "./prediction.js";
import { sigmaSpacingFields } from "./sigmaSpacing.js";
import type { SolverLevel } from "./solverLevel.js";
import { sizeOfOne, thresholded } from "./threshold.js";

export const SOLVER_PREDICTIONS = ["epsilon", "sample", "v_prediction", "flow_prediction"] as const;
export type SolverPrediction = Prediction | "flow_prediction";

/** The fields of flow matching in the exponential integrators. */
export function flowFields() {
  return {
    ...sigmaSpacingFields(),
    prediction_type: choice<SolverPrediction>("epsilon", SOLVER_PREDICTIONS),
    use_flow_sigmas: flag(false),
    flow_shift: real(1),
    use_dynamic_shifting: flag(false),
  };
}

/** The predicted clean sample. Flow prediction is the velocity noise - x0, at the schedule's own sigma. */
export function dataPrediction(
  kind: SolverPrediction,
  sample: Float32Array,
  output: Float32Array,
  level: SolverLevel,
  own: number,
  options: ThresholdOptions,
  batch: number,
): Float32Array {
  const x0 =
    kind === "flow_prediction"
      ? combine([1, sample], [-own, output])
      : predicted(kind, sample, output, level.alpha, level.sigma).x0;
  return options.thresholding ? thresholded(x0, options, batch) : x0;
}

/** The predicted noise; thresholding goes through the clean sample and back. */
export function noisePrediction(
  kind: Prediction,
  sample: Float32Array,
  output: Float32Array,
  { alpha, sigma }: SolverLevel,
  options: ThresholdOptions,
  batch: number,
): Float32Array {
  const { epsilon } = predicted(kind, sample, output, alpha, sigma);
  if (!options.thresholding) return epsilon;
  const x0 = thresholded(subtractThenDivide(sample, sigma, epsilon, alpha), options, batch);
  return subtractThenDivide(sample, alpha, x0, sigma);
}

/** The prediction's half of an output with learned variances: the first half of each image's values. */
export function withoutVariance(output: Float32Array, sample: Float32Array, batch: number): Float32Array {
  if (output.length === sample.length) return output;
  const size = sizeOfOne(sample, batch);
  return mapped(sample, (_, i) => output[2 * Math.floor(i / size) * size + (i % size)]!);
}

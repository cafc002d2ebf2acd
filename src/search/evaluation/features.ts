import { InputError } from "../inputError.js";
import type { Symmetric } from "./symmetric.js";

/** One feature vector for each image, all of one length. */
export type Features = readonly ArrayLike<number>[];

/** Their common length; an error names the first vector that does not fit, and what is not finite. */
export function featureLength(sets: readonly Features[]): number {
  const length = sets.find((set) => set.length > 0)?.[0]?.length ?? 0;
  for (const set of sets) {
    set.forEach((vector, i) => {
      if (vector.length !== length) {
        throw new InputError(
          `Features of one network have one length, but image ${i} has ${vector.length} and others have ${length}.`,
        );
      }
      for (let j = 0; j < length; j++) {
        if (!Number.isFinite(vector[j])) {
          throw new InputError(
            `Feature ${j} of image ${i} is ${vector[j]}, so there is no distance. Leave this image out.`,
          );
        }
      }
    });
  }
  return length;
}

export interface Gaussian {
  readonly mean: Float64Array;
  readonly covariance: Symmetric;
}

/** Mean and covariance with n - 1 in the denominator, as `numpy.cov`. */
export function gaussianOf(features: Features): Gaussian {
  const size = features[0]!.length;
  const mean = new Float64Array(size);
  for (const vector of features)
    for (let i = 0; i < size; i++) mean[i] = mean[i]! + vector[i]! / features.length;
  const data = new Float64Array(size * size);
  const centred = new Float64Array(size);
  for (const vector of features) {
    for (let i = 0; i < size; i++) centred[i] = vector[i]! - mean[i]!;
    for (let i = 0; i < size; i++) {
      const value = centred[i]!;
      if (value === 0) continue;
      for (let j = 0, at = i * size; j <= i; j++, at++) data[at] = data[at]! + value * centred[j]!;
    }
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const value = data[i * size + j]! / (features.length - 1);
      data[i * size + j] = value;
      data[j * size + i] = value;
    }
  }
  return { mean, covariance: { size, data } };
}

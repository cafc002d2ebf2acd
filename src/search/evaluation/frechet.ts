import { InputError } from "../inputError.js";
import { featureLength, type Features, type Gaussian, gaussianOf } from "./features.js";
import { eigenvalues, factor, type Symmetric } from "./symmetric.js";

/** A distance between two sets, never without the number of images: the same model gets a smaller one from more of them. */
export interface FrechetDistance {
  readonly distance: number;
  readonly images: readonly [number, number];
  readonly dimension: number;
}

/**
 * Fréchet distance between the Gaussians fitted to two sets of features (Heusel et al. 2017, arXiv 1706.08500, equation 6). Refused for fewer
 * than d + 1 images: a covariance of d dimensions from fewer has directions without any spread, and the distance would measure that.
 */
export function frechetDistance(a: Features, b: Features): FrechetDistance {
  const dimension = featureLength([a, b]);
  for (const [name, set] of [
    ["first", a],
    ["second", b],
  ] as const) {
    if (set.length < dimension + 1 || dimension === 0) {
      throw new InputError(
        `The Fréchet distance in ${dimension} feature dimensions needs at least ${dimension + 1} images in each set, because fewer do not determine a covariance, but the ${name} set has ${set.length}. Kernel distance (KID) works with fewer.`,
      );
    }
  }
  return {
    distance: gaussianDistance(gaussianOf(a), gaussianOf(b)),
    images: [a.length, b.length],
    dimension,
  };
}

/** |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)), never below 0. */
export function gaussianDistance(a: Gaussian, b: Gaussian): number {
  let distance = -2 * traceOfRoot(a.covariance, b.covariance);
  const size = a.mean.length;
  for (let i = 0; i < size; i++) {
    distance += (a.mean[i]! - b.mean[i]!) ** 2;
    distance += a.covariance.data[i * size + i]! + b.covariance.data[i * size + i]!;
  }
  return Math.max(0, distance);
}

/**
 * tr((C1 C2)^(1/2)): with C1 = L L', the eigenvalues of C1 C2 are those of L' C2 L, which is symmetric, so nothing complex or unstable can
 * come of it, as it can of a matrix square root of the product itself.
 */
function traceOfRoot(first: Symmetric, second: Symmetric): number {
  const { rank, data: root } = factor(first);
  const size = first.size;
  const product = new Float64Array(size * rank);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < size; k++) {
      const value = second.data[i * size + k]!;
      if (value === 0) continue;
      for (let j = 0; j < rank; j++)
        product[i * rank + j] = product[i * rank + j]! + value * root[k * rank + j]!;
    }
  }
  const inner = new Float64Array(rank * rank);
  for (let k = 0; k < size; k++) {
    for (let i = 0; i < rank; i++) {
      const value = root[k * rank + i]!;
      if (value === 0) continue;
      for (let j = 0; j < rank; j++)
        inner[i * rank + j] = inner[i * rank + j]! + value * product[k * rank + j]!;
    }
  }
  // Symmetric but for rounding.
  for (let i = 0; i < rank; i++) {
    for (let j = 0; j < i; j++) {
      const both = (inner[i * rank + j]! + inner[j * rank + i]!) / 2;
      inner[i * rank + j] = both;
      inner[j * rank + i] = both;
    }
  }
  return eigenvalues({ size: rank, data: inner }).reduce(
    (sum, value) => sum + Math.sqrt(Math.max(0, value)),
    0,
  );
}

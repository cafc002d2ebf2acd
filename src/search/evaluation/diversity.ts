import { InputError } from "../inputError.js";
import { gains, type Values } from "./values.js";

export type Feature = ArrayLike<number>;

export type Distance = "cosine" | "euclidean";

/**
 * Mean distance of all pairs among images of one problem, in feature space: what falls when a search makes every image alike. Undefined for
 * fewer than two images; a feature that is not finite, or without a direction under cosine, leaves its image out.
 */
export function meanPairwiseDistance(
  features: readonly Feature[],
  distance: Distance = "cosine",
): number | undefined {
  const vectors = features
    .map((feature) => prepared(feature, distance))
    .filter((vector) => vector !== undefined);
  if (vectors.length < 2) return undefined;
  let sum = 0;
  for (let i = 0; i < vectors.length; i++) {
    for (let j = 0; j < i; j++) sum += between(vectors[i]!, vectors[j]!, distance);
  }
  return sum / ((vectors.length * (vectors.length - 1)) / 2);
}

/** Diversity of the search's winners less that of the baseline's, one value for each problem: winners of all its seeds make one set. */
export function diversityGains(
  searched: readonly (readonly Feature[])[],
  baseline: readonly (readonly Feature[])[],
  distance: Distance = "cosine",
): Values {
  const of = (sets: readonly (readonly Feature[])[]) =>
    sets.map((set) => [meanPairwiseDistance(set, distance)]);
  return gains(of(searched), of(baseline));
}

function prepared(feature: Feature, distance: Distance): Float64Array | undefined {
  const vector = Float64Array.from(feature);
  if (!vector.every(Number.isFinite)) return undefined;
  if (distance === "euclidean") return vector;
  const norm = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return norm > 0 ? vector.map((value) => value / norm) : undefined;
}

function between(a: Float64Array, b: Float64Array, distance: Distance): number {
  if (a.length !== b.length) {
    throw new InputError(
      `Features of one network have one length, but these have ${a.length} and ${b.length}.`,
    );
  }
  let sum = 0;
  if (distance === "cosine") {
    for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
    return Math.max(0, 1 - sum);
  }
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}

import { gaussianOf, type Gaussian } from "../../evaluation/features.js";
import { gaussianDistance } from "../../evaluation/frechet.js";
import { inceptionScore } from "../../evaluation/inceptionScore.js";
import { InputError } from "../../inputError.js";

type Vector = ArrayLike<number>;

/** The score of a population if this image joined it. */
export type PopulationScore = (candidate: Vector) => number;

/**
 * Fréchet distance (Heusel et al. 2017) of the population with the candidate from the reference; lower is better. With the candidate each set
 * must have more images than the d features, because fewer do not determine a covariance.
 */
export function frechetWith(kept: readonly Vector[], reference: readonly Vector[]): PopulationScore {
  const dimension = reference[0]?.length ?? kept[0]?.length ?? 0;
  for (const [name, count, least, how] of [
    ["reference", reference.length, dimension + 1, "give more images"],
    [
      "population",
      kept.length,
      dimension,
      "add samples to it before the first search: population.add(samples)",
    ],
  ] as const) {
    if (count >= Math.max(least, 1)) continue;
    throw new InputError(
      `A Fréchet distance in ${dimension} feature dimensions needs at least ${least} images in the ${name}, but there are ${count}: ${how}.`,
    );
  }
  const [own, wanted] = [gaussianOf(kept), gaussianOf(reference)];
  return (candidate) => gaussianDistance(joined(own, kept.length, candidate), wanted);
}

/** Inception score (Salimans et al. 2016) of the population with the candidate, from a classifier's logits; higher is better. */
export function inceptionWith(kept: readonly Vector[]): PopulationScore {
  const rows = kept.map(softmax);
  return (candidate) => inceptionScore([...rows, softmax(candidate)]).score;
}

/** The Gaussian of `count` vectors and one more (Welford): a rank-one change of the scatter. One vector has no covariance of its own. */
export function joined({ mean, covariance }: Gaussian, count: number, one: Vector): Gaussian {
  const size = mean.length;
  const away = Float64Array.from(mean, (value, i) => one[i]! - value);
  const data = new Float64Array(size * size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const at = i * size + j;
      const scatter = count > 1 ? (count - 1) * covariance.data[at]! : 0;
      data[at] = (scatter + (count / (count + 1)) * away[i]! * away[j]!) / count;
    }
  }
  return {
    mean: mean.map((value, i) => value + away[i]! / (count + 1)),
    covariance: { size, data },
  };
}

/** In double, from the largest: it neither overflows nor gives rows that do not sum to 1. */
function softmax(logits: Vector): Float64Array {
  const all = Array.from(logits);
  const most = Math.max(...all);
  const weights = Float64Array.from(all, (value) => Math.exp(value - most));
  const sum = weights.reduce((total, value) => total + value, 0);
  return weights.map((value) => value / sum);
}

import { InputError } from "../inputError.js";

/**
 * exp of the mean divergence KL(p(y|x) || p(y)) of a classifier's probabilities from their average over the set (Salimans et al. 2016,
 * arXiv 1606.03498): 1 when every image looks the same to the classifier, the number of classes when each is certain and all are met equally.
 * One split: the published scores average ten. It is biased downward for few images, so compare equal numbers only.
 */
export function inceptionScore(probabilities: readonly ArrayLike<number>[]): {
  readonly score: number;
  readonly images: number;
} {
  const classes = probabilities[0]?.length ?? 0;
  if (classes === 0)
    throw new InputError("An inception score needs at least one image with its class probabilities.");
  const marginal = new Float64Array(classes);
  probabilities.forEach((row, i) => {
    let sum = 0;
    for (let y = 0; y < classes; y++) {
      sum += row[y]! >= 0 ? row[y]! : NaN;
      marginal[y] = marginal[y]! + row[y]! / probabilities.length;
    }
    if (row.length !== classes || !(Math.abs(sum - 1) < 1e-3)) {
      throw new InputError(
        `Image ${i} has no probabilities of ${classes} classes: they must be at least 0 and sum to 1. Logits go through a softmax first.`,
      );
    }
  });
  let divergence = 0;
  for (const row of probabilities) {
    for (let y = 0; y < classes; y++)
      if (row[y]! > 0) divergence += row[y]! * Math.log(row[y]! / marginal[y]!);
  }
  return { score: Math.exp(divergence / probabilities.length), images: probabilities.length };
}

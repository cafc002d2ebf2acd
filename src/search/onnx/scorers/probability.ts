/**
 * Softmax probability of one class, of `count` logits from `start` on, in double, as 1 / (1 + sum over the others of exp(l_j - l_label)): near 1 it keeps what distinguishes
 * two sure images, where a float32 softmax gives 1 to both.
 */
export function probability(
  logits: Float32Array,
  label: number,
  start = 0,
  count = logits.length - start,
): number {
  const own = logits[start + label]!;
  let others = 0;
  for (let j = 0; j < count; j++) if (j !== label) others += Math.exp(logits[start + j]! - own);
  return 1 / (1 + others);
}

/**
 * Classifier-free guidance of one sample, u + w (c - u), with its standard deviation brought back towards that of the conditional pass:
 * section 3.4 of Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed" (arXiv 2305.08891), as diffusers'
 * `rescale_noise_cfg`. `rescale` from 0 (off) to 1.
 */
export function rescaledGuidance(
  conditional: Float32Array,
  unconditional: Float32Array,
  guidance: number,
  rescale: number,
): Float32Array {
  const guided = conditional.map((c, i) => unconditional[i]! + guidance * (c - unconditional[i]!));
  if (rescale === 0) return guided;
  const factor = rescale * (deviation(conditional) / deviation(guided)) + (1 - rescale);
  return guided.map((value) => value * factor);
}

/** Unbiased, as torch.std has it. */
function deviation(values: Float32Array): number {
  let mean = 0;
  for (const value of values) mean += value;
  mean /= values.length;
  let sum = 0;
  for (const value of values) sum += (value - mean) ** 2;
  return Math.sqrt(sum / (values.length - 1));
}

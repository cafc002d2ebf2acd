/**
 * Section 3.4 of Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed" (arXiv 2305.08891), as diffusers'
 * `rescale_noise_cfg`: brings the standard deviation of each of `count` samples in `guided`, the result of classifier-free guidance, back
 * towards that of its conditional pass, by `rescale` from 0 (not at all) to 1 (to the same). `conditional` begins with those passes.
 */
export function rescaleGuidance(
  guided: Float32Array,
  conditional: Float32Array,
  count: number,
  rescale: number,
): void {
  const size = guided.length / count;
  for (let start = 0; start < guided.length; start += size) {
    const from = deviation(conditional, start, size);
    const factor = rescale * (from / deviation(guided, start, size)) + (1 - rescale);
    for (let i = start; i < start + size; i++) guided[i]! *= factor;
  }
}

/** Unbiased, as torch.std has it. */
function deviation(values: Float32Array, start: number, size: number): number {
  let mean = 0;
  for (let i = start; i < start + size; i++) mean += values[i]!;
  mean /= size;
  let sum = 0;
  for (let i = start; i < start + size; i++) sum += (values[i]! - mean) ** 2;
  return Math.sqrt(sum / (size - 1));
}

import type { LatentSpace } from "../../engine/latentRgb.js";

/**
 * The spaces whose colours are known, by the scaling factor of their autoencoder, which its makers measured and which no two of them share:
 * Stable Diffusion 1 and 2 (also DiT, LCM, PixArt-alpha) 0.18215, Stable Diffusion XL (also PixArt-Sigma) 0.13025, Stable Diffusion 3 1.5305,
 * FLUX.1 0.3611.
 */
const SPACES: readonly (readonly [factor: number, space: LatentSpace])[] = [
  [0.18215, "sd"],
  [0.13025, "sdxl"],
  [1.5305, "sd3"],
  [0.3611, "flux"],
];

/** `scale`: what latents are multiplied by before decoding, one over the scaling factor. Undefined for an autoencoder that is not known. */
export function latentSpaceOf(scale: readonly number[]): LatentSpace | undefined {
  const [first] = scale;
  if (first === undefined || scale.some((one) => one !== first)) return undefined;
  return SPACES.find(([factor]) => Math.abs(first * factor - 1) < 1e-6)?.[1];
}

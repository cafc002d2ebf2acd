import type { Tensor } from "../tensor.js";
import type { Decoder } from "./decoder.js";
import { toPixels } from "./pixels.js";

/** Latent spaces that many models share, by the autoencoder that they came with. */
export type LatentSpace = "sd" | "sdxl" | "sd3" | "flux";

type Rgb = readonly [red: number, green: number, blue: number];

interface Factors {
  /** Of each latent channel. */
  readonly channels: readonly Rgb[];
  readonly bias: Rgb;
}

/**
 * Colour in -1..1 as a linear function of the sampler's latents, by least squares against the decoder. SD 1 and 2, SDXL and FLUX: the
 * published `latent_rgb_factors` of ComfyUI (comfy/latent_formats.py). SD3: those of its makers (Stability-AI/sd3-ref, sd3_impls.py).
 */
const FACTORS: Readonly<Record<LatentSpace, Factors>> = {
  sd: {
    channels: [
      [0.3512, 0.2297, 0.3227],
      [0.325, 0.4974, 0.235],
      [-0.2829, 0.1762, 0.2721],
      [-0.212, -0.2616, -0.7177],
    ],
    bias: [0, 0, 0],
  },
  sdxl: {
    channels: [
      [0.3651, 0.4232, 0.4341],
      [-0.2533, -0.0042, 0.1068],
      [0.1076, 0.1111, -0.0362],
      [-0.3165, -0.2492, -0.2188],
    ],
    bias: [0.1084, -0.0175, -0.0011],
  },
  sd3: {
    channels: [
      [-0.0645, 0.0177, 0.1052],
      [0.0028, 0.0312, 0.065],
      [0.1848, 0.0762, 0.036],
      [0.0944, 0.036, 0.0889],
      [0.0897, 0.0506, -0.0364],
      [-0.002, 0.1203, 0.0284],
      [0.0855, 0.0118, 0.0283],
      [-0.0539, 0.0658, 0.1047],
      [-0.0057, 0.0116, 0.07],
      [-0.0412, 0.0281, -0.0039],
      [0.1106, 0.1171, 0.122],
      [-0.0248, 0.0682, -0.0481],
      [0.0815, 0.0846, 0.1207],
      [-0.012, -0.0055, -0.0867],
      [-0.0749, -0.0634, -0.0456],
      [-0.1418, -0.1457, -0.1259],
    ],
    bias: [0, 0, 0],
  },
  flux: {
    channels: [
      [-0.0346, 0.0244, 0.0681],
      [0.0034, 0.021, 0.0687],
      [0.0275, -0.0668, -0.0433],
      [-0.0174, 0.016, 0.0617],
      [0.0859, 0.0721, 0.0329],
      [0.0004, 0.0383, 0.0115],
      [0.0405, 0.0861, 0.0915],
      [-0.0236, -0.0185, -0.0259],
      [-0.0245, 0.025, 0.118],
      [0.1008, 0.0755, -0.0421],
      [-0.0515, 0.0201, 0.0011],
      [0.0428, -0.0012, -0.0036],
      [0.0817, 0.0765, 0.0749],
      [-0.1264, -0.0522, -0.1103],
      [-0.028, -0.0881, -0.0499],
      [-0.1262, -0.0982, -0.0778],
    ],
    bias: [-0.0329, -0.0718, -0.0851],
  },
};

/** Latents [C, h, w] to a picture of h x w pixels, without any network. Undefined for a space of other channels. */
export function latentRgb(space: LatentSpace, channels: number): Decoder | undefined {
  const { channels: factors, bias } = FACTORS[space];
  if (factors.length !== channels) return undefined;
  const colour = ({ data, shape: [, height, width] }: Tensor): Tensor => {
    const plane = height! * width!;
    const rgb = new Float32Array(3 * plane);
    for (let part = 0; part < 3; part++) {
      for (let i = 0; i < plane; i++) {
        let value = bias[part]!;
        for (let channel = 0; channel < channels; channel++) {
          value += factors[channel]![part]! * data[channel * plane + i]!;
        }
        rgb[part * plane + i] = value;
      }
    }
    return { data: rgb, shape: [3, height!, width!] };
  };
  return {
    decode: async (states) => states.map((state) => toPixels(colour(state))),
    dispose: async () => {},
  };
}

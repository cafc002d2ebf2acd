import type { ImageData8 } from "../engine/engine.js";
import type { Tensor } from "../tensor.js";
import { centreCrop, resizeLongerSide, resizeShorterSide } from "./crop.js";
import { torchBilinear } from "./torchBilinear.js";

/** Per channel, for pixels in 0..1. */
export interface Normalisation {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** Of openai/CLIP's `_transform`; PickScore, HPSv2, ImageReward and the LAION heads take the same. */
export const CLIP_NORMALISATION: Normalisation = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};

/** Of ImageNet, as torchvision and DINO have it. */
export const IMAGENET_NORMALISATION: Normalisation = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

/** What a CLIP image tower takes, [3, size, size]: shorter side to `size` by Pillow's bicubic, centre crop, normalise (openai/CLIP, clip.py). */
export function clipPixels(image: ImageData8, size = 224): Tensor {
  return normalised(centreCrop(resizeShorterSide(image, size), size, size), CLIP_NORMALISATION);
}

/** What DINO and DINOv2 take, [3, crop, crop]: shorter side to 256 by Pillow's bicubic, centre crop 224 (facebookresearch/dinov2, eval transform). */
export function dinoPixels(image: ImageData8, size = 256, crop = 224): Tensor {
  return normalised(centreCrop(resizeShorterSide(image, size), crop, crop), IMAGENET_NORMALISATION);
}

/** What HPSv2 takes, [3, size, size]: longer side to `size`, black around it, nothing cut off (tgxs002/HPSv2, open_clip/transform.py). */
export function hpsv2Pixels(image: ImageData8, size = 224): Tensor {
  return normalised(resizeLongerSide(image, size), CLIP_NORMALISATION);
}

/** What the Inception network of the Fréchet distance takes, [3, 299, 299] in -1..1: torch's bilinear (mseitzer/pytorch-fid, inception.py). */
export function inceptionPixels(image: ImageData8, size = 299): Tensor {
  const planes = unit(image).map((plane) => torchBilinear(plane, image.width, image.height, size, size));
  return stacked(
    planes.map((plane) => plane.map((value) => 2 * value - 1)),
    size,
    size,
  );
}

/** Pixels / 255, less the mean, by the deviation, as planes [3, height, width]; grey counts as three equal channels. In float32, as torch has it. */
export function normalised(image: ImageData8, { mean, std }: Normalisation): Tensor {
  const tables = mean.map((centre, channel) =>
    Float32Array.from({ length: 256 }, (_, value) => {
      const centred = Math.fround(Math.fround(value / 255) - Math.fround(centre));
      return centred / Math.fround(std[channel]!);
    }),
  );
  return stacked(
    tables.map((table, channel) => looked(image, channel, table)),
    image.width,
    image.height,
  );
}

function unit(image: ImageData8): Float32Array[] {
  const table = Float32Array.from({ length: 256 }, (_, value) => value / 255);
  return [0, 1, 2].map((channel) => looked(image, channel, table));
}

function looked(image: ImageData8, channel: number, table: Float32Array): Float32Array {
  const { channels, data } = image;
  const plane = new Float32Array(image.width * image.height);
  const start = channels === 3 ? channel : 0;
  for (let i = 0; i < plane.length; i++) plane[i] = table[data[i * channels + start]!]!;
  return plane;
}

function stacked(planes: readonly Float32Array[], width: number, height: number): Tensor {
  const data = new Float32Array(3 * width * height);
  planes.forEach((plane, channel) => data.set(plane, channel * width * height));
  return { data, shape: [3, height, width] };
}

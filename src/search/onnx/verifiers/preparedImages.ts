import type { ImageData8 } from "../../engine/engine.js";
import { InputError } from "../../inputError.js";
import { centreCrop, normalised, resize, resizeLongerSide, resizeShorterSide } from "../../pictures/index.js";
import type { Values } from "../diffusers/pipelineGraph.js";
import type { ImagePreparation } from "./verifierCard.js";

/** Images as a network takes them, [B, 3, side, side], made as Pillow and torch make them; a grey image counts as three equal channels. */
export function preparedImages(images: readonly ImageData8[], how: ImagePreparation, name: string): Values {
  const side = sideOf(how);
  const size = 3 * side * side;
  const data = new Float32Array(images.length * size);
  images.forEach((image, i) => data.set(normalised(fitted(image, how, name), how).data, i * size));
  return { data, dims: [images.length, 3, side, side] };
}

/** Of the square that comes out. */
export function sideOf({ crop }: ImagePreparation): number {
  return crop;
}

function fitted(image: ImageData8, how: ImagePreparation, name: string): ImageData8 {
  const sized = resized(image, how, name);
  const { crop } = how;
  return sized.width === crop && sized.height === crop ? sized : centreCrop(sized, crop, crop);
}

function resized(
  image: ImageData8,
  { resize: way, size, filter }: ImagePreparation,
  name: string,
): ImageData8 {
  switch (way) {
    case "shorter":
      return resizeShorterSide(image, size, filter);
    case "longer":
      return resizeLongerSide(image, size, filter);
    case "exact":
      return resize(image, size, size, filter);
    case "none":
      if (image.width === size && image.height === size) return image;
      throw new InputError(
        `Verifier ${name} takes images of ${size} x ${size} and does not resize, but this one is ${image.width} x ${image.height}. Resize it: image.resize(${size}, ${size}).`,
      );
  }
}

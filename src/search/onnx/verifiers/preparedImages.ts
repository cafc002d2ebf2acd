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
export function sideOf({ resize: way, size, crop }: ImagePreparation): number {
  return way === "shorter" ? crop : size;
}

function fitted(
  image: ImageData8,
  { resize: way, size, crop, filter }: ImagePreparation,
  name: string,
): ImageData8 {
  switch (way) {
    case "shorter":
      return centreCrop(resizeShorterSide(image, size, filter), crop, crop);
    case "longer":
      return resizeLongerSide(image, size);
    case "exact":
      return resize(image, size, size, filter);
    case "none":
      if (image.width === size && image.height === size) return image;
      throw new InputError(
        `Verifier ${name} takes images of ${size} x ${size} and does not resize, but this one is ${image.width} x ${image.height}. Resize it: image.resize(${size}, ${size}).`,
      );
  }
}

import type { ImageData8 } from "../../engine/engine.js";
import { luma } from "./luma.js";

/**
 * Variance of the Laplacian of the brightness (Pech-Pacheco et al., Diatom autofocusing in brightfield microscopy, ICPR 2000): 0 for a flat
 * image, larger for more and harder edges, and for noise. The four-neighbour kernel, mirrored at the border without repeating it, as OpenCV's
 * `Laplacian(grey, CV_64F).var()`; depends on the image's size, so compare equal sizes only.
 */
export function sharpness(image: ImageData8): number {
  const { width, height } = image;
  const grey = luma(image);
  const at = (x: number, y: number) => grey[mirrored(y, height) * width + mirrored(x, width)]!;
  let sum = 0;
  let squares = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4 * at(x, y);
      sum += value;
      squares += value * value;
    }
  }
  const count = width * height;
  return Math.max(0, squares / count - (sum / count) ** 2);
}

/** ... 2 1 0 1 2 ...; a single row or column mirrors onto itself. */
function mirrored(place: number, length: number): number {
  if (length === 1) return 0;
  if (place < 0) return -place;
  return place < length ? place : 2 * length - 2 - place;
}

import type { ImageData8 } from "../../engine/engine.js";

/** Brightness 0..255 of each pixel, ITU-R BT.601 weights, not rounded: what Pillow's "L" and OpenCV's grey round. */
export function luma({ data, channels, width, height }: ImageData8): Float64Array {
  const values = new Float64Array(width * height);
  for (let i = 0; i < values.length; i++) {
    values[i] =
      channels === 1 ? data[i]! : 0.299 * data[3 * i]! + 0.587 * data[3 * i + 1]! + 0.114 * data[3 * i + 2]!;
  }
  return values;
}

import type { ImageData8 } from "../engine/engine.js";
import type { RawPicture } from "./rawPicture.js";

/** Laid on white: each value is round(value * alpha + 255 * (1 - alpha)), alpha in 0..1. Without alpha the pixels as they are. */
export function flatten({ width, height, channels, data }: RawPicture): ImageData8 {
  if (channels === 1 || channels === 3) return { width, height, channels, data };
  const colours = channels === 2 ? 1 : 3;
  const out = new Uint8Array(width * height * colours);
  for (let i = 0; i < width * height; i++) {
    const alpha = data[i * channels + colours]!;
    for (let channel = 0; channel < colours; channel++) {
      const value = data[i * channels + channel]!;
      out[i * colours + channel] = Math.round((value * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return { width, height, channels: colours, data: out };
}

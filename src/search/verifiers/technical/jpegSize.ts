import { encode } from "jpeg-js";
import { wholeNumber } from "../../check.js";
import type { ImageData8 } from "../../engine/engine.js";

/** The quality of DDPO's reward. */
export const DDPO_QUALITY = 95;

/**
 * Size as JPEG in units of 1,000 bytes: the incompressibility of DDPO (Black et al. 2023, arXiv 2305.13301; `len(jpeg) / 1000` at quality 95),
 * whose negative is its compressibility. The encoder is jpeg-js with the same quantisation tables, but without libjpeg's halving of the colour
 * planes, so colourful images come out larger than with Pillow's default; the order of images is what a search uses.
 */
export function jpegSize(image: ImageData8, quality = DDPO_QUALITY): number {
  wholeNumber(quality, "quality", 1, 100);
  const { width, height, channels, data } = image;
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) {
    for (let channel = 0; channel < 3; channel++) {
      rgba[4 * i + channel] = data[channels === 3 ? 3 * i + channel : i]!;
    }
  }
  return encode({ width, height, data: rgba }, quality).data.length / 1000;
}

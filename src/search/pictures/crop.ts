import type { ImageData8 } from "../engine/engine.js";
import { evenRound } from "./evenRound.js";
import type { Filter } from "./filter.js";
import { resize } from "./resize.js";

/**
 * `image` with its shorter side at `size`, the longer in proportion and cut to a whole number: `torchvision.transforms.Resize(size)` of a
 * Pillow image, as CLIP and DINO use it.
 */
export function resizeShorterSide(image: ImageData8, size: number, filter: Filter = "bicubic"): ImageData8 {
  const shorter = Math.min(image.width, image.height);
  const along = (side: number) => (side === shorter ? size : Math.trunc((size * side) / shorter));
  return resize(image, along(image.width), along(image.height), filter);
}

/**
 * The middle `width` x `height` of `image`; what lies outside of it is black. An odd remainder is halved as `torchvision.transforms.CenterCrop`
 * does: when it cuts, half a pixel rounds to the even number; when it pads, the smaller half lies left and above.
 */
export function centreCrop(image: ImageData8, width: number, height: number): ImageData8 {
  return window(image, width, height, offset(image.width, width), offset(image.height, height));
}

function offset(from: number, to: number): number {
  return to > from ? -Math.floor((to - from) / 2) : evenRound((from - to) / 2);
}

/**
 * `image` with its longer side at `size`, padded to a square with `fill`: `ResizeMaxSize` of open_clip as HPSv2 uses it. That leaves an image
 * alone whose longer side is `size` already, which no model takes unless it is square; here it is padded too.
 */
export function resizeLongerSide(
  image: ImageData8,
  size: number,
  filter: Filter = "bicubic",
  fill = 0,
): ImageData8 {
  const scale = size / Math.max(image.width, image.height);
  const along = (side: number) => Math.max(1, evenRound(side * scale));
  const resized = resize(image, along(image.width), along(image.height), filter);
  const left = Math.floor((size - resized.width) / 2);
  const top = Math.floor((size - resized.height) / 2);
  return window(resized, size, size, -left, -top, fill);
}

/** What a frame of `width` x `height` at (`left`, `top`) of the image shows, `fill` where there is no image. */
function window(
  image: ImageData8,
  width: number,
  height: number,
  left: number,
  top: number,
  fill = 0,
): ImageData8 {
  const { channels } = image;
  const data = new Uint8Array(width * height * channels).fill(fill);
  const from = Math.max(left, 0);
  const to = Math.min(left + width, image.width);
  for (let y = Math.max(top, 0); y < Math.min(top + height, image.height); y++) {
    const row = image.data.subarray((y * image.width + from) * channels, (y * image.width + to) * channels);
    data.set(row, ((y - top) * width + from - left) * channels);
  }
  return { width, height, channels, data };
}

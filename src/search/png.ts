import { encode } from "fast-png";
import type { ImageData8 } from "./engine/engine.js";

/** The file bytes of a PNG: the same for the same pixels, no time and no text in it. */
export function encodePng(image: ImageData8): Uint8Array {
  return encode({
    width: image.width,
    height: image.height,
    channels: image.channels,
    data: image.data,
    depth: 8,
  });
}

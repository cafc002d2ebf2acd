import type { Tensor } from "../tensor.js";
import type { ImageData8 } from "./engine.js";

/** A state [C, H, W] in [-1, 1] to 8 bit: round(127.5 x + 127.5), clamped. */
export function toPixels(state: Tensor): ImageData8 {
  const [planes, height, width] = state.shape as [number, number, number];
  const channels = planes === 3 ? 3 : 1;
  const size = height * width;
  const data = new Uint8Array(channels * size);
  for (let channel = 0; channel < channels; channel++) {
    for (let i = 0; i < size; i++) {
      const value = Math.round(state.data[channel * size + i]! * 127.5 + 127.5);
      data[i * channels + channel] = Math.max(0, Math.min(255, value));
    }
  }
  return { width, height, channels, data };
}

/** What each of 256 values is in [-1, 1]: looking it up takes a fraction of the division. */
const SIGNED = Float32Array.from({ length: 256 }, (_, value) => value / 127.5 - 1);

/** 8 bit back to [-1, 1], planes [C, H, W], written into `target` at `offset`: what a verifier sees is what a person sees. */
export function fromPixels(image: ImageData8, target: Float32Array, offset: number): void {
  const { channels, data } = image;
  const size = image.width * image.height;
  if (channels === 1) {
    // Without a stride it takes half as long.
    for (let i = 0; i < size; i++) target[offset + i] = SIGNED[data[i]!]!;
    return;
  }
  // Each byte is read once, next to the last one.
  const [green, blue] = [offset + size, offset + 2 * size];
  for (let i = 0, from = 0; i < size; i++, from += 3) {
    target[offset + i] = SIGNED[data[from]!]!;
    target[green + i] = SIGNED[data[from + 1]!]!;
    target[blue + i] = SIGNED[data[from + 2]!]!;
  }
}

import type { ImageData8 } from "../../../../src/search/engine/engine.js";

export type Pattern = "formula" | "noise" | "edges";

/** The pictures of training/fixtures, made by the same formulas. */
export function picture(pattern: Pattern, width: number, height: number, channels: 1 | 3): ImageData8 {
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    const channel = i % channels;
    const x = ((i - channel) / channels) % width;
    const y = Math.floor((i - channel) / channels / width);
    data[i] = pattern === "formula" ? formula(x, y, channel) : hashed(i, pattern);
  }
  return { width, height, channels, data };
}

function formula(x: number, y: number, channel: number): number {
  return [(7 * x + 3 * y) % 256, (x * x + 5 * y) % 256, ((x ^ y) * 11) % 256][channel]!;
}

function hashed(index: number, pattern: "noise" | "edges"): number {
  const word = (Math.imul(index, 2654435761) + 12345) >>> 0;
  return pattern === "noise" ? word >>> 24 : (word >>> 31) * 255;
}

import { oneOf, wholeNumber } from "../check.js";
import type { ImageData8 } from "../engine/engine.js";
import { coefficients, type Coefficients, PRECISION_BITS } from "./coefficients.js";
import { type Filter, FILTER_NAMES, FILTERS, type Kernel } from "./filter.js";

/** Pillow's own images end here. */
const LARGEST_SIDE = 65_535;

/** Which Pillow to equal: they differ in the order of the two passes, so in the rounding between them. */
export type PillowVersion = (typeof VERSIONS)[number];
const VERSIONS = ["pillow-12", "pillow-13"] as const;

/**
 * `image` at another size, equal to Pillow's `Image.resize(size, filter)` byte for byte (`reducing_gap` off, no box): two passes in 22-bit
 * fixed point, each rounded and clamped to 8 bit; a pass that changes nothing is left out. All Pillows from 3.3 to 12 go along the rows
 * first, and published scores were made with them. Pillow 13 goes along the columns first when the height loses more than twice as many
 * pixels as the width (its pull request 9549).
 */
export function resize(
  image: ImageData8,
  width: number,
  height: number,
  filter: Filter = "bicubic",
  version: PillowVersion = "pillow-12",
): ImageData8 {
  wholeNumber(width, "width", 1, LARGEST_SIDE);
  wholeNumber(height, "height", 1, LARGEST_SIDE);
  const kernel = FILTERS[oneOf(filter, "filter", FILTER_NAMES)];
  oneOf(version, "Pillow version", VERSIONS);
  const passes = [
    (input: ImageData8) => toWidth(input, width, kernel),
    (input: ImageData8) => toHeight(input, height, kernel),
  ];
  const lost = { width: image.width - width, height: image.height - height };
  if (version === "pillow-13" && lost.height > Math.max(0, 2 * lost.width)) passes.reverse();
  const resized = passes.reduce((input, pass) => pass(input), image);
  return resized.data === image.data ? { ...resized, data: Uint8Array.from(image.data) } : resized;
}

function toWidth(image: ImageData8, width: number, kernel: Kernel): ImageData8 {
  if (width === image.width) return plain(image);
  const along = coefficients(kernel, image.width, width);
  const pass = image.channels === 3 ? alongRows3 : alongRows1;
  return { ...plain(image), width, data: pass(image.data, image.width, image.height, width, along) };
}

function toHeight(image: ImageData8, height: number, kernel: Kernel): ImageData8 {
  if (height === image.height) return plain(image);
  const along = coefficients(kernel, image.height, height);
  return {
    ...plain(image),
    height,
    data: alongColumns(image.data, image.width * image.channels, height, along),
  };
}

function plain({ width, height, channels, data }: ImageData8): ImageData8 {
  return { width, height, channels, data };
}

// A constant of this module: an imported binding may cost a look-up for every pixel.
const BITS = PRECISION_BITS;
const HALF = 1 << (BITS - 1);

/** Three channels at once: each weight is read once for the pixel. */
function alongRows3(
  input: Uint8Array,
  inputWidth: number,
  height: number,
  width: number,
  { first, count, weights, stride }: Coefficients,
): Uint8Array {
  const output = new Uint8ClampedArray(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    const row = y * inputWidth * 3;
    for (let x = 0; x < width; x++) {
      const start = x * stride;
      const end = start + count[x]!;
      let from = row + first[x]! * 3;
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let tap = start; tap < end; tap++) {
        const weight = weights[tap]!;
        red = (red + Math.imul(weight, input[from]!)) | 0;
        green = (green + Math.imul(weight, input[from + 1]!)) | 0;
        blue = (blue + Math.imul(weight, input[from + 2]!)) | 0;
        from += 3;
      }
      output[to++] = red >> BITS;
      output[to++] = green >> BITS;
      output[to++] = blue >> BITS;
    }
  }
  return new Uint8Array(output.buffer);
}

function alongRows1(
  input: Uint8Array,
  inputWidth: number,
  height: number,
  width: number,
  { first, count, weights, stride }: Coefficients,
): Uint8Array {
  const output = new Uint8ClampedArray(width * height);
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const start = x * stride;
      const end = start + count[x]!;
      let from = y * inputWidth + first[x]!;
      let sum = HALF;
      for (let tap = start; tap < end; tap++) sum = (sum + Math.imul(weights[tap]!, input[from++]!)) | 0;
      output[to++] = sum >> BITS;
    }
  }
  return new Uint8Array(output.buffer);
}

/** Row by row, so that memory is read in order, four rows at once, so that the sums are. The channels do not matter here. */
function alongColumns(
  input: Uint8Array,
  rowLength: number,
  height: number,
  { first, count, weights, stride }: Coefficients,
): Uint8Array {
  const output = new Uint8ClampedArray(rowLength * height);
  const sums = new Int32Array(rowLength);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    const start = y * stride;
    const taps = count[y]!;
    let row = first[y]! * rowLength;
    let tap = 0;
    for (; tap + 3 < taps; tap += 4, row += 4 * rowLength) {
      const w0 = weights[start + tap]!;
      const w1 = weights[start + tap + 1]!;
      const w2 = weights[start + tap + 2]!;
      const w3 = weights[start + tap + 3]!;
      const row1 = row + rowLength;
      const row2 = row1 + rowLength;
      const row3 = row2 + rowLength;
      for (let i = 0; i < rowLength; i++) {
        sums[i] =
          sums[i]! +
          Math.imul(w0, input[row + i]!) +
          Math.imul(w1, input[row1 + i]!) +
          Math.imul(w2, input[row2 + i]!) +
          Math.imul(w3, input[row3 + i]!);
      }
    }
    for (; tap < taps; tap++, row += rowLength) {
      const weight = weights[start + tap]!;
      for (let i = 0; i < rowLength; i++) sums[i] = sums[i]! + Math.imul(weight, input[row + i]!);
    }
    const to = y * rowLength;
    for (let i = 0; i < rowLength; i++) output[to + i] = sums[i]! >> BITS;
  }
  return new Uint8Array(output.buffer);
}

/** A resampling kernel: its value at a distance in pixels, and the distance from which on it is 0. */
export interface Kernel {
  readonly support: number;
  at(x: number): number;
}

export type Filter = "box" | "bilinear" | "hamming" | "bicubic" | "lanczos";

/**
 * The filters of Pillow (src/libImaging/Resample.c), in its order of operations: the last bit of a coefficient decides about a pixel.
 * Its `NEAREST` is no such filter and is left out. torch's bicubic has a = -0.75 and is another one than this.
 */
export const FILTERS: Readonly<Record<Filter, Kernel>> = {
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, at: hamming },
  bicubic: { support: 2, at: bicubic },
  lanczos: { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

export const FILTER_NAMES = Object.keys(FILTERS) as Filter[];

// Pillow writes these two as C floats.
const HAMMING_MEAN = Math.fround(0.54);
const HAMMING_WAVE = Math.fround(0.46);

function hamming(signed: number): number {
  const x = Math.abs(signed);
  if (x === 0) return 1;
  if (x >= 1) return 0;
  const angle = x * Math.PI;
  return (Math.sin(angle) / angle) * (HAMMING_MEAN + HAMMING_WAVE * Math.cos(angle));
}

/** Keys' cubic convolution with a = -0.5. */
function bicubic(signed: number): number {
  const a = -0.5;
  const x = Math.abs(signed);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

function sinc(x: number): number {
  if (x === 0) return 1;
  const angle = x * Math.PI;
  return Math.sin(angle) / angle;
}

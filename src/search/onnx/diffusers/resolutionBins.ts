/**
 * The sizes that PixArt's pipelines sample at, for pictures of 2048 x 2048 pixels in all: the ratio of height to width as diffusers rounds it, and both in
 * steps of 128 pixels (ASPECT_RATIO_2048_BIN of its PixArtSigmaPipeline).
 */
const FINEST: readonly (readonly [ratio: number, height: number, width: number])[] = [
  [0.25, 8, 32],
  [0.26, 8, 31],
  [0.27, 8, 30],
  [0.28, 8, 29],
  [0.32, 9, 28],
  [0.33, 9, 27],
  [0.35, 9, 26],
  [0.4, 10, 25],
  [0.42, 10, 24],
  [0.48, 11, 23],
  [0.5, 11, 22],
  [0.52, 11, 21],
  [0.57, 12, 21],
  [0.6, 12, 20],
  [0.68, 13, 19],
  [0.72, 13, 18],
  [0.78, 14, 18],
  [0.82, 14, 17],
  [0.88, 15, 17],
  [0.94, 15, 16],
  [1, 16, 16],
  [1.07, 16, 15],
  [1.13, 17, 15],
  [1.21, 17, 14],
  [1.29, 18, 14],
  [1.38, 18, 13],
  [1.46, 19, 13],
  [1.67, 20, 12],
  [1.75, 21, 12],
  [2, 22, 11],
  [2.09, 23, 11],
  [2.4, 24, 10],
  [2.5, 25, 10],
  [2.89, 26, 9],
  [3, 27, 9],
  [3.11, 28, 9],
  [3.62, 29, 8],
  [3.75, 30, 8],
  [3.88, 31, 8],
  [4, 32, 8],
];

/** Ratios that the tables for smaller pictures have not. */
const FINEST_ALONE: readonly number[] = [0.26, 0.27, 2.89, 3.11, 3.62, 3.75, 3.88];

/**
 * Height and width in pixels that a network of `sampleSize` latents a side samples at when a picture of `height` x `width` is asked for: of its table the
 * size whose ratio is nearest (`classify_height_width_bin`). Undefined where there is no table.
 */
export function resolutionBin(
  sampleSize: number,
  height: number,
  width: number,
): readonly [height: number, width: number] | undefined {
  if (![32, 64, 128, 256].includes(sampleSize)) return undefined;
  const asked = height / width;
  const unit = sampleSize / 2;
  let best: (typeof FINEST)[number] | undefined;
  for (const bin of FINEST) {
    if (sampleSize < 256 && FINEST_ALONE.includes(bin[0])) continue;
    if (!best || Math.abs(bin[0] - asked) < Math.abs(best[0] - asked)) best = bin;
  }
  return [best![1] * unit, best![2] * unit];
}

import type { ImageData8 } from "../../engine/engine.js";

/**
 * M of Hasler and Süsstrunk, Measuring colourfulness in natural images (SPIE 5007, 2003): deviation plus 0.3 times the mean of the two
 * opponent axes R - G and (R + G)/2 - B, pixels 0..255. 0 for grey; they call 33 moderately, 59 quite and 109 extremely colourful.
 */
export function colourfulness({ data, channels, width, height }: ImageData8): number {
  if (channels === 1) return 0;
  const count = width * height;
  const sums = [0, 0, 0, 0] as [number, number, number, number];
  for (let i = 0; i < data.length; i += 3) {
    const redGreen = data[i]! - data[i + 1]!;
    const yellowBlue = (data[i]! + data[i + 1]!) / 2 - data[i + 2]!;
    sums[0] += redGreen;
    sums[1] += redGreen * redGreen;
    sums[2] += yellowBlue;
    sums[3] += yellowBlue * yellowBlue;
  }
  const means = [sums[0] / count, sums[2] / count] as const;
  const variance =
    Math.max(0, sums[1] / count - means[0] ** 2) + Math.max(0, sums[3] / count - means[1] ** 2);
  return Math.sqrt(variance) + 0.3 * Math.hypot(...means);
}

import { wholeNumber } from "../check.js";
import { InputError } from "../inputError.js";
import { sampleWithoutReplacement } from "./draws.js";
import { featureLength, type Features } from "./features.js";

export interface KernelDistance {
  /** Unbiased, so it may be below 0 for sets that are alike. */
  readonly distance: number;
  /** Standard deviation over the subsets; undefined without them. */
  readonly deviation: number | undefined;
  readonly images: readonly [number, number];
}

export interface KernelDistanceOptions {
  /** Of `size` images each, drawn without replacement; without them, all images at once. */
  readonly subsets?: number;
  readonly size?: number;
  readonly seed?: number;
}

/**
 * Kernel distance, KID: the unbiased squared maximum mean discrepancy under the kernel (x.y/d + 1)^3 (Bińkowski et al. 2018,
 * arXiv 1801.01401). Its expectation does not depend on the number of images, so small sets can be compared; two images suffice.
 */
export function kernelDistance(
  a: Features,
  b: Features,
  options: KernelDistanceOptions = {},
): KernelDistance {
  featureLength([a, b]);
  const fewest = Math.min(a.length, b.length);
  if (fewest < 2)
    throw new InputError(`A kernel distance needs at least 2 images in each set, but one has ${fewest}.`);
  const images = [a.length, b.length] as const;
  if (options.subsets === undefined) return { distance: discrepancy(a, b), deviation: undefined, images };
  const subsets = wholeNumber(options.subsets, "subsets", 2);
  const size = wholeNumber(options.size ?? Math.min(1000, fewest), "size", 2, fewest);
  const seed = wholeNumber(options.seed ?? 0, "seed", 0);
  const part = (set: Features, side: string, subset: number) =>
    Array.from(
      sampleWithoutReplacement({ seed, path: `kid/${side}/${subset}` }, size, set.length),
      (i) => set[i]!,
    );
  const distances = Array.from({ length: subsets }, (_, subset) =>
    discrepancy(part(a, "a", subset), part(b, "b", subset)),
  );
  const mean = distances.reduce((sum, value) => sum + value, 0) / subsets;
  const squares = distances.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { distance: mean, deviation: Math.sqrt(squares / (subsets - 1)), images };
}

function discrepancy(a: Features, b: Features): number {
  let across = 0;
  for (const x of a) for (const y of b) across += kernel(x, y);
  return within(a) + within(b) - (2 * across) / (a.length * b.length);
}

/** Mean kernel of the pairs of different images. */
function within(set: Features): number {
  let sum = 0;
  for (let i = 0; i < set.length; i++) for (let j = 0; j < i; j++) sum += kernel(set[i]!, set[j]!);
  return (2 * sum) / (set.length * (set.length - 1));
}

function kernel(x: ArrayLike<number>, y: ArrayLike<number>): number {
  let dot = 0;
  for (let i = 0; i < x.length; i++) dot += x[i]! * y[i]!;
  return (dot / x.length + 1) ** 3;
}

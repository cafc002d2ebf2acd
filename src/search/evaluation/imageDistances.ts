import { InputError } from "../inputError.js";
import { messageOf } from "../check.js";
import { imagesOf, type Images } from "../images.js";
import type { Session } from "../session.js";
import type { VerifierRef } from "../verifiers/verifier.js";
import { frechetDistance, type FrechetDistance } from "./frechet.js";
import { kernelDistance } from "./kernelDistance.js";
import type { Features } from "./features.js";

/** How far two sets of images are apart, never without how many there were and where it was measured. */
export interface ImageDistances {
  /** Fréchet distance; absent below d + 1 images. */
  readonly frechet?: number;
  /** Why it is absent. */
  readonly refused?: string;
  /** Kernel distance (KID): unbiased for any number of images, so it may be below 0. */
  readonly kernel: number;
  readonly images: readonly [number, number];
  readonly dimension: number;
  /** The network's layer, e.g. "logits of classifier". */
  readonly network: string;
}

/**
 * Fréchet distance in the session's feature network (or that of `features`); refused below d + 1 images, with the reason and the kernel distance of these
 * images, which needs only two.
 */
export async function frechetOfImages(
  session: Session,
  a: Images,
  b: Images,
  features?: VerifierRef,
): Promise<FrechetDistance & { readonly network: string }> {
  const { first, second, network } = await featuresOf(session, a, b, features);
  try {
    return { ...frechetDistance(first, second), network };
  } catch (error) {
    if (!(error instanceof InputError) || Math.min(first.length, second.length) < 2) throw error;
    const { distance } = kernelDistance(first, second);
    throw new InputError(
      `${error.message} Between these it is ${Number(distance.toPrecision(4))}, in ${network}; imageDistances gives it as a number.`,
    );
  }
}

/** Fréchet and kernel distance side by side: of few images the second alone. */
export async function imageDistances(
  session: Session,
  a: Images,
  b: Images,
  features?: VerifierRef,
): Promise<ImageDistances> {
  const { first, second, network } = await featuresOf(session, a, b, features);
  const kernel = kernelDistance(first, second);
  const found = {
    kernel: kernel.distance,
    images: kernel.images,
    dimension: first[0]!.length,
    network,
  };
  try {
    return { frechet: frechetDistance(first, second).distance, ...found };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { refused: messageOf(error), ...found };
  }
}

async function featuresOf(
  session: Session,
  a: Images,
  b: Images,
  features: VerifierRef | undefined,
): Promise<{ readonly first: Features; readonly second: Features; readonly network: string }> {
  const first = await session.features(await imagesOf(a), features);
  const second = await session.features(await imagesOf(b), features);
  if (!first || !second)
    throw new InputError(
      `${session.model.name} has no verifier whose network gives features of images, so there is nothing to measure in.`,
    );
  return { first: first.vectors, second: second.vectors, network: first.network };
}

import type { Image } from "./image.js";

/** Plain samples: one image for each seed, in their order. */
export class Samples implements AsyncIterable<Image> {
  readonly seeds: readonly (number | bigint)[];
  readonly images: readonly Image[];

  constructor(seeds: readonly (number | bigint)[], images: readonly Image[]) {
    this.seeds = seeds;
    this.images = images;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Image, void> {
    yield* this.images;
  }
}

import type { ImageData8 } from "../engine/engine.js";
import { address } from "../engine/tensorId.js";
import type { Scorer } from "../engine/scorer.js";

/** Mean of the pixels, 0..1. */
export function brightness(): Scorer {
  return pixelScorer("brightness", ({ data }) => mean(data) / 255);
}

/** Standard deviation of the pixels, 0..1/2. */
export function contrast(): Scorer {
  return pixelScorer("contrast", ({ data }) => {
    const centre = mean(data);
    return Math.sqrt(mean(Float64Array.from(data, (value) => (value - centre) ** 2))) / 255;
  });
}

function pixelScorer(name: string, score: (image: ImageData8) => number): Scorer {
  return {
    name,
    direction: "higher",
    needsCondition: false,
    sha256: address(["pixels", name]),
    score: async (images) => images.map(score),
    async dispose() {},
  };
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

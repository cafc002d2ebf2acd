import type { EngineCondition } from "../../engine/engine.js";
import type { BagEncoder } from "../conditioning/bagEncoder.js";
import type { Vocabulary } from "../text/vocabulary.js";
import type { PixelNetwork } from "./pixelNetwork.js";
import { dot } from "./dot.js";
import type { Scoring } from "./scoring.js";

/**
 * Cosine, from -1 to 1, of the image and the words of the prompt or of the class's name, in towers that were trained together (CLIP,
 * arXiv 2103.00020). Both give vectors of length 1.
 */
export function alignmentScoring(
  network: PixelNetwork,
  encoder: BagEncoder,
  vocabulary: Vocabulary,
): Scoring {
  return {
    featureLayer: "embedding",
    features: (images) => network.vectors(images),
    async score(images, conditions) {
      const seen = await network.vectors(images);
      // The images of a batch mostly share their condition.
      const texts = new Map<EngineCondition | undefined, Float32Array>();
      for (const condition of new Set(conditions))
        texts.set(condition, await encoder.embedding(vocabulary.bag(condition ?? {}, false)));
      return seen.map((vector, i) => dot(vector, texts.get(conditions[i])!));
    },
    async release() {
      await network.release();
      await encoder.release();
    },
  };
}

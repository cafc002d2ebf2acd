import { InputError } from "../../inputError.js";
import type { PixelNetwork } from "./pixelNetwork.js";
import type { Scoring } from "./scoring.js";

/** A network that learned without labels: it says how alike two images are, and nothing of one by itself. */
export function featureScoring(name: string, network: PixelNetwork): Scoring {
  return {
    featureLayer: "embedding",
    features: (images) => network.vectors(images),
    score: () =>
      Promise.reject(
        new InputError(
          `Verifier ${name} gives features and no score. Search with selfSupervised({ features: "${name}" }), which compares an image with its preview.`,
        ),
      ),
    release: () => network.release(),
  };
}

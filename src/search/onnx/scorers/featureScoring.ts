import type { PixelNetwork } from "./pixelNetwork.js";
import type { Scoring } from "./scoring.js";

/** A network that learned without labels: it says how alike two images are, and nothing of one by itself. */
export function featureScoring(network: PixelNetwork): Scoring {
  return {
    wants: "preview",
    featureLayer: "embedding",
    features: (images) => network.vectors(images),
    score: () => Promise.reject(new Error("it gives features and no score")),
    release: () => network.release(),
  };
}

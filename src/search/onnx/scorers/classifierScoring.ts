import type { PixelNetwork } from "./pixelNetwork.js";
import { probability } from "./probability.js";
import type { Scoring } from "./scoring.js";

/** The probability, from 0 to 1, of the class or the style asked for. Of logits [B, `classes`]. */
export function classifierScoring(network: PixelNetwork, wants: "label" | "style", classes: number): Scoring {
  return {
    wants,
    // The graph gives nothing before them: what tells images apart for it, one number a class.
    featureLayer: "logits",
    features: (images) => network.vectors(images),
    async score(images, conditions) {
      const logits = await network.run(images);
      return conditions.map((condition, i) => {
        const asked = condition?.[wants];
        if (asked === undefined) throw new Error(`there is no ${wants} to score against`);
        return probability(logits, asked, i * classes, classes);
      });
    },
    release: () => network.release(),
  };
}

import { dot } from "./dot.js";
import type { PixelNetwork } from "./pixelNetwork.js";
import type { Scoring } from "./scoring.js";

/**
 * How near an image is to the nearest of its class's own pictures: the largest cosine, from -1 to 1, with their vectors, all of length 1.
 * `labels`: the class of each row of `prototypes`.
 */
export function prototypeScoring(
  network: PixelNetwork,
  prototypes: readonly Float32Array[],
  labels: readonly number[],
): Scoring {
  const ofClass = new Map<number, Float32Array[]>();
  prototypes.forEach((prototype, row) => {
    const label = labels[row]!;
    ofClass.set(label, [...(ofClass.get(label) ?? []), prototype]);
  });
  return {
    wants: "label",
    featureLayer: "embedding",
    features: (images) => network.vectors(images),
    async score(images, conditions) {
      const seen = await network.vectors(images);
      return seen.map((vector, i) => {
        const label = conditions[i]?.label;
        if (label === undefined) throw new Error("there is no label to score against");
        const own = ofClass.get(label);
        if (!own) throw new Error("it has no picture of this class to compare with");
        return Math.max(...own.map((prototype) => dot(vector, prototype)));
      });
    },
    release: () => network.release(),
  };
}

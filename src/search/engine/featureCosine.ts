import { InputError } from "../inputError.js";
import type { Scorer } from "./scorer.js";
import { address } from "./tensorId.js";

const PREFIX = "cosine/";

/** Under which name an engine scores by the cosine of features in the network of one of its verifiers. */
export function cosineName(verifier: string): string {
  return PREFIX + verifier;
}

/** The verifier whose network is meant by such a name; undefined: it is none. */
export function comparedBy(name: string): string | undefined {
  return name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;
}

/** The hash of what the scores depend on. */
export function cosineHash(sha256: string): string {
  return address(["cosine of features", sha256]);
}

/**
 * A verifier without labels: cosine, from -1 to 1, of the features of a clean image and of its preview in another verifier's network (Ma et al. 2025,
 * arXiv 2501.09732, section 3). It owns nothing. Features without any length have no direction: a score that is no number.
 */
export function featureCosine(scorer: Scorer): Scorer {
  const { name } = scorer;
  return {
    name: cosineName(name),
    direction: "higher",
    needsCondition: false,
    sha256: cosineHash(scorer.sha256),
    async score(images, _, references = []) {
      if (!scorer.features) throw new InputError(`Verifier ${name} has no network that gives features.`);
      const previews = images.map((__, i) => {
        const preview = references[i];
        if (preview) return preview;
        throw new InputError(
          `The features of ${name} compare an image with its preview, and none was given.`,
        );
      });
      const vectors = await scorer.features([...images, ...previews]);
      return images.map((__, i) => cosine(vectors[i]!, vectors[images.length + i]!));
    },
    dispose: () => Promise.resolve(),
  };
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! ** 2;
    bb += b[i]! ** 2;
  }
  return dot / Math.sqrt(aa * bb);
}

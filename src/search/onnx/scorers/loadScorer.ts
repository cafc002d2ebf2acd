import type { Scorer } from "../../engine/scorer.js";
import { InputError } from "../../inputError.js";
import { BagEncoder } from "../conditioning/bagEncoder.js";
import type { Place } from "../devices/device.js";
import { fromHalf } from "../half.js";
import type { VerifierFile } from "../modelCard.js";
import type { ModelFolder } from "../modelFolder.js";
import { alignmentScoring } from "./alignmentScoring.js";
import { classifierScoring } from "./classifierScoring.js";
import { featureScoring } from "./featureScoring.js";
import { PixelNetwork } from "./pixelNetwork.js";
import { prototypeScoring } from "./prototypeScoring.js";
import type { Scoring } from "./scoring.js";

/** A verifier of the model's folder, by its entry in the card. */
export async function loadScorer(
  folder: ModelFolder,
  file: VerifierFile,
  on: number | Place,
): Promise<Scorer> {
  const scoring = await open(folder, file, on);
  const { name, direction, needsCondition, sha256 } = file;
  return { name, direction, needsCondition, sha256, ...scoring, dispose: () => scoring.release() };
}

async function open(folder: ModelFolder, file: VerifierFile, on: number | Place): Promise<Scoring> {
  const network = (output: string, size: number): Promise<PixelNetwork> =>
    PixelNetwork.load(folder, file, on, output, size);
  switch (file.kind) {
    case "classifier": {
      const { labels, styles } = folder.card;
      const names = file.target === "style" ? styles : labels;
      if (!names)
        throw new InputError(`model.json: verifier ${file.name} scores styles, but the model has none.`);
      return classifierScoring(await network("logits", names.length), file.target, names.length);
    }
    case "alignment": {
      const vocabulary = await folder.vocabulary();
      const encoder = await BagEncoder.load(
        folder,
        file.text,
        threadsOf(on),
        "embedding",
        vocabulary.width,
        file.size,
      );
      return alignmentScoring(await network("embedding", file.size), encoder, vocabulary);
    }
    case "prototypes": {
      const { prototypes } = file;
      const [rows, size] = prototypes.shape;
      const bytes = await folder.read(prototypes);
      if (bytes.byteLength !== 2 * rows * size)
        throw new InputError(
          `${prototypes.file} has ${bytes.byteLength} bytes, but ${rows} x ${size} halves are ${2 * rows * size}: it does not belong to this model.json.`,
        );
      const halves = new Uint16Array(bytes.slice().buffer);
      const vectors = Array.from({ length: rows }, (_, i) =>
        fromHalf(halves.subarray(i * size, (i + 1) * size)),
      );
      return prototypeScoring(await network("embedding", size), vectors, prototypes.labels);
    }
    case "features":
      return featureScoring(await network("embedding", file.size));
  }
}

const threadsOf = (on: number | Place): number => (typeof on === "number" ? on : on.threads);

import { Tensor } from "onnxruntime-node";
import type { EngineCondition, ImageData8 } from "../engine/engine.js";
import { fromPixels } from "../engine/pixels.js";
import type { Scorer } from "../engine/scorer.js";
import type { Place } from "./devices/device.js";
import type { FolderCard, VerifierFile } from "./modelCard.js";
import type { ModelFolder } from "./modelFolder.js";
import { OrtSession } from "./ortSession.js";

/**
 * A supervised classifier as a verifier: the probability of the class asked for. Graph: x [B, C, H, W] in [-1, 1] to logits [B, K].
 * What it sees is the decoded 8-bit image.
 */
export class OnnxClassifier implements Scorer {
  readonly name: string;
  readonly direction: "higher" | "lower";
  readonly needsCondition: boolean;
  readonly sha256: string;
  /** The graph gives nothing before them: what tells images apart for it, one number a class. */
  readonly featureLayer = "logits";
  readonly #session: OrtSession;
  readonly #image: FolderCard["image"];
  readonly #classes: number;
  #input: Tensor | undefined;

  private constructor(file: VerifierFile, session: OrtSession, image: FolderCard["image"], classes: number) {
    this.name = file.name;
    this.direction = file.direction;
    this.needsCondition = file.needsCondition;
    this.sha256 = file.sha256;
    this.#session = session;
    this.#image = image;
    this.#classes = classes;
  }

  static async load(folder: ModelFolder, file: VerifierFile, on: number | Place): Promise<OnnxClassifier> {
    const { image, labels } = folder.card;
    const session = await OrtSession.load(file.file, await folder.read(file), on, {
      inputs: { x: { type: "float32", shape: ["batch", ...image] } },
      outputs: { logits: { type: "float32", shape: ["batch", labels.length] } },
    });
    return new OnnxClassifier(file, session, image, labels.length);
  }

  async score(
    images: readonly ImageData8[],
    conditions: readonly (EngineCondition | undefined)[],
  ): Promise<readonly number[]> {
    const logits = await this.#logits(images);
    const classes = this.#classes;
    return conditions.map((condition, i) => {
      const label = condition?.label;
      if (label === undefined) throw new Error(`Verifier ${this.name} needs a class to score against.`);
      return probability(logits, label, i * classes, classes);
    });
  }

  async features(images: readonly ImageData8[]): Promise<readonly Float32Array[]> {
    const logits = await this.#logits(images);
    return images.map((_, i) => logits.slice(i * this.#classes, (i + 1) * this.#classes));
  }

  /** Of all images, one after the other. */
  #logits(images: readonly ImageData8[]): Promise<Float32Array> {
    return this.#session.turn(async (session) => {
      const x = this.#inputOf(images.length);
      const size = x.data.length / images.length;
      images.forEach((image, i) => fromPixels(image, x.data as Float32Array, i * size));
      const { logits } = await session.run({ x });
      return logits!.data as Float32Array;
    });
  }

  /** For one turn. The same memory for batches of the same size: new memory for each costs more than filling it. */
  #inputOf(count: number): Tensor {
    if (this.#input?.dims[0] === count) return this.#input;
    const shape = [count, ...this.#image];
    const size = shape.reduce((product, side) => product * side, 1);
    return (this.#input = new Tensor("float32", new Float32Array(size), shape));
  }

  dispose(): Promise<void> {
    return this.#session.release();
  }
}

/**
 * Softmax probability of one class, of `count` logits from `start` on, in double, as 1 / (1 + sum over the others of exp(l_j - l_label)): near 1 it keeps what distinguishes
 * two sure images, where a float32 softmax gives 1 to both.
 */
export function probability(
  logits: Float32Array,
  label: number,
  start = 0,
  count = logits.length - start,
): number {
  const own = logits[start + label]!;
  let others = 0;
  for (let j = 0; j < count; j++) if (j !== label) others += Math.exp(logits[start + j]! - own);
  return 1 / (1 + others);
}

import { Tensor } from "onnxruntime-node";
import type { Place } from "../devices/device.js";
import type { ModelFile } from "../modelCard.js";
import type { ModelFolder } from "../modelFolder.js";
import { OrtSession } from "../ortSession.js";
import type { Bag } from "../text/vocabulary.js";

/** Embeddings that are kept. */
const MOST = 4096;

/**
 * A text encoder over weighted bags of words: tokens int64 [B, W], weights float32 [B, W] to `output` [B, D]. Called for one bag at a time, so
 * that an embedding does not depend on its company, and once for each.
 */
export class BagEncoder {
  readonly #session: OrtSession;
  readonly #output: string;
  readonly #known = new Map<string, Float32Array>();

  private constructor(session: OrtSession, output: string) {
    this.#session = session;
    this.#output = output;
  }

  static async load(
    folder: ModelFolder,
    file: ModelFile,
    on: number | Place,
    output: string,
    width: number,
    size: number,
  ): Promise<BagEncoder> {
    const session = await OrtSession.load(file.file, await folder.read(file), on, {
      inputs: {
        tokens: { type: "int64", shape: ["batch", width] },
        weights: { type: "float32", shape: ["batch", width] },
      },
      outputs: { [output]: { type: "float32", shape: ["batch", size] } },
    });
    return new BagEncoder(session, output);
  }

  async embedding(bag: Bag): Promise<Float32Array> {
    const key = JSON.stringify(bag);
    const known = this.#known.get(key);
    if (known) return known;
    const dims = [1, bag.tokens.length];
    const embedding = await this.#session.turn(async (session) => {
      const found = await session.run({
        tokens: new Tensor("int64", BigInt64Array.from(bag.tokens, BigInt), dims),
        weights: new Tensor("float32", Float32Array.from(bag.weights), dims),
      });
      return Float32Array.from(found[this.#output]!.data as Float32Array);
    });
    const oldest = this.#known.keys().next();
    if (this.#known.size >= MOST && !oldest.done) this.#known.delete(oldest.value);
    this.#known.set(key, embedding);
    return embedding;
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

import { Tensor } from "onnxruntime-node";
import type { ImageData8 } from "../../engine/engine.js";
import { fromPixels } from "../../engine/pixels.js";
import type { Place } from "../devices/device.js";
import type { ModelFile } from "../modelCard.js";
import type { ModelFolder } from "../modelFolder.js";
import { OrtSession } from "../ortSession.js";

/** A graph that sees the decoded 8-bit image: x [B, C, H, W] in [-1, 1] to one vector each. */
export class PixelNetwork {
  readonly #session: OrtSession;
  readonly #image: readonly number[];
  readonly #output: string;
  #input: Tensor | undefined;

  private constructor(session: OrtSession, image: readonly number[], output: string) {
    this.#session = session;
    this.#image = image;
    this.#output = output;
  }

  /** `size`: how long the vectors of `output` have to be. */
  static async load(
    folder: ModelFolder,
    file: ModelFile,
    on: number | Place,
    output: string,
    size: number,
  ): Promise<PixelNetwork> {
    const { image } = folder.card;
    const session = await OrtSession.load(file.file, await folder.read(file), on, {
      inputs: { x: { type: "float32", shape: ["batch", ...image] } },
      outputs: { [output]: { type: "float32", shape: ["batch", size] } },
    });
    return new PixelNetwork(session, image, output);
  }

  /** The vectors one after the other. */
  run(images: readonly ImageData8[]): Promise<Float32Array> {
    return this.#session.turn(async (session) => {
      const x = this.#inputOf(images.length);
      const size = x.data.length / images.length;
      images.forEach((image, i) => fromPixels(image, x.data as Float32Array, i * size));
      const found = await session.run({ x });
      return found[this.#output]!.data as Float32Array;
    });
  }

  async vectors(images: readonly ImageData8[]): Promise<readonly Float32Array[]> {
    const values = await this.run(images);
    const length = values.length / images.length;
    return images.map((_, i) => values.slice(i * length, (i + 1) * length));
  }

  /** For one turn. The same memory for batches of the same size: new memory for each costs more than filling it. */
  #inputOf(count: number): Tensor {
    if (this.#input?.dims[0] === count) return this.#input;
    const shape = [count, ...this.#image];
    const size = shape.reduce((product, side) => product * side, 1);
    return (this.#input = new Tensor("float32", new Float32Array(size), shape));
  }

  release(): Promise<void> {
    return this.#session.release();
  }
}

import type { Engine } from "../engine/engine.js";
import type { Charge } from "../engine/ledger.js";
import { decodeId } from "../engine/tensorId.js";
import { Image } from "../image.js";
import type { Tensor } from "../tensor.js";
import type { CandidateSource } from "./candidate.js";
import type { Node } from "./node.js";

/** Fetches what candidates stand for. What looking costs is billed to the session, not to the search. */
export class TensorReader implements CandidateSource {
  readonly #engine: Engine;
  readonly #draw: (nodes: readonly Node[]) => Promise<void>;
  readonly #bill: (charge: Charge) => void;

  constructor(
    engine: Engine,
    draw: (nodes: readonly Node[]) => Promise<void>,
    bill: (charge: Charge) => void,
  ) {
    this.#engine = engine;
    this.#draw = draw;
    this.#bill = bill;
  }

  /** Decoded already or not: the engine knows, and may have lost what it had. */
  async image(node: Node): Promise<Image> {
    await this.#draw([node]);
    const from = node.preview?.level === node.level ? node.preview.state : node.state;
    const id = decodeId(this.#engine.model.sha256, from);
    const [result] = await this.#engine.decode([{ id, from }]);
    if (result && !result.cached) this.#bill(result);
    if (result?.outcome !== "done")
      throw new Error(`The image of ${node.id} failed: ${result?.failure ?? "aborted"}.`);
    return new Image(await this.#engine.image(id));
  }

  async latent(node: Node): Promise<Tensor> {
    await this.#draw([node]);
    return this.#engine.read(node.state);
  }

  async noise(node: Node): Promise<Tensor> {
    await this.#draw([node]);
    return this.#engine.read(node.draw.id);
  }
}

import { parseCondition } from "../condition.js";
import { InputError } from "../inputError.js";
import type { Engine, EngineVerifier, ScoreJob, TensorId } from "../engine/engine.js";
import type { Charge } from "../engine/ledger.js";
import { pixelsId } from "../engine/tensorId.js";
import { imagesOf, type Images } from "../images.js";
import type { Verifier } from "./verifier.js";

/** A verifier of the session's engine, as a cell sees it. A search calls the engine itself and needs only its name. */
export class ResidentVerifier implements Verifier {
  readonly name: string;
  readonly direction: "higher" | "lower";
  readonly needsCondition: boolean;
  readonly sha256: string;
  readonly featureLayer?: string;
  readonly sees: "pixels" | "latent";
  readonly engine: Engine;
  readonly #bill: (charge: Charge) => void;

  constructor(engine: Engine, verifier: EngineVerifier, bill: (charge: Charge) => void) {
    this.name = verifier.name;
    this.direction = verifier.direction;
    this.needsCondition = verifier.needsCondition;
    this.sha256 = verifier.sha256;
    if (verifier.featureLayer !== undefined) this.featureLayer = verifier.featureLayer;
    this.sees = verifier.sees ?? "pixels";
    this.engine = engine;
    this.#bill = bill;
  }

  within(engine: Engine): string | undefined {
    return engine === this.engine ? this.name : undefined;
  }

  async score(...[images, condition]: Parameters<Verifier["score"]>): Promise<number[]> {
    const parsed = parseCondition(condition, this.engine.model);
    if (this.needsCondition && !parsed) throw new InputError(needsConditionMessage(this.name));
    if (this.sees === "latent") {
      throw new InputError(`Verifier ${this.name} scores states, not images: use it in a search.`);
    }
    const ids = await this.#put(images);
    const jobs = ids.map((image): ScoreJob => {
      const condition = parsed ? { condition: parsed.condition } : {};
      return { verifier: this.name, image, ...condition };
    });
    const results = await this.engine.score(jobs);
    return results.map((result, i) => {
      if (result.outcome !== "aborted") this.#bill({ verifier: this.name, cached: result.cached });
      if (result.outcome === "scored") return result.score;
      const why = result.outcome === "failed" ? result.failure : "the call was stopped";
      throw new Error(`Verifier ${this.name} has no score for image ${i}: ${why}.`);
    });
  }

  /** In the layer that `featureLayer` names. */
  async features(images: Images, billed: boolean): Promise<readonly Float32Array[]> {
    const ids = await this.#put(images);
    const vectors = await this.engine.features(this.name, ids);
    if (billed) for (const _ of ids) this.#bill({ verifier: this.name, cached: false });
    return vectors;
  }

  /** Brings images into the engine, all at once; gives their names there. Throws for one of another size. */
  async #put(images: Images): Promise<readonly TensorId[]> {
    const pixels = await imagesOf(images);
    const [channels, height, width] = this.engine.model.image;
    const entries = pixels.map((image) => {
      if (image.width !== width || image.height !== height || image.channels !== channels) {
        throw new InputError(
          `Verifier ${this.name} takes images of ${width} x ${height} with ${channels} channel(s), but one is ${image.width} x ${image.height} with ${image.channels}.`,
        );
      }
      const { channels: planes, data } = image;
      return { id: pixelsId(image), image: { width, height, channels: planes, data } };
    });
    await this.engine.put(entries);
    return entries.map(({ id }) => id);
  }
}

export function needsConditionMessage(name: string): string {
  return `Verifier ${name} scores against a condition, but there is none. Give a condition, e.g. condition: "…".`;
}

/** Whether a verifier looks at states, so that nothing has to be decoded for it. */
export function seesLatent(verifier: Verifier): boolean {
  return verifier instanceof ResidentVerifier
    ? verifier.sees === "latent"
    : verifier.scoreLatents !== undefined;
}

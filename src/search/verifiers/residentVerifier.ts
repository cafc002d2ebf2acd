import { parseCondition } from "../condition.js";
import { InputError } from "../inputError.js";
import type { Engine, EngineVerifier, ScoreJob, ScoreResult, TensorId } from "../engine/engine.js";
import type { Charge } from "../engine/ledger.js";
import { pixelsId } from "../engine/tensorId.js";
import type { Image } from "../image.js";
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
    const given = parsed ? { condition: parsed.condition } : {};
    const pending: Promise<ScoreResult[]>[] = [];
    // While one part is scored the next one is named and sent.
    for (const part of parts(await this.#checked(images), PART)) {
      const ids = await this.#put(part);
      const scoring = this.engine.score(
        ids.map((image): ScoreJob => ({ verifier: this.name, image, ...given })),
      );
      // Awaited below, with the others.
      scoring.catch(() => undefined);
      pending.push(scoring);
    }
    const results = (await Promise.all(pending)).flat();
    return results.map((result, i) => {
      if (result.outcome !== "aborted") this.#bill({ verifier: this.name, cached: result.cached });
      if (result.outcome === "scored") return result.score;
      const why = result.outcome === "failed" ? result.failure : "the call was stopped";
      throw new Error(`Verifier ${this.name} has no score for image ${i}: ${why}.`);
    });
  }

  /** In the layer that `featureLayer` names. */
  async features(images: Images, billed: boolean): Promise<readonly Float32Array[]> {
    const ids = await this.#put(await this.#checked(images));
    const vectors = await this.engine.features(this.name, ids);
    if (billed) for (const _ of ids) this.#bill({ verifier: this.name, cached: false });
    return vectors;
  }

  /** Throws for an image of another size, before any is scored. */
  async #checked(images: Images): Promise<readonly Image[]> {
    const pixels = await imagesOf(images);
    const [channels, height, width] = this.engine.model.image;
    for (const image of pixels) {
      if (image.width !== width || image.height !== height || image.channels !== channels) {
        throw new InputError(
          `Verifier ${this.name} takes images of ${width} x ${height} with ${channels} channel(s), but one is ${image.width} x ${image.height} with ${image.channels}.`,
        );
      }
    }
    return pixels;
  }

  /** Brings images into the engine, in one call; gives their names there. */
  async #put(images: readonly Image[]): Promise<readonly TensorId[]> {
    const entries = images.map((image) => {
      const { width, height, channels, data } = image;
      return { id: pixelsId(image), image: { width, height, channels, data } };
    });
    await this.engine.put(entries);
    return entries.map(({ id }) => id);
  }
}

/** Images of one call: enough to fill batches, few enough that the engine starts early. */
const PART = 64;

function* parts<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
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

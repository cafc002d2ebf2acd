import { listed, shown } from "../check.js";
import { nearest, parseCondition } from "../condition.js";
import { InputError } from "../inputError.js";
import type {
  Engine,
  EngineCondition,
  EngineVerifier,
  NamedImage,
  ScoreJob,
  ScoreResult,
} from "../engine/engine.js";
import type { Charge } from "../engine/ledger.js";
import { pixelsId } from "../engine/tensorId.js";
import type { Image } from "../image.js";
import { imagesOf, type Images } from "../images.js";
import { needsConditionMessage } from "./needsConditionMessage.js";
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
  readonly #wants: EngineVerifier["wants"];

  constructor(engine: Engine, verifier: EngineVerifier, bill: (charge: Charge) => void) {
    this.name = verifier.name;
    this.direction = verifier.direction;
    this.needsCondition = verifier.needsCondition;
    this.sha256 = verifier.sha256;
    if (verifier.featureLayer !== undefined) this.featureLayer = verifier.featureLayer;
    this.sees = verifier.sees ?? "pixels";
    this.engine = engine;
    this.#bill = bill;
    this.#wants = verifier.wants;
  }

  within(engine: Engine): string | undefined {
    return engine === this.engine ? this.name : undefined;
  }

  /** Throws if the condition lacks what it scores against. */
  check(condition: EngineCondition | undefined): void {
    if (this.needsCondition && !condition) throw new InputError(needsConditionMessage(this.name));
    const wants = this.#wants;
    if (wants === "preview") {
      throw new InputError(
        `Verifier ${this.name} gives features and no score. Search with selfSupervised({ features: "${this.name}" }), which compares an image with its preview.`,
      );
    }
    if (wants === undefined || condition?.[wants] !== undefined) return;
    const { labels, styles, verifiers } = this.engine.model;
    const free = verifiers.filter((other) => other.needsCondition && !other.wants).map(({ name }) => name);
    const asked = condition?.prompt;
    const near =
      wants === "label" && asked !== undefined
        ? nearest(asked.trim().toLowerCase(), labels ?? [])
        : undefined;
    throw new InputError(
      wants === "style"
        ? `Verifier ${this.name} scores against a style, but the condition has none. Give condition: { label: "…", style: "…" }. ${listed("There is", styles ?? [])}.`
        : `Verifier ${this.name} knows the model's classes only, and ${asked === undefined ? "the condition names none" : `${shown(asked)} is none`}.${near === undefined ? "" : ` Did you mean ${shown(near)}?`}${free.length > 0 ? ` Any prompt can be scored by ${free.join(", ")}.` : ""} session.model.labels lists the classes.`,
    );
  }

  async score(...[images, condition]: Parameters<Verifier["score"]>): Promise<number[]> {
    const parsed = parseCondition(condition, this.engine.model);
    this.check(parsed?.condition);
    if (this.sees === "latent") {
      throw new InputError(`Verifier ${this.name} scores states, not images: use it in a search.`);
    }
    const given = parsed ? { condition: parsed.condition } : {};
    const pending: Promise<ScoreResult[]>[] = [];
    // While one part is scored the next one is named and sent.
    for (const part of parts(await this.#checked(images))) {
      const entries = named(part);
      const jobs = entries.map(({ id }): ScoreJob => ({ verifier: this.name, image: id, ...given }));
      const scoring = this.engine.score(jobs, undefined, entries);
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
    const entries = named(await this.#checked(images));
    await this.engine.put(entries);
    const ids = entries.map(({ id }) => id);
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
}

/** Images by what is in them, as the engine takes them. */
function named(images: readonly Image[]): readonly NamedImage[] {
  return images.map((image) => {
    const { width, height, channels, data } = image;
    return { id: pixelsId(image), image: { width, height, channels, data } };
  });
}

/** Images of the first part: enough to fill a batch, few enough that the engine starts at once. */
const FIRST = 32;
const GROWTH = 16;
/** Bytes of one part: they are copied on their way. */
const MOST_BYTES = 64 << 20;

/** Parts that grow: the engine has work while the next one is named, and few messages cross. Images of one size. */
function* parts(images: readonly Image[]): Generator<readonly Image[]> {
  const most = Math.max(FIRST, Math.floor(MOST_BYTES / (images[0]?.data.length ?? 1)));
  for (let at = 0, size = FIRST; at < images.length; at += size, size = Math.min(most, size * GROWTH))
    yield images.slice(at, at + size);
}

/** Whether a verifier looks at states, so that nothing has to be decoded for it. */
export function seesLatent(verifier: Verifier): boolean {
  return verifier instanceof ResidentVerifier
    ? verifier.sees === "latent"
    : verifier.scoreLatents !== undefined;
}

import { listed, shown } from "../check.js";
import { nearest, type Condition } from "../condition.js";
import type { DeviceReport } from "../engine/deviceReport.js";
import type { Engine, EngineCondition, ScoreResult } from "../engine/engine.js";
import type { ScorerHost, SharedVerifierCard } from "../engine/sharedScorers.js";
import type { Image } from "../image.js";
import { imagesOf, type Images } from "../images.js";
import { InputError } from "../inputError.js";
import { needsConditionMessage } from "./needsConditionMessage.js";
import { scoresOf } from "./scoresBy.js";
import type { Verifier } from "./verifier.js";

/**
 * A verifier of a folder, as a cell sees it. It belongs to no session: any search may use it. An engine in the same thread scores by it without an
 * image leaving that thread; another one sends its images there.
 */
export class SharedVerifier implements Verifier {
  readonly name: string;
  readonly direction: "higher" | "lower";
  readonly needsCondition: boolean;
  readonly sha256: string;
  readonly featureLayer?: string;
  readonly previewLevel?: number;
  /** Where its graphs run, as was found out when it was loaded. */
  readonly device: DeviceReport;
  readonly #card: SharedVerifierCard;
  readonly #host: ScorerHost;

  constructor(card: SharedVerifierCard, host: ScorerHost) {
    this.name = card.name;
    this.direction = card.direction;
    this.needsCondition = card.needsCondition;
    this.sha256 = card.sha256;
    this.device = card.device;
    if (card.featureLayer !== undefined) this.featureLayer = card.featureLayer;
    if (card.previewLevel !== undefined) this.previewLevel = card.previewLevel;
    this.#card = card;
    this.#host = host;
  }

  /** Under which name the engine scores by it; undefined if it lives elsewhere. */
  within(engine: Engine): string | undefined {
    return engine.host === this.#host ? this.#card.id : undefined;
  }

  /** A condition as it takes it: one of its classes, or a prompt, which for a class is its name. */
  encode(condition: Condition | undefined): EngineCondition | undefined {
    if (!this.needsCondition) return undefined;
    const given = typeof condition === "string" ? { label: condition, prompt: condition } : (condition ?? {});
    const { labels } = this.#card;
    if (!labels) {
      const prompt = given.prompt ?? given.label;
      if (prompt === undefined) throw new InputError(needsConditionMessage(this.name));
      return { prompt };
    }
    if (given.label === undefined) throw new InputError(needsConditionMessage(this.name));
    const wanted = given.label.trim().toLowerCase();
    const label = labels.findIndex((name) => name.toLowerCase() === wanted);
    if (label >= 0) return { label };
    const near = nearest(wanted, labels);
    throw new InputError(
      `Verifier ${this.name} has no label ${shown(given.label)}.${near === undefined ? "" : ` Did you mean ${shown(near)}?`} ${listed("There is", labels)}.`,
    );
  }

  judge(
    images: readonly Image[],
    condition: Condition | undefined,
    signal?: AbortSignal,
    previews?: readonly Image[],
  ): Promise<readonly ScoreResult[]> {
    const encoded = this.encode(condition);
    const pixelsOf = ({ width, height, channels, data }: Image) => ({ width, height, channels, data });
    return this.#host.scoreImages(
      this.#card.id,
      images.map(pixelsOf),
      images.map(() => encoded),
      signal,
      previews?.map(pixelsOf),
    );
  }

  async score(images: Images, condition?: Condition): Promise<number[]> {
    return scoresOf(this.name, await this.judge(await imagesOf(images), condition));
  }
}

import type { Condition } from "../condition.js";
import type { Engine, EngineCondition, ScoreResult } from "../engine/engine.js";
import type { Image } from "../image.js";
import type { Images } from "../images.js";
import type { Tensor } from "../tensor.js";

/** Scores images, each against the condition that it should meet. One finite number each, in order. */
export interface Verifier {
  readonly name: string;
  /** Which scores are better. */
  readonly direction: "higher" | "lower";
  readonly needsCondition: boolean;
  /** Of the model file; absent for a function. */
  readonly sha256?: string;
  /** Of what a function does, so that searches by different functions of one name have different names; in no record. */
  readonly fingerprint?: string;
  /** What scores, whatever it is called: verifiers that have the same object here are one verifier. */
  readonly scoredBy?: object;
  /** The address that is asked, of a judge behind one. */
  readonly endpoint?: string;
  score(images: Images, condition?: Condition): Promise<number[]>;
  /**
   * A verifier that has this scores many images at once, each ending by itself; a search calls it instead of `score`. Throws `Unavailable` when
   * nobody answers: then the search pauses, and asks again when it goes on.
   */
  judge?(
    images: readonly Image[],
    condition: Condition | undefined,
    signal: AbortSignal,
    /** Of a verifier that has `previewLevel`: the preview of each image. */
    previews?: readonly Image[],
  ): Promise<readonly ScoreResult[]>;
  /** Images that fill one request, of a verifier that is asked in requests. */
  readonly requestSize?: number;
  /** Under which name an engine scores by it itself; undefined: it does not. */
  within?(engine: Engine): string | undefined;
  /** Which layer of its network gives features of images, e.g. "logits"; absent: it gives none. */
  readonly featureLayer?: string;
  /** One vector for each image, all of one length; `billed`: as calls of this verifier. */
  features?(images: Images, billed: boolean): Promise<readonly Float32Array[]>;
  /** Of one that compares a clean image with its preview: at which noise level. */
  readonly previewLevel?: number;
  /** What a condition means to a verifier that has its own classes or reads prompts. Throws where it means nothing. */
  encode?(condition: Condition | undefined): EngineCondition | undefined;
  /** A verifier that has this scores states [C, H, W] themselves, not their pixels, and needs no decoding. */
  scoreLatents?(states: readonly Tensor[], condition?: Condition): Promise<readonly number[]>;
}

/** By name, as `session.verifiers` lists them, or one's own. */
export type VerifierRef = string | Verifier;

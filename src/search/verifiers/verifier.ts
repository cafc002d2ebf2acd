import type { Condition } from "../condition.js";
import type { Images } from "../images.js";

/** Scores images, each against the condition that it should meet. One finite number each, in order. */
export interface Verifier {
  readonly name: string;
  /** Which scores are better. */
  readonly direction: "higher" | "lower";
  readonly needsCondition: boolean;
  /** Of the model file; absent for a function. */
  readonly sha256?: string;
  score(images: Images, condition?: Condition): Promise<number[]>;
}

/** By name, as `session.verifiers` lists them, or one's own. */
export type VerifierRef = string | Verifier;

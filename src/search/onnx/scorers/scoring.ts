import type { ImageData8, EngineCondition } from "../../engine/engine.js";

/** What a kind of embedded verifier does with a batch: one number each, same order. */
export interface Scoring {
  /** What a condition must have for it. */
  readonly wants?: "label" | "style" | "preview";
  score(
    images: readonly ImageData8[],
    conditions: readonly (EngineCondition | undefined)[],
  ): Promise<readonly number[]>;
  /** Which layer of its network `features` gives. */
  readonly featureLayer?: string;
  features?(images: readonly ImageData8[]): Promise<readonly Float32Array[]>;
  release(): Promise<void>;
}

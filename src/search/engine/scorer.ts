import type { Tensor } from "../tensor.js";
import type { EngineCondition, EngineVerifier, ImageData8 } from "./engine.js";

/** A verifier that lives beside the model: scores of images, each with what it should show. Same order, one number each. */
export interface Scorer extends EngineVerifier {
  score(
    images: readonly ImageData8[],
    conditions: readonly (EngineCondition | undefined)[],
    /** Of a verifier that compares: the preview of each at its level. */
    references?: readonly (ImageData8 | undefined)[],
  ): Promise<readonly number[]>;
  /** Instead of `score`, of one that `sees` latents. */
  scoreLatents?(
    states: readonly Tensor[],
    conditions: readonly (EngineCondition | undefined)[],
  ): Promise<readonly number[]>;
  /** One feature vector for each image, from the layer that `featureLayer` names. */
  features?(images: readonly ImageData8[]): Promise<readonly Float32Array[]>;
  dispose(): Promise<void>;
}

import type { DeviceReport } from "./deviceReport.js";
import type { EngineCondition, ImageData8, ScoreResult } from "./engine.js";
import type { Scorer } from "./scorer.js";

/** A verifier that was opened by itself and serves every engine of its thread. */
export interface SharedVerifierCard {
  /** Under which the engines of the same host score by it. */
  readonly id: string;
  readonly name: string;
  readonly direction: "higher" | "lower";
  readonly needsCondition: boolean;
  readonly sha256: string;
  /** Classes that it knows; absent: it reads prompts, or needs no condition. */
  readonly labels?: readonly string[];
  readonly featureLayer?: string;
  /** Of one that compares the clean image with its preview: at which noise level. */
  readonly previewLevel?: number;
  /** Where its graphs run. */
  readonly device: DeviceReport;
}

/** Where shared verifiers live, as an engine beside them sees it. */
export interface SharedScorers {
  scorer(id: string): Scorer | undefined;
}

/** Where shared verifiers live, as a cell sees it; an engine with the same `host` is in the same thread. */
export interface ScorerHost {
  scoreImages(
    id: string,
    images: readonly ImageData8[],
    conditions: readonly (EngineCondition | undefined)[],
    signal?: AbortSignal,
    /** Of a verifier that compares: the preview of each image. */
    references?: readonly ImageData8[],
  ): Promise<ScoreResult[]>;
}

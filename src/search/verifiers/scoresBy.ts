import type { Condition } from "../condition.js";
import type { ScoreResult } from "../engine/engine.js";
import type { Image } from "../image.js";
import { counted, finite } from "./finite.js";
import type { Verifier } from "./verifier.js";

/** Scores of images by a verifier, one each, in order; the signal cuts it off where that can be done. Throws for an image that has none. */
export async function scoresBy(
  verifier: Verifier,
  images: readonly Image[],
  condition: Condition | undefined,
  signal: AbortSignal | undefined,
): Promise<number[]> {
  if (!verifier.judge || verifier.previewLevel !== undefined) {
    const { name } = verifier;
    const scores = counted(await verifier.score(images, condition), images.length, name);
    return scores.map((score) => finite(score, name));
  }
  const results = await verifier.judge(images, condition, signal ?? new AbortController().signal);
  signal?.throwIfAborted();
  return scoresOf(verifier.name, results);
}

/** The numbers in results, or an error that names the first image without one. */
export function scoresOf(verifier: string, results: readonly ScoreResult[]): number[] {
  return results.map((result, i) => {
    if (result.outcome === "scored") return result.score;
    const why = result.outcome === "failed" ? result.failure : "the call was stopped";
    throw new Error(`Verifier ${verifier} has no score for image ${i}: ${why}`);
  });
}

import { messageOf } from "../check.js";
import type { Condition } from "../condition.js";
import type { ScoreResult } from "../engine/engine.js";
import type { Image } from "../image.js";
import type { Tensor } from "../tensor.js";
import { counted, finite } from "./finite.js";
import type { Verifier } from "./verifier.js";

/** One image through a verifier that lives outside the engine: its score, or why there is none. */
export async function judgeImage(
  by: Verifier,
  image: Image,
  condition: Condition | undefined,
): Promise<ScoreResult> {
  try {
    return scored(counted(await by.score([image], condition), 1, by.name)[0], by.name);
  } catch (error) {
    return { outcome: "failed", failure: messageOf(error), cached: false };
  }
}

/**
 * Images through a verifier that was written as an object and takes many at once; one that it throws on must not cost the others their score.
 * Of a wrong number of scores none is believed.
 */
export async function judgeImages(
  by: Verifier,
  images: readonly Image[],
  condition: Condition | undefined,
): Promise<ScoreResult[]> {
  try {
    const scores = counted(await by.score(images, condition), images.length, by.name);
    return images.map((_, i) => scored(scores[i], by.name));
  } catch (error) {
    if (images.length === 1) return [{ outcome: "failed", failure: messageOf(error), cached: false }];
    const alone: ScoreResult[] = [];
    for (const image of images) alone.push(await judgeImage(by, image, condition));
    return alone;
  }
}

/** States through a verifier that scores latents; one that it throws on must not cost the others their score, and of a wrong number none is believed. */
export async function judgeLatent(
  by: Verifier,
  states: readonly Tensor[],
  condition: Condition | undefined,
): Promise<ScoreResult[]> {
  try {
    const scores = counted(await by.scoreLatents!(states, condition), states.length, by.name);
    return states.map((_, i) => scored(scores[i], by.name));
  } catch (error) {
    if (states.length === 1) return [{ outcome: "failed", failure: messageOf(error), cached: false }];
    const alone: ScoreResult[] = [];
    for (const state of states) alone.push(...(await judgeLatent(by, [state], condition)));
    return alone;
  }
}

function scored(value: unknown, name: string): ScoreResult {
  try {
    return { outcome: "scored", score: finite(value, name), cached: false };
  } catch (error) {
    return { outcome: "failed", failure: messageOf(error), cached: false };
  }
}

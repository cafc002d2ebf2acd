import { messageOf } from "../check.js";
import type { ScoreResult } from "./engine.js";

/**
 * Scores of `count` inputs, all at once by `score`, which is given their indices; when it throws, each by itself, so that one input does not cost
 * the others their score. A score that is no finite number is a failure.
 */
export async function scoreEach(
  count: number,
  score: (indices: readonly number[]) => Promise<readonly number[]>,
): Promise<ScoreResult[]> {
  const all = Array.from({ length: count }, (_, i) => i);
  try {
    const scores = await score(all);
    return all.map((i): ScoreResult => {
      const value = scores[i]!;
      return Number.isFinite(value)
        ? { outcome: "scored", score: value, cached: false }
        : { outcome: "failed", failure: `its score was ${value}`, cached: false };
    });
  } catch (error) {
    if (count === 1) return [{ outcome: "failed", failure: messageOf(error), cached: false }];
    const alone: ScoreResult[] = [];
    for (const i of all) alone.push(...(await scoreEach(1, () => score([i]))));
    return alone;
  }
}

import { oneOf, plainObject, realNumber, wholeNumber } from "../check.js";
import type { Handle } from "../engine/op.js";
import { defineAlgorithm } from "./defineAlgorithm.js";

export interface ZeroOrderOptions {
  /** N: candidates around the pivot in each round. Default 4. */
  readonly neighbours: number;
  /** Cosine similarity of a candidate to the pivot, -1..1; the norm is kept. 1 does not move, 0 is an independent direction. Default 0.95. */
  readonly similarity: number;
  /**
   * "never": the best candidate becomes the pivot even if it is worse, as the paper has it. "keep": the pivot stays until a candidate is
   * better. "restart": when no candidate is better, the next round begins at a fresh noise; the run remembers the best. Default "never".
   */
  readonly elitist: (typeof ELITIST)[number];
}

const ELITIST = ["never", "keep", "restart"] as const;

/**
 * Zero-order search, ZO-N: N noises at one similarity around a pivot, each denoised and scored; the best becomes the pivot
 * (Ma et al. 2025, arXiv 2501.09732, section 3). It goes on until the budget is used up.
 * Cost: N trajectories a round; the first pivot is neither denoised nor billed.
 */
export const zeroOrderSearch = defineAlgorithm<ZeroOrderOptions>(
  "zero-order",
  function* (ops, { neighbours, similarity, elitist }) {
    let pivot = (yield* ops.noise()).noise;
    let leader: readonly Handle[] = [];
    for (;;) {
      const candidates = yield* ops.around(pivot, { count: neighbours, similarity });
      const scored = yield* ops.denoise(candidates, { score: true });
      const rivals = elitist === "never" ? scored : [...leader, ...scored];
      const best = yield* ops.keep(rivals, { best: 1 });
      const stuck = best[0] !== undefined && best[0].id === leader[0]?.id;
      yield* ops.endRound();
      if (elitist === "restart" && stuck) {
        pivot = (yield* ops.noise()).noise;
        leader = [];
      } else {
        pivot = best[0]?.noise ?? pivot;
        leader = best;
      }
    }
  },
  {
    parse(given) {
      const { neighbours, similarity, elitist } = plainObject(given, "zeroOrderSearch", [
        "neighbours",
        "similarity",
        "elitist",
      ]);
      return {
        neighbours: wholeNumber(neighbours ?? 4, "zeroOrderSearch: neighbours", 1),
        similarity: realNumber(similarity ?? 0.95, "zeroOrderSearch: similarity", -1, 1),
        elitist: oneOf(elitist ?? "never", "zeroOrderSearch: elitist", ELITIST),
      };
    },
    quote({ neighbours }, { trajectory, affordable }) {
      const scored = affordable(trajectory, neighbours);
      return { nfe: scored * trajectory, scored, rounds: Math.ceil(scored / neighbours) };
    },
  },
);

import type { ScoreResult } from "../engine/engine.js";

/**
 * Nobody answers who could score: a judge behind an address is down, slow or talks nonsense. It is no fault of a candidate, so a search pauses
 * and asks again when it goes on. `results` has what could be had, in the order of the images; undefined where there is nothing.
 */
export class Unavailable extends Error {
  override readonly name = "Unavailable";

  constructor(
    message: string,
    readonly results: readonly (ScoreResult | undefined)[] = [],
  ) {
    super(message);
  }
}

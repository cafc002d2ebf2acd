import type { Condition } from "../../condition.js";
import { pixelsId } from "../../engine/tensorId.js";
import type { Image } from "../../image.js";
import type { Session } from "../../session.js";
import { memoryKey } from "../../verifiers/remembered.js";
import type { Verifier } from "../../verifiers/verifier.js";

/**
 * Second evaluations of winners, each asked for once in a comparison: an image that wins in several of its searches is one winner, and a comparison that
 * was interrupted, or whose judge fell silent, does not ask again for those that it has.
 */
export class SecondEvaluations {
  static readonly #kept = new WeakMap<Session, SecondEvaluations>();
  readonly #scores = new Map<unknown, Map<string, number>>();

  /** Those of the comparison that a session is at, also of one that did not come to its end. */
  static of(session: Session): SecondEvaluations {
    const kept = SecondEvaluations.#kept.get(session) ?? new SecondEvaluations();
    SecondEvaluations.#kept.set(session, kept);
    return kept;
  }

  /** Run anew after its end, a comparison evaluates anew. */
  static forget(session: Session): void {
    SecondEvaluations.#kept.delete(session);
  }

  /** Asks `score` for what is not known. */
  async get(
    by: Verifier,
    image: Image,
    condition: Condition | undefined,
    score: (image: Image) => Promise<number | undefined>,
  ): Promise<number | undefined> {
    const verifier = memoryKey(by);
    const scores = this.#scores.get(verifier) ?? new Map<string, number>();
    this.#scores.set(verifier, scores);
    const key = `${pixelsId(image)}/${JSON.stringify(condition)}`;
    const known = scores.get(key);
    if (known !== undefined) return known;
    const found = await score(image);
    if (found !== undefined) scores.set(key, found);
    return found;
  }
}

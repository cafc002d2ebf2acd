import type { Session } from "../../session.js";
import type { Outcome } from "./outcome.js";

/**
 * Outcomes of a comparison at equal seconds that was interrupted: its runs may not come from the engine's cache, so they are kept here until
 * the comparison is complete. Run anew after that, it is measured anew.
 */
class TimedOutcomes {
  readonly #kept = new WeakMap<Session, Map<string, Outcome>>();

  get(session: Session, key: string): Outcome | undefined {
    return this.#kept.get(session)?.get(key);
  }

  set(session: Session, key: string, outcome: Outcome): void {
    const kept = this.#kept.get(session) ?? new Map<string, Outcome>();
    this.#kept.set(session, kept.set(key, outcome));
  }

  forget(session: Session): void {
    this.#kept.delete(session);
  }
}

export const timedOutcomes = new TimedOutcomes();

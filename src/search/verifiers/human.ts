import { InputError } from "../inputError.js";
import { shown } from "../check.js";
import { address } from "../engine/tensorId.js";
import type { Verifier } from "./verifier.js";

export const HUMAN = "human";

/** A person who looks. Only a search can ask: it waits, and a view shows the candidates of the round. */
export class HumanVerifier implements Verifier {
  readonly name = HUMAN;
  readonly direction = "higher";
  readonly needsCondition = false;
  readonly fingerprint: string;

  constructor(readonly question: string | undefined) {
    this.fingerprint = address([HUMAN, question ?? null]);
  }

  score(): Promise<number[]> {
    return Promise.reject(
      new InputError(
        "human() judges the candidates of a search, whose view shows them. Use it as verifier or in heldOut of session.search(…).",
      ),
    );
  }
}

/**
 * A verifier that waits for a person to pick in the view: one, a ranking, or some to drop. Scores are places on a ladder without a unit: who was
 * picked over the best so far stands one step above it. The picks are kept in the record and used again when the same search runs again.
 */
export function human(question?: string): Verifier {
  if (question !== undefined && (typeof question !== "string" || question.trim() === "")) {
    throw new InputError(
      `human takes a question, e.g. human("which apple is best?"), but got ${shown(question)}.`,
    );
  }
  return new HumanVerifier(question?.trim());
}

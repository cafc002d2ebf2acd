import { shown } from "../check.js";
import { InputError } from "../inputError.js";

/** The score, or an error that says what it was instead. */
export function finite(score: unknown, name: string): number {
  if (typeof score === "number" && Number.isFinite(score)) return score;
  throw new InputError(`Verifier ${name} returned ${shown(score)} instead of a finite number.`);
}

/** The list of so many scores, or an error: of a wrong number nobody knows which belongs to which. */
export function counted(scores: unknown, count: number, name: string): readonly unknown[] {
  if (!Array.isArray(scores))
    throw new InputError(`Verifier ${name} returned ${shown(scores)} instead of an array of scores.`);
  if (scores.length !== count)
    throw new InputError(`Verifier ${name} gave ${scores.length} scores for ${count} to judge.`);
  return scores;
}

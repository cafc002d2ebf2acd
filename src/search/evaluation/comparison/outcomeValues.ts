import { ROUNDING_SHARE } from "../../curvePoint.js";
import { meanPairwiseDistance, type Feature } from "../diversity.js";
import { mean, present, type Values } from "../values.js";
import type { Outcome } from "./outcome.js";
import type { ArmResult, Outcomes } from "./runner.js";

/** One value for each run that there was; a case that the arm does not search has none. */
export function each(outcomes: Outcomes, pick: (outcome: Outcome) => number | undefined): Values {
  return outcomes.map((row) => row.filter((outcome) => outcome !== undefined).map(pick));
}

/** Of the winners, as they were selected. */
export function scoresOf(outcomes: Outcomes, verifier: string): Values {
  return each(outcomes, ({ scores }) => scores[verifier]);
}

/**
 * By which score of an outcome of this arm a gain is told: by the second evaluation, where the verifier is the one that chose the winner, because the largest
 * of several noisy scores is too high on average. Where it gives none at all (an ensemble, a verifier of states) the first has to do; where it
 * gave one for other winners and not for this, this one is missing.
 */
export function toldBy(
  { arm, outcomes }: Pick<ArmResult, "arm" | "outcomes">,
  verifier: string,
): (outcome: Outcome) => number | undefined {
  const first = ({ scores }: Outcome): number | undefined => scores[verifier];
  if (arm.searched?.name !== verifier) return first;
  if (!outcomes.flat().some((outcome) => outcome?.fresh !== undefined)) return first;
  return (outcome) => {
    const [selected, fresh] = [first(outcome), outcome.fresh];
    if (selected === undefined || fresh === undefined) return undefined;
    return Math.abs(fresh - selected) <= ROUNDING_SHARE * Math.abs(selected) ? selected : fresh;
  };
}

export function ranOf(outcomes: Outcomes): readonly Outcome[] {
  return outcomes.flat().filter((outcome) => outcome !== undefined);
}

/** Of the winners of each case. */
export function featuresOf(outcomes: Outcomes): readonly (readonly Feature[])[] {
  return outcomes.map((row) =>
    row.map((outcome) => outcome?.feature).filter((feature) => feature !== undefined),
  );
}

export function diversityOf(outcomes: Outcomes): number | undefined {
  const distances = featuresOf(outcomes).map((set) => meanPairwiseDistance(set, "euclidean"));
  return mean(present(distances));
}

/** Each case counts the same. */
export function meanOf(values: Values): number | undefined {
  return mean(present(values.map((group) => mean(present(group)))));
}

/** Without what is undefined: a row names only what is known. */
export function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

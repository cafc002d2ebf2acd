import type { Verifier } from "../../verifiers/verifier.js";
import { estimate, type Estimate } from "../estimate.js";
import { gains, type Values } from "../values.js";
import { baselineArm } from "./arms.js";
import type { Case } from "./cases.js";
import { each, toldBy } from "./outcomeValues.js";
import type { ArmResult } from "./runner.js";

export interface TableParts {
  readonly results: readonly ArmResult[];
  readonly cases: readonly Case[];
  /** Every verifier that anything was scored by, and whether it drives a search. */
  readonly verifiers: readonly { readonly verifier: Verifier; readonly drives: boolean }[];
  /** Name of the arm that gains are measured against. */
  readonly baseline: string;
  readonly resamples: number;
}

/** What all rows of a report are told by: the results, and each of them held against another. */
export class Table {
  readonly results: readonly ArmResult[];
  readonly verifiers: TableParts["verifiers"];
  readonly baseline: string;
  readonly resamples: number;
  readonly #cases: readonly Case[];

  constructor({ results, cases, verifiers, baseline, resamples }: TableParts) {
    this.results = results;
    this.verifiers = verifiers;
    this.baseline = baseline;
    this.resamples = resamples;
    this.#cases = cases;
  }

  estimate(values: Values): Estimate {
    return estimate(values, { resamples: this.resamples });
  }

  /** Whether a verifier is held out from the searches of this arm; of a neutral arm, from any search. */
  holdsOut({ arm }: ArmResult, verifier: Verifier): boolean {
    return this.#cases.some(({ searches }) =>
      searches.some(
        ({ searched, heldOut }) =>
          (!arm.searched || searched.name === arm.searched.name) &&
          heldOut.some(({ name }) => name === verifier.name),
      ),
    );
  }

  /** At the same budget, among those of the same verifier; undefined for the baseline itself. */
  baselineOf({ arm, unit, budget }: ArmResult, name: string): ArmResult | undefined {
    const arms = [...new Set(this.results.map((result) => result.arm))];
    const found = baselineArm(arms, arm, name);
    if (!found || found === arm) return undefined;
    return this.results.find(
      (result) =>
        result.arm === found &&
        result.unit === unit &&
        (found.kind === "one-sample" || result.budget === budget),
    );
  }

  /** Of the same arm and unit, at all budgets, ascending. */
  budgetsOf({ arm, unit }: ArmResult): readonly ArmResult[] {
    return this.results.filter((result) => result.arm === arm && result.unit === unit);
  }

  /** By how much an arm is better than a baseline: same case, same seed, where the arm searches it. */
  gained(result: ArmResult, baseline: ArmResult, { name, direction }: Verifier): Values {
    const mine = each(result.outcomes, toldBy(result, name));
    const told = toldBy(baseline, name);
    const theirs = baseline.outcomes.map((row, i) =>
      row.flatMap((outcome, j) => (result.outcomes[i]?.[j] === undefined ? [] : [outcome && told(outcome)])),
    );
    return gains(mine, theirs, direction);
  }
}

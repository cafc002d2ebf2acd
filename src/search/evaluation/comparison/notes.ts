import { ROUNDING_SHARE } from "../../curvePoint.js";
import type { ReportRow } from "../../reportRecord.js";
import { EnsembleVerifier } from "../../verifiers/ensemble.js";
import type { Arm } from "./arms.js";
import type { Case } from "./cases.js";
import { flagNotes, type Untold } from "./flagNotes.js";
import { ranOf } from "./outcomeValues.js";
import type { Comparison } from "./request.js";
import type { ArmResult } from "./runner.js";

const MOST_FAILURES = 5;
/** A method that used less than this share of its budget was not compared at equal compute. */
const USED_SHARE = 0.85;

export interface Noted {
  readonly arms: readonly Arm[];
  readonly budgets: Comparison["budgets"];
  readonly cases: readonly Case[];
  /** All that ran, also what the report leaves out. */
  readonly found: readonly ArmResult[];
  readonly results: readonly ArmResult[];
  readonly rows: readonly ReportRow[];
  readonly untold: readonly Untold[];
  readonly rates: readonly number[];
}

/** What a reader has to know beside the numbers, as sentences. */
export function notesOf(noted: Noted): readonly string[] {
  const { arms, budgets, found, cases, results, rows, untold, rates } = noted;
  const notes: string[] = [];
  const unjudged = new Set(
    cases.flatMap(({ searches }) =>
      searches.filter(({ heldOut }) => heldOut.length === 0).map(({ searched }) => searched.name),
    ),
  );
  for (const name of unjudged)
    notes.push(`Nothing is held out from searches by ${name}: whether they fool it cannot be seen.`);
  const fewest = Math.min(...cases.map(({ seeds }) => seeds.length));
  if (fewest < 2) notes.push("With one seed a problem there is no diversity of its winners.");
  const valued = rows.filter(({ note, mean }) => note !== undefined && mean !== undefined);
  for (const of of [valued.find(({ low }) => low === undefined), valued.find(({ low }) => low !== undefined)])
    if (of) notes.push(of.note!);
  notes.push(...failureNotes(results), ...untriedNotes(arms, budgets, found), ...unusedNotes(results));
  notes.push(...flagNotes(untold, rows), ...optimismNotes(rows), ...unrepeatedNotes(results));
  if (rates.length > 0) {
    const mean = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
    notes.push(
      `Equal seconds: every run was computed anew, one after the other. "more steps" was given the steps that its seconds pay for at ${Number(mean.toPrecision(2))} ms per NFE, the median of samples in turns, and was made again where it missed them by more than 10 %.`,
      ...missedNotes(results),
    );
  }
  return notes;
}

function failureNotes(results: readonly ArmResult[]): string[] {
  const notes: string[] = [];
  for (const { arm, unit, budget, outcomes } of results) {
    const ran = outcomes.flat().filter((outcome) => outcome !== undefined);
    const failures = ran.filter(({ failure }) => failure !== undefined);
    if (failures.length === 0) continue;
    notes.push(
      `${placeOf(arm, unit, budget)}: ${failures.length} of ${ran.length} runs had a failure, the first: ${failures[0]!.failure}`,
    );
  }
  const more = notes.length - MOST_FAILURES;
  return more > 0 ? [...notes.slice(0, MOST_FAILURES), `${more} more rows have failures.`] : notes;
}

/** Where the machine was too unsteady, or the schedule has no more steps. */
function missedNotes(results: readonly ArmResult[]): string[] {
  return results.flatMap(({ arm, unit, budget, outcomes }) => {
    if (arm.kind !== "more-steps" || unit !== "seconds") return [];
    const took = outcomes.flat().flatMap((outcome) => (outcome ? outcome.paid.milliseconds / 1000 : []));
    const mean = took.reduce((sum, one) => sum + one, 0) / took.length;
    if (Math.abs(mean / budget - 1) <= 0.1) return [];
    return [
      `${arm.name} at ${budget} s took ${Number(mean.toPrecision(2))} s: it was not compared at equal seconds.`,
    ];
  });
}

/** Functions that gave no algorithm for a budget: without a word their lines would be missing. */
function untriedNotes(
  arms: readonly Arm[],
  budgets: Comparison["budgets"],
  found: readonly ArmResult[],
): string[] {
  return arms.flatMap((arm) => {
    if (typeof arm.choice !== "function") return [];
    return (["nfe", "seconds"] as const).flatMap((unit) => {
      const ran = new Set(
        found.flatMap((result) => (result.arm === arm && result.unit === unit ? result.budget : [])),
      );
      const untried = budgets[unit].filter((budget) => !ran.has(budget));
      if (untried.length === 0) return [];
      const at = `${untried.join(", ")} ${unit === "nfe" ? "NFE" : "s"}`;
      const all = untried.length === budgets[unit].length;
      return [
        `${arm.name} was not run at ${at}: its function gave no algorithm${all ? " at all, so it has no line in the table" : " there"}.`,
      ];
    });
  });
}

/** Arms whose searched score is higher by the luck of its noise, each at its largest budget of which that can be said; a sentence for each verifier. */
function optimismNotes(rows: readonly ReportRow[]): string[] {
  const found = new Map<string, Map<string, string>>();
  for (const { algorithm, budget, unit, verifier, ...row } of rows) {
    const { mean, optimism, optimismLow: low, optimismHigh: high } = row;
    if (mean === undefined || optimism === undefined || low === undefined || high === undefined) continue;
    if (low <= 0 || optimism <= ROUNDING_SHARE * Math.abs(mean)) continue;
    const [by, from, to] = [optimism, low, high].map((value) => Number(value.toPrecision(2)));
    const arms = found.get(verifier) ?? new Map<string, string>();
    found.set(verifier, arms);
    const at = `${algorithm} at ${budget} ${unit === "nfe" ? "NFE" : "s"}`;
    arms.set(algorithm, `${at} by ${by} (95 % interval ${from} to ${to})`);
  }
  return [...found].map(
    ([verifier, arms]) =>
      `The searched score by ${verifier} exaggerates, as a second evaluation of the winners shows, so gains and flags are told by the second: ${[...arms.values()].join(", ")}.`,
  );
}

/** Winners without a second evaluation: of all, the first has to do; of some, those are missing in the gain. */
function unrepeatedNotes(results: readonly ArmResult[]): string[] {
  const notes = new Set<string>();
  for (const { arm, unit, budget, outcomes } of results) {
    const { searched } = arm;
    if (!searched) continue;
    const won = ranOf(outcomes).filter(({ scores }) => scores[searched.name] !== undefined);
    const without = won.filter(({ fresh }) => fresh === undefined).length;
    if (without === 0) continue;
    notes.add(
      without === won.length
        ? `${searched.name} cannot judge one image by itself or gave no score when it was asked again: there is no second evaluation of its winners${searched instanceof EnsembleVerifier ? "" : ", and their gain is told by the first"}.`
        : `${placeOf(arm, unit, budget)}: ${without} of ${won.length} winners got no score by ${searched.name} when it was asked again, and are left out of its gain.`,
    );
  }
  return [...notes];
}

/** Searches that ended by themselves before their budget did, each at its smallest of which that holds. What failed everywhere says so elsewhere. */
function unusedNotes(results: readonly ArmResult[]): string[] {
  const seen = new Set<string>();
  return results.flatMap(({ arm, unit, budget, outcomes }) => {
    if (arm.kind === "one-sample" || (arm.kind === "more-steps" && unit === "seconds")) return [];
    if (arm.kind === "equal-calls" || seen.has(`${arm.name}/${unit}`)) return [];
    const ended = ranOf(outcomes).filter(({ scores }) => Object.keys(scores).length > 0);
    if (ended.length === 0) return [];
    const spent = ended.map(({ nfe, paid }) => (unit === "nfe" ? nfe : paid.milliseconds / 1000));
    const used = spent.reduce((sum, one) => sum + one, 0) / spent.length;
    if (used >= USED_SHARE * budget) return [];
    seen.add(`${arm.name}/${unit}`);
    return unit === "nfe"
      ? `${arm.name} used ${Math.round(used)} of ${budget} NFE: it ended by itself, so it was not compared at equal compute.`
      : `${arm.name} took ${Number(used.toPrecision(2))} of ${budget} s: it ended by itself, so it was not compared at equal seconds.`;
  });
}

const placeOf = (arm: Arm, unit: ReportRow["unit"], budget: number): string =>
  `${arm.name} at ${budget} ${unit === "nfe" ? "NFE" : "s"}`;

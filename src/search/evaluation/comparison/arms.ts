import { randomSearch } from "../../algorithms/randomSearch.js";
import type { Algorithm } from "../../algorithms/algorithm.js";
import type { Budget } from "../../engine/budget.js";
import type { Problem } from "../../problem.js";
import type { ArmKind, ReportUnit } from "../../reportRecord.js";
import type { Session } from "../../session.js";
import type { Verifier } from "../../verifiers/verifier.js";
import type { Case } from "./cases.js";
import { BASELINES, type AlgorithmChoice, type Comparison } from "./request.js";

/** One line of the comparison. */
export interface Arm {
  readonly name: string;
  readonly kind: ArmKind;
  /** Absent for a single candidate: there is nothing to select. */
  readonly searched?: Verifier;
  readonly of?: string;
  readonly choice: AlgorithmChoice;
}

/** A single trajectory: no search at all. */
export const oneCandidate = randomSearch({ candidates: 1 });

/**
 * The baselines that every comparison has (more steps alone, best-of-N at equal compute, best-of-N at as many verifier calls) and the
 * methods, each once for every verifier that drives a search. A random search without an end, given as a method, is best-of-N itself.
 */
export function armsOf({ algorithms }: Comparison, cases: readonly Case[]): readonly Arm[] {
  const searched = new Map(
    cases.flatMap(({ searches }) => searches.map((search) => [search.searched.name, search.searched])),
  );
  const several = searched.size > 1;
  const arms: Arm[] = [
    { name: BASELINES.oneSample, kind: "one-sample", choice: oneCandidate },
    { name: BASELINES.moreSteps, kind: "more-steps", choice: oneCandidate },
  ];
  for (const verifier of searched.values()) {
    const named = (name: string): string => (several ? `${name} · ${verifier.name}` : name);
    const methods = [...algorithms].map(([name, choice]): Arm => ({
      name: named(name),
      kind: isBestOfN(choice) ? "best-of-n" : "method",
      searched: verifier,
      choice,
    }));
    if (!methods.some(({ kind }) => kind === "best-of-n"))
      arms.push({
        name: named(BASELINES.bestOfN),
        kind: "best-of-n",
        searched: verifier,
        choice: randomSearch(),
      });
    for (const method of methods) {
      arms.push(method);
      if (method.kind === "method")
        arms.push({
          name: `best of N, calls of ${method.name}`,
          kind: "equal-calls",
          searched: verifier,
          of: method.name,
          choice: randomSearch(),
        });
    }
  }
  return arms;
}

function isBestOfN(choice: AlgorithmChoice): boolean {
  return (
    typeof choice !== "function" && choice.name === "random" && choice.options["candidates"] === undefined
  );
}

/** What an arm runs: an algorithm, with what it changes in the problem. */
export interface Plan {
  readonly algorithm: Algorithm;
  readonly budget: Budget;
  readonly steps?: number;
}

/** The arm that gains are measured against, among those of the same verifier. */
export function baselineArm(arms: readonly Arm[], of: Arm, name: string): Arm | undefined {
  const mine = (arm: Arm): boolean => !arm.searched || arm.searched.name === of.searched?.name;
  if (name === BASELINES.bestOfN) return arms.find((arm) => mine(arm) && arm.kind === "best-of-n");
  return arms.find(
    (arm) => mine(arm) && (arm.name === name || arm.name === `${name} · ${of.searched?.name}`),
  );
}

/** NFE of one plain sample of a problem. */
export function sampleCost(session: Session, problem: Problem): number {
  return session.quote(oneCandidate, { ...problem, budget: { nfe: Number.MAX_SAFE_INTEGER } }).nfe;
}

const MOST_STEPS = 10_000;

/** The most denoising steps of one trajectory that `nfe` pays for. */
export function stepsFor(session: Session, problem: Problem, nfe: number): number {
  const fits = (steps: number): boolean => {
    try {
      return sampleCost(session, { ...problem, steps }) <= nfe;
    } catch {
      // More than the schedule has.
      return false;
    }
  };
  let [low, high] = [1, Math.min(MOST_STEPS, Math.max(1, Math.floor(nfe)))];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What an arm runs at a budget, `steps` of them alone; undefined where the method is too large for it. */
export function planOf(
  arm: Arm,
  budget: number,
  unit: ReportUnit,
  steps: () => number = () => 1,
): Plan | undefined {
  const limit: Budget = unit === "nfe" ? { nfe: budget } : { seconds: budget };
  switch (arm.kind) {
    case "one-sample":
      return { algorithm: oneCandidate, budget: {} };
    case "more-steps":
      // Ends with its one candidate: a limit in seconds could only cut it off.
      return { algorithm: oneCandidate, budget: unit === "nfe" ? limit : {}, steps: steps() };
    default: {
      const algorithm = typeof arm.choice === "function" ? arm.choice(budget, unit) : arm.choice;
      return algorithm && { algorithm, budget: limit };
    }
  }
}

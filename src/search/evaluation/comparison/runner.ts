import { randomUUID } from "node:crypto";
import { randomSearch } from "../../algorithms/randomSearch.js";
import { address } from "../../engine/tensorId.js";
import { systemClock, type Clock } from "../../environment.js";
import { InputError } from "../../inputError.js";
import type { ReportUnit } from "../../reportRecord.js";
import type { Session } from "../../session.js";
import { planOf, sampleCost, type Arm } from "./arms.js";
import type { Case } from "./cases.js";
import { CaseSearches, type Place } from "./caseSearches.js";
import { comparisonHash } from "./comparisonHash.js";
import type { Outcome } from "./outcome.js";
import { Pace, type ComparisonProgress, type Weight } from "./progress.js";
import type { Comparison } from "./request.js";
import { SecondEvaluations } from "./secondEvaluations.js";
import { timedOutcomes } from "./timedOutcomes.js";
import { TimedRuns } from "./timedRuns.js";

/** Of one arm at one budget: by case and seed; undefined where the arm does not search that case, or is too large for the budget. */
export type Outcomes = readonly (readonly (Outcome | undefined)[])[];

export interface ArmResult {
  readonly arm: Arm;
  readonly unit: ReportUnit;
  readonly budget: number;
  readonly outcomes: Outcomes;
}

export interface RunnerOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (progress: ComparisonProgress) => void;
  readonly clock?: Clock;
  /** A text that was never used before, in any process: what it names, no cache knows. */
  readonly nonce?: () => string;
}

interface Task {
  readonly arm: Arm;
  readonly unit: ReportUnit;
  readonly budget: number;
  readonly place: Place;
}

/**
 * Runs every arm on every case and seed at every budget, one after the other. At equal NFE it runs on the session's cache: a larger budget
 * goes on where the smaller ended, and a comparison that was interrupted resumes where it stopped; what is billed is the cold cost. At equal
 * seconds every run computes everything anew.
 */
export class Runner {
  readonly #comparison: Comparison;
  readonly #cases: readonly Case[];
  readonly #arms: readonly Arm[];
  readonly #options: RunnerOptions;
  readonly #clock: Clock;
  readonly #session: Session;
  readonly #results = new Map<string, (Outcome | undefined)[][]>();
  readonly #bestOf = new Map<string, Promise<Outcome>>();
  readonly #searches: CaseSearches;
  readonly #timed: TimedRuns;
  readonly #costs: number[] = [];
  readonly #hash: string;

  constructor(
    comparison: Comparison,
    cases: readonly Case[],
    arms: readonly Arm[],
    network: string | undefined,
    options: RunnerOptions,
  ) {
    this.#comparison = comparison;
    this.#cases = cases;
    this.#arms = arms;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#session = comparison.session.beside();
    const again = SecondEvaluations.of(comparison.session);
    this.#searches = new CaseSearches(this.#session, cases, network, again, options.signal);
    const nonce = options.nonce ?? (() => `timed-${randomUUID()}`);
    this.#timed = new TimedRuns(comparison.session, this.#searches, cases, this.#costs, arms[0]!, nonce);
    this.#hash = comparisonHash(comparison, cases);
    this.#check();
  }

  /** Milliseconds of one more NFE of a plain sample in each case; measured for equal seconds alone. */
  get rates(): readonly number[] {
    return this.#timed.rates;
  }

  /** Milliseconds of one plain sample in each case, its decoding and scoring included; measured for equal seconds alone. */
  get sampleMilliseconds(): readonly number[] {
    return this.#timed.sampleMilliseconds;
  }

  /** NFE of one plain sample; of the cheapest problem, where they differ. */
  get sampleNfe(): number {
    return Math.min(...this.#costs);
  }

  async run(): Promise<readonly ArmResult[]> {
    const tasks = this.#tasks();
    const weights = tasks.map((task) => this.#weight(task));
    const pace = new Pace(tasks.length, weights);
    if (this.#comparison.budgets.seconds.length > 0) {
      this.#options.progress?.(pace.progress("timing single samples"));
      await this.#timed.calibrate();
    }
    for (const [i, task] of tasks.entries()) {
      const { arm, unit, budget } = task;
      this.#options.signal?.throwIfAborted();
      this.#options.progress?.(
        pace.progress(`${arm.name} at ${budget} ${unit === "nfe" ? "NFE" : "seconds"}`),
      );
      this.#options.signal?.throwIfAborted();
      const started = this.#clock.now();
      this.#store(task, await this.#perform(task));
      pace.ended(weights[i]!, this.#clock.now() - started);
    }
    this.#options.progress?.(pace.progress(""));
    timedOutcomes.forget(this.#comparison.session);
    SecondEvaluations.forget(this.#comparison.session);
    return this.#collected();
  }

  /** Everything that is wrong with the request is said before anything runs. */
  #check(): void {
    for (const [index, { searches }] of this.#cases.entries()) {
      for (const { searched } of searches) {
        const problem = this.#searches.problem([index, 0], searched.name, false);
        const cost = sampleCost(this.#session, problem);
        this.#costs[index] = cost;
        for (const nfe of this.#comparison.budgets.nfe)
          if (nfe < cost)
            throw new InputError(
              `compare: a budget of ${nfe} NFE does not pay for one sample of problem ${index + 1}, which costs ${cost}. Leave it out, or take fewer steps.`,
            );
        for (const arm of this.#arms) {
          if (arm.searched?.name !== searched.name || arm.kind === "equal-calls") continue;
          for (const unit of ["nfe", "seconds"] as const)
            for (const budget of this.#comparison.budgets[unit]) {
              const plan = planOf(arm, budget, unit);
              if (plan) this.#session.search(plan.algorithm, { ...problem, budget: plan.budget });
            }
        }
      }
    }
  }

  #tasks(): readonly Task[] {
    const tasks: Task[] = [];
    // Best-of-N at as many verifier calls is known only when those have been made that it is held against.
    const ordered = [...this.#arms].sort(
      (a, b) => Number(a.kind === "equal-calls") - Number(b.kind === "equal-calls"),
    );
    for (const unit of ["nfe", "seconds"] as const) {
      const budgets = this.#comparison.budgets[unit];
      if (budgets.length === 0) continue;
      this.#cases.forEach(({ seeds, searches }, caseIndex) =>
        seeds.forEach((_, seedIndex) => {
          for (const arm of ordered) {
            if (arm.searched && !searches.some(({ searched }) => searched.name === arm.searched!.name))
              continue;
            const own = arm.kind === "one-sample" ? [budgets[0]!] : budgets;
            for (const budget of own) tasks.push({ arm, unit, budget, place: [caseIndex, seedIndex] });
          }
        }),
      );
    }
    return tasks;
  }

  #weight({ arm, unit, budget, place }: Task): Weight {
    // Served from what others have run, or nearly.
    if (arm.kind === "one-sample" || arm.kind === "equal-calls") return { nfe: 1, seconds: 0 };
    if (unit === "nfe") return { nfe: budget, seconds: 0 };
    return timedOutcomes.get(this.#comparison.session, this.#key(arm, budget, place))
      ? { nfe: 0, seconds: 0 }
      : { nfe: 0, seconds: budget };
  }

  async #perform(task: Task): Promise<Outcome | undefined> {
    const { arm, unit, budget, place } = task;
    if (arm.kind === "equal-calls") return this.#equalCalls(task);
    // A single sample takes its own time; its scores are the same in either comparison.
    const untimed = unit === "nfe" || arm.kind === "one-sample";
    if (untimed) {
      const plan = planOf(arm, budget, unit, () => this.#searches.stepsFor(place[0], budget));
      return plan && this.#searches.run(arm, plan, place);
    }
    const key = this.#key(arm, budget, place);
    const kept = timedOutcomes.get(this.#comparison.session, key);
    if (kept) return kept;
    const plan = planOf(arm, budget, unit);
    const outcome =
      arm.kind === "more-steps"
        ? await this.#timed.moreSteps(arm, budget, place)
        : plan && (await this.#timed.run(arm, plan, place));
    if (outcome) timedOutcomes.set(this.#comparison.session, key, outcome);
    return outcome;
  }

  /** Best of as many candidates as the method scored: the baseline that only verifier calls are equal to. */
  async #equalCalls(task: Task): Promise<Outcome | undefined> {
    const { arm, unit, budget, place } = task;
    const find = (is: (other: Arm) => boolean): Outcome | undefined => {
      const other = this.#arms.find(is);
      return other && this.#results.get(keyOf(other, unit, budget))?.[place[0]]?.[place[1]];
    };
    const method = find(({ name }) => name === arm.of);
    const plain = find(({ kind, searched }) => kind === "best-of-n" && searched?.name === arm.searched?.name);
    if (!method || method.calls === 0) return undefined;
    if (plain?.calls === method.calls) return plain;
    const candidates = method.calls;
    const key = JSON.stringify([arm.searched!.name, place, candidates]);
    const known = this.#bestOf.get(key);
    if (known) return known;
    const plan = { algorithm: randomSearch({ candidates }), budget: { verifierCalls: candidates } };
    const found = this.#searches.run(arm, plan, place);
    this.#bestOf.set(key, found);
    return found;
  }

  #store({ arm, unit, budget, place: [caseIndex, seedIndex] }: Task, outcome: Outcome | undefined): void {
    const key = keyOf(arm, unit, budget);
    let outcomes = this.#results.get(key);
    if (!outcomes) {
      outcomes = this.#cases.map(({ seeds }) => seeds.map(() => undefined));
      this.#results.set(key, outcomes);
    }
    outcomes[caseIndex]![seedIndex] = outcome;
  }

  #collected(): readonly ArmResult[] {
    return (["nfe", "seconds"] as const).flatMap((unit) =>
      this.#arms.flatMap((arm) =>
        this.#comparison.budgets[unit].flatMap((budget): ArmResult[] => {
          const outcomes = this.#results.get(keyOf(arm, unit, budget));
          if (!outcomes?.some((row) => row.some((outcome) => outcome !== undefined))) return [];
          return [{ arm, unit, budget, outcomes }];
        }),
      ),
    );
  }

  #key(arm: Arm, budget: number, place: Place): string {
    return address([this.#hash, arm.name, budget, place]).slice(0, 24);
  }
}

function keyOf(arm: Arm, unit: ReportUnit, budget: number): string {
  return JSON.stringify([arm.name, unit, budget]);
}

import { randomUUID } from "node:crypto";
import { randomSearch } from "../../algorithms/randomSearch.js";
import { address } from "../../engine/tensorId.js";
import { systemClock, type Clock } from "../../environment.js";
import { InputError } from "../../inputError.js";
import type { Problem } from "../../problem.js";
import type { ReportUnit } from "../../reportRecord.js";
import type { Session } from "../../session.js";
import { EnsembleVerifier } from "../../verifiers/ensemble.js";
import { ResidentVerifier } from "../../verifiers/residentVerifier.js";
import type { Verifier, VerifierRef } from "../../verifiers/verifier.js";
import { oneCandidate, planOf, sampleCost, stepsFor, type Arm, type Plan } from "./arms.js";
import { overlap, type Case } from "./cases.js";
import { failed, outcomeOf, type Outcome } from "./outcome.js";
import { Pace, type ComparisonProgress, type Weight } from "./progress.js";
import type { Comparison } from "./request.js";
import { StepTime } from "./stepTime.js";
import { timedOutcomes } from "./timedOutcomes.js";

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
  readonly place: readonly [caseIndex: number, seedIndex: number];
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
  readonly #network: string | undefined;
  readonly #options: RunnerOptions;
  readonly #clock: Clock;
  readonly #nonce: () => string;
  readonly #session: Session;
  readonly #results = new Map<string, (Outcome | undefined)[][]>();
  readonly #bestOf = new Map<string, Promise<Outcome>>();
  /** Of each case; the same for those that differ in their condition alone. */
  readonly #times: StepTime[] = [];
  readonly #steps = new Map<string, number>();
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
    this.#network = network;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#nonce = options.nonce ?? (() => `timed-${randomUUID()}`);
    this.#session = comparison.session.beside();
    this.#hash = this.#hashOf();
    this.#check();
  }

  /** Milliseconds of one more NFE of a plain sample in each case; measured for equal seconds alone. */
  get rates(): readonly number[] {
    return this.#times.map(({ line }) => line.perNfe);
  }

  /** Milliseconds of one plain sample in each case, its decoding and scoring included; measured for equal seconds alone. */
  get sampleMilliseconds(): readonly number[] {
    return this.#times.map(({ line }, i) => line.fixed + line.perNfe * this.#costs[i]!);
  }

  /** NFE of one plain sample; of the cheapest problem, where they differ. */
  get sampleNfe(): number {
    return Math.min(...this.#costs);
  }

  async run(): Promise<readonly ArmResult[]> {
    if (this.#comparison.budgets.seconds.length > 0) await this.#calibrate();
    const tasks = this.#tasks();
    const weights = tasks.map((task) => this.#weight(task));
    const pace = new Pace(tasks.length, weights);
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
    return this.#collected();
  }

  /** Everything that is wrong with the request is said before anything runs. */
  #check(): void {
    for (const [index, { searches }] of this.#cases.entries()) {
      for (const { searched } of searches) {
        const problem = this.#problem([index, 0], searched.name, false);
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
    for (const unit of ["nfe", "seconds"] as const) {
      const budgets = this.#comparison.budgets[unit];
      if (budgets.length === 0) continue;
      this.#cases.forEach(({ seeds, searches }, caseIndex) =>
        seeds.forEach((_, seedIndex) => {
          for (const arm of this.#arms) {
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
      const plan = planOf(arm, budget, unit, () => this.#stepsFor(place[0], budget));
      return plan && this.#search(this.#session, arm, plan, place);
    }
    const key = this.#key(arm, budget, place);
    const kept = timedOutcomes.get(this.#comparison.session, key);
    if (kept) return kept;
    const outcome =
      arm.kind === "more-steps"
        ? await this.#moreSteps(task)
        : await this.#timed(task, planOf(arm, budget, unit));
    if (outcome) timedOutcomes.set(this.#comparison.session, key, outcome);
    return outcome;
  }

  async #timed({ arm, place }: Task, plan: Plan | undefined): Promise<Outcome | undefined> {
    return plan && this.#search(this.#comparison.session.beside(this.#nonce()), arm, plan, place);
  }

  /**
   * One trajectory of as many steps as the seconds pay for. It cannot be cut off at its limit, so where it took longer or shorter than that (the
   * machine was busier, or idler, than when it was measured) it is made again with as many more or fewer. The one that comes closest counts.
   */
  async #moreSteps(task: Task): Promise<Outcome | undefined> {
    const { arm, budget, unit, place } = task;
    const time = this.#times[place[0]]!;
    const tried = new Set<number>();
    const off = ({ paid }: Outcome): number => Math.abs(Math.log(paid.milliseconds / (1000 * budget)));
    let closest: Outcome | undefined;
    const { perNfe, fixed } = time.line;
    let nfe = (budget * 1000 - fixed) / perNfe;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const steps = this.#stepsFor(place[0], nfe);
      if (tried.has(steps)) break;
      tried.add(steps);
      const outcome = await this.#timed(
        task,
        planOf(arm, budget, unit, () => steps),
      );
      if (!outcome || outcome.paid.nfe === 0) return closest ?? outcome;
      time.add(outcome.paid);
      nfe *= (budget * 1000) / outcome.paid.milliseconds;
      if (!closest || off(outcome) < off(closest)) closest = outcome;
      if (off(outcome) <= Math.log(1 + TOLERANCE)) break;
    }
    return closest;
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
    const found = this.#search(this.#session, arm, plan, place);
    this.#bestOf.set(key, found);
    return found;
  }

  /** One search from beginning to end. What fails in it is its own failure, and no end of the comparison. */
  async #search(session: Session, arm: Arm, plan: Plan, place: Task["place"]): Promise<Outcome> {
    const { signal } = this.#options;
    const { searches } = this.#cases[place[0]]!;
    // Nothing is selected in a neutral arm: any verifier will do whose score is more than a place among others.
    const searched =
      searches.find((search) =>
        arm.searched
          ? search.searched.name === arm.searched.name
          : !(search.searched instanceof EnsembleVerifier),
      ) ?? searches[0]!;
    const problem = {
      ...this.#problem(place, searched.searched.name, arm.searched === undefined),
      budget: plan.budget,
      ...(plan.steps === undefined ? {} : { steps: plan.steps }),
    };
    try {
      const run = session.search(plan.algorithm, problem);
      const halt = (): void => run.pause();
      signal?.addEventListener("abort", halt);
      await run.run().finally(() => signal?.removeEventListener("abort", halt));
      signal?.throwIfAborted();
      if (run.state === "paused") throw new Paused(arm.name, run.reason ?? run.notices.at(-1));
      return await outcomeOf(run, {
        session,
        searched: searched.searched,
        condition: problem.condition,
        network: this.#network,
        signal,
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof Paused) throw error;
      return failed(error);
    }
  }

  /** As the search by `searched` asks it; a `neutral` arm selects by nothing and records every verifier of the case. */
  #problem([caseIndex, seedIndex]: Task["place"], searched: string, neutral: boolean): Problem {
    const { problem, seeds, searches } = this.#cases[caseIndex]!;
    const search = searches.find((one) => one.searched.name === searched)!;
    const others = neutral ? searches.flatMap((one) => [one.searched, ...one.heldOut]) : search.heldOut;
    const heldOut = new Map(
      others
        .filter((verifier) => !neutral || !overlap(verifier, search.searched))
        .map((verifier) => [verifier.name, this.#ref(verifier)]),
    );
    return {
      ...problem,
      seed: seeds[seedIndex]!,
      verifier: this.#ref(search.searched),
      heldOut: [...heldOut.values()],
      budget: {},
    };
  }

  /** A session beside the first has resident verifiers of its own: they go by name. */
  #ref(verifier: Verifier): VerifierRef {
    if (verifier instanceof EnsembleVerifier)
      return new EnsembleVerifier({
        ...verifier.spec,
        members: verifier.members.map((member) => this.#ref(member)),
      });
    return verifier instanceof ResidentVerifier ? verifier.name : verifier;
  }

  /** The most denoising steps of one trajectory of a case that `nfe` pays for. */
  #stepsFor(caseIndex: number, nfe: number): number {
    const key = `${caseIndex}/${nfe}`;
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const { searched } = this.#cases[caseIndex]!.searches[0]!;
    const steps = stepsFor(this.#session, this.#problem([caseIndex, 0], searched.name, true), nfe);
    this.#steps.set(key, steps);
    return steps;
  }

  /**
   * By plain samples of few and of many steps in turns, so that what else the machine does burdens both; a first one warms the model up. What a
   * sample costs beside its steps is paid once, however many.
   */
  async #calibrate(): Promise<void> {
    const times = new Map<string, StepTime>();
    for (const [caseIndex, { problem, searches }] of this.#cases.entries()) {
      const verifiers = searches.map(({ searched, heldOut }) =>
        [searched, ...heldOut].map(({ name }) => name),
      );
      const key = JSON.stringify([{ ...problem, condition: null }, verifiers]);
      const time = times.get(key) ?? (await this.#measured(caseIndex));
      times.set(key, time);
      this.#times[caseIndex] = time;
    }
  }

  async #measured(caseIndex: number): Promise<StepTime> {
    const [first] = this.#arms;
    const many = this.#stepsFor(caseIndex, CALIBRATING * this.#costs[caseIndex]!);
    const sample = async (steps: { readonly steps?: number }): Promise<Outcome["paid"]> => {
      const session = this.#comparison.session.beside(this.#nonce());
      const plan = { algorithm: oneCandidate, budget: {}, ...steps };
      const { paid, failure } = await this.#search(session, first!, plan, [caseIndex, 0]);
      if (paid.nfe === 0) throw new Error(`A plain sample of problem ${caseIndex + 1} failed: ${failure}.`);
      return paid;
    };
    await sample({});
    const time = new StepTime();
    for (let turn = 0; turn < TURNS; turn++)
      for (const steps of [{}, { steps: many }]) time.add(await sample(steps));
    return time;
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

  #key(arm: Arm, budget: number, place: Task["place"]): string {
    return address([this.#hash, arm.name, budget, place]).slice(0, 24);
  }

  /** Of everything that a timed outcome depends on, so that a resumed comparison takes over none of another. */
  #hashOf(): string {
    const { algorithms, budgets } = this.#comparison;
    const chosen = [...algorithms].map(([name, choice]) =>
      typeof choice === "function"
        ? [name, choice.toString()]
        : [name, choice.name, choice.options, choice.fingerprint ?? null],
    );
    const cases = this.#cases.map(({ problem, seeds, searches }) => [
      problem,
      seeds,
      searches.map(({ searched, heldOut }) =>
        [searched, ...heldOut].map(({ name, sha256, fingerprint }) => [
          name,
          sha256 ?? null,
          fingerprint ?? null,
        ]),
      ),
    ]);
    return address([chosen, cases, budgets.seconds, this.#comparison.session.model.sha256]);
  }
}

/** A run that waits for something outside: going on without it would be wrong, and what is done is kept. */
class Paused extends Error {
  override readonly name = "ComparisonPaused";

  constructor(arm: string, reason: string | undefined) {
    super(
      `The comparison stopped at ${arm}${reason ? `: ${reason}` : ""} Run it again to go on: what is done is kept.`,
    );
  }
}

/** Many steps of a calibration, as a multiple of a plain sample's. */
const CALIBRATING = 8;
/** How often few and many are sampled. */
const TURNS = 3;
/** How far from its seconds one trajectory may be, as a share, before it is made again, and how often it is made. */
const TOLERANCE = 0.1;
const ATTEMPTS = 3;

function keyOf(arm: Arm, unit: ReportUnit, budget: number): string {
  return JSON.stringify([arm.name, unit, budget]);
}

import type { Session } from "../../session.js";
import { oneCandidate, planOf, type Arm, type Plan } from "./arms.js";
import type { Case } from "./cases.js";
import type { CaseSearches, Place } from "./caseSearches.js";
import type { Outcome } from "./outcome.js";
import { StepTime } from "./stepTime.js";

/** The searches of a comparison at equal seconds: every one computes everything anew. */
export class TimedRuns {
  readonly #session: Session;
  readonly #searches: CaseSearches;
  readonly #cases: readonly Case[];
  readonly #costs: readonly number[];
  readonly #plain: Arm;
  readonly #nonce: () => string;
  /** Of each case; the same for those that differ in their condition alone. */
  readonly #times: StepTime[] = [];

  /** `costs`: NFE of one plain sample of each case. `plain`: an arm of single samples. `nonce`: a text that was never used before. */
  constructor(
    session: Session,
    searches: CaseSearches,
    cases: readonly Case[],
    costs: readonly number[],
    plain: Arm,
    nonce: () => string,
  ) {
    this.#session = session;
    this.#searches = searches;
    this.#cases = cases;
    this.#costs = costs;
    this.#plain = plain;
    this.#nonce = nonce;
  }

  /** Milliseconds of one more NFE of a plain sample in each case. */
  get rates(): readonly number[] {
    return this.#times.map(({ line }) => line.perNfe);
  }

  /** Milliseconds of one plain sample in each case, its decoding and scoring included. */
  get sampleMilliseconds(): readonly number[] {
    return this.#times.map(({ line }, i) => line.fixed + line.perNfe * this.#costs[i]!);
  }

  /** One search in a session of its own, which no cache knows. */
  run(arm: Arm, plan: Plan, place: Place): Promise<Outcome> {
    return this.#searches.run(arm, plan, place, this.#session.beside(this.#nonce()));
  }

  /**
   * One trajectory of as many steps as the seconds pay for. It cannot be cut off at its limit, so where it took longer or shorter than that (the
   * machine was busier, or idler, than when it was measured) it is made again with as many more or fewer. The one that comes closest counts.
   */
  async moreSteps(arm: Arm, seconds: number, place: Place): Promise<Outcome | undefined> {
    const time = this.#times[place[0]]!;
    const tried = new Set<number>();
    const off = ({ paid }: Outcome): number => Math.abs(Math.log(paid.milliseconds / (1000 * seconds)));
    let closest: Outcome | undefined;
    const { perNfe, fixed } = time.line;
    let nfe = (seconds * 1000 - fixed) / perNfe;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const steps = this.#searches.stepsFor(place[0], nfe);
      if (tried.has(steps)) break;
      tried.add(steps);
      const plan = planOf(arm, seconds, "seconds", () => steps);
      if (!plan) return closest;
      const outcome = await this.run(arm, plan, place);
      if (outcome.paid.nfe === 0) return closest ?? outcome;
      time.add(outcome.paid);
      nfe *= (seconds * 1000) / outcome.paid.milliseconds;
      if (!closest || off(outcome) < off(closest)) closest = outcome;
      if (off(outcome) <= Math.log(1 + TOLERANCE)) break;
    }
    return closest;
  }

  /**
   * By plain samples of few and of many steps in turns, so that what else the machine does burdens both; a first one warms the model up. What a
   * sample costs beside its steps is paid once, however many.
   */
  async calibrate(): Promise<void> {
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
    const many = this.#searches.stepsFor(caseIndex, CALIBRATING * this.#costs[caseIndex]!);
    const sample = async (steps: { readonly steps?: number }): Promise<Outcome["paid"]> => {
      const plan = { algorithm: oneCandidate, budget: {}, ...steps };
      const { paid, failure } = await this.run(this.#plain, plan, [caseIndex, 0]);
      if (paid.nfe === 0) throw new Error(`A plain sample of problem ${caseIndex + 1} failed: ${failure}.`);
      return paid;
    };
    await sample({});
    const time = new StepTime();
    for (let turn = 0; turn < TURNS; turn++)
      for (const steps of [{}, { steps: many }]) time.add(await sample(steps));
    return time;
  }
}

/** Many steps of a calibration, as a multiple of a plain sample's. */
const CALIBRATING = 8;
/** How often few and many are sampled. */
const TURNS = 3;
/** How far from its seconds one trajectory may be, as a share, before it is made again, and how often it is made. */
const TOLERANCE = 0.1;
const ATTEMPTS = 3;

import { plainObject, positiveNumber, wholeNumber } from "../check.js";
import type { Account } from "./ledger.js";

/** A search stops before it would pass any of the limits given. */
export interface Budget {
  /** Guided denoiser evaluations. */
  readonly nfe?: number;
  /** Calls of each verifier: none is called more often than this. */
  readonly verifierCalls?: number;
  /** Of the time in which the search runs; pauses do not count. */
  readonly seconds?: number;
  readonly rounds?: number;
}

const LIMITS = ["nfe", "verifierCalls", "seconds", "rounds"] as const;

export function parseBudget(value: unknown): Budget {
  const given = plainObject(value, "budget", LIMITS);
  const budget: { -readonly [limit in keyof Budget]: Budget[limit] } = {};
  for (const limit of LIMITS) {
    if (given[limit] === undefined) continue;
    const what = `budget.${limit}`;
    budget[limit] =
      limit === "seconds" ? positiveNumber(given[limit], what) : wholeNumber(given[limit], what, 1);
  }
  return budget;
}

/** What was set aside for an operation until it is settled. */
export interface Reservation {
  /** How many of the candidates asked for are paid, from the first on. */
  readonly granted: number;
  /** Why the others, or all, are not. */
  readonly refusal?: string;
}

/**
 * Reserve, execute, settle. An operation asks before it runs and is granted for the longest prefix of its candidates that overruns no
 * limit; once it has run it settles, and what it really paid is in the account. NFE and calls count as a run without the cache pays
 * them, so that a search finds the same with a warm cache as with a cold one.
 */
export class BudgetGuard {
  #budget: Budget;
  readonly #account: Account;
  #verifiers: readonly string[];
  readonly #milliseconds: () => number;
  #reservedNfe = 0;
  #reservedCalls = 0;

  constructor(budget: Budget, account: Account, verifiers: readonly string[], milliseconds: () => number) {
    this.#budget = budget;
    this.#account = account;
    this.#verifiers = verifiers;
    this.#milliseconds = milliseconds;
  }

  /** Other limits from here on; what is spent stays spent. */
  limit(budget: Budget, verifiers: readonly string[]): void {
    this.#budget = budget;
    this.#verifiers = verifiers;
  }

  /**
   * To denoise candidates that cost `nfe` each. What could not be scored any more is not denoised either. `finish`, while the
   * run has no result: NFE that take each of them from where it lands to a clean sample. Then so many are granted that it, or what is `spare`
   * already, stays affordable.
   */
  reserveDenoise(nfe: readonly number[], finish?: readonly number[], spare = Infinity): Reservation {
    const late = this.#late();
    if (late) return { granted: 0, refusal: late };
    const limit = this.#budget.nfe ?? Infinity;
    const spent = this.#account.cold.nfe + this.#reservedNfe;
    let granted = 0;
    let total = 0;
    while (granted < nfe.length && spent + total + nfe[granted]! <= limit) total += nfe[granted++]!;
    const enough = finish ? longest(nfe.slice(0, granted), finish, spare, limit - spent) : granted;
    while (granted > enough) total -= nfe[--granted]!;
    const calls = this.#callsLeft();
    const paid = Math.min(granted, calls);
    for (let i = paid; i < granted; i++) total -= nfe[i]!;
    this.#reservedNfe += total;
    if (paid === nfe.length) return { granted: paid };
    const refusal = calls < granted ? this.#noCalls() : this.#noNfe(spent, nfe[granted]!);
    return { granted: paid, refusal };
  }

  /** To have `count` candidates scored by every verifier. `spare`: calls that are left for later. */
  reserveScore(count: number, spare = 0): Reservation {
    const late = this.#late();
    if (late) return { granted: 0, refusal: late };
    const granted = Math.max(0, Math.min(count, this.#callsLeft() - spare));
    this.#reservedCalls += granted;
    return granted === count ? { granted } : { granted, refusal: this.#noCalls() };
  }

  /** The operation has ended, and its charges are in the account. */
  settle(): void {
    this.#reservedNfe = 0;
    this.#reservedCalls = 0;
  }

  /** Why no further round may begin after `rounds`. */
  roundsRefusal(rounds: number): string | undefined {
    const limit = this.#budget.rounds;
    return limit !== undefined && rounds >= limit ? `The budget of ${limit} rounds is used up.` : undefined;
  }

  /** Until the limit; infinite without one. */
  get nfeLeft(): number {
    return (this.#budget.nfe ?? Infinity) - this.#account.cold.nfe - this.#reservedNfe;
  }

  /** Until the limit in seconds; undefined without one. */
  get millisecondsLeft(): number | undefined {
    const { seconds } = this.#budget;
    return seconds === undefined ? undefined : Math.max(0, seconds * 1000 - this.#milliseconds());
  }

  get timeRefusal(): string {
    return `The budget of ${this.#budget.seconds} seconds is used up.`;
  }

  #late(): string | undefined {
    return this.millisecondsLeft === 0 ? this.timeRefusal : undefined;
  }

  #callsLeft(): number {
    const limit = this.#budget.verifierCalls ?? Infinity;
    const most = Math.max(0, ...this.#verifiers.map((name) => this.#account.coldCalls(name)));
    return Math.max(0, limit - most - this.#reservedCalls);
  }

  #noCalls(): string {
    return `The budget of ${this.#budget.verifierCalls} verifier calls is used up.`;
  }

  #noNfe(spent: number, next: number): string {
    const limit = this.#budget.nfe!;
    return spent >= limit
      ? `The budget of ${limit} NFE is used up.`
      : `The budget of ${limit} NFE is used up: ${spent} are spent, and one more candidate costs ${next}.`;
  }
}

/** Of the candidates that cost `nfe` each, how many can be paid so that one of them, or something else for `spare`, can still be finished. */
function longest(nfe: readonly number[], finish: readonly number[], spare: number, left: number): number {
  let [most, total, cheapest] = [0, 0, spare];
  nfe.forEach((cost, i) => {
    total += cost;
    cheapest = Math.min(cheapest, finish[i]!);
    if (total + cheapest <= left) most = i + 1;
  });
  return most;
}

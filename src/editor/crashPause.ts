/** Crashes longer ago than this are forgotten. */
const MEMORY = 5 * 60_000;
/** After the third crash within that time, the fourth, and each further one: milliseconds. */
const PAUSES = [10_000, 30_000, 60_000];

/** How long a kernel that stops again and again is not started anew: what ends it at once would only do so again. */
export class CrashPause {
  #crashes: readonly number[] = [];

  /** `now`: milliseconds of a clock that never goes back. */
  constructor(private readonly now: () => number) {}

  /** Within the last five minutes. */
  get crashes(): number {
    return this.#crashes.filter((time) => this.now() - time < MEMORY).length;
  }

  crashed(): void {
    this.#crashes = [...this.#crashes.filter((time) => this.now() - time < MEMORY), this.now()];
  }

  /** Milliseconds until it may be started; 0: now. */
  get left(): number {
    const over = this.crashes - 3;
    const last = this.#crashes.at(-1);
    if (over < 0 || last === undefined) return 0;
    const pause = PAUSES[Math.min(over, PAUSES.length - 1)]!;
    return Math.max(0, last + pause - this.now());
  }
}

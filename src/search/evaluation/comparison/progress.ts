/** How far a comparison has come. */
export interface ComparisonProgress {
  /** Runs. */
  readonly done: number;
  readonly total: number;
  /** By the pace so far; undefined before there is one. */
  readonly secondsLeft: number | undefined;
  /** What runs now, e.g. "zero-order at 64 NFE". */
  readonly now: string;
}

/** What a run is expected to take: NFE, of which the pace is learned, or seconds, which are known. */
export interface Weight {
  readonly nfe: number;
  readonly seconds: number;
}

/** Tells the time left from what was done in which time. Runs that came from the cache count too: after them the pace is too hopeful for a moment. */
export class Pace {
  #done = 0;
  #nfe = 0;
  #milliseconds = 0;
  #left: { nfe: number; seconds: number } = { nfe: 0, seconds: 0 };

  constructor(
    readonly total: number,
    weights: readonly Weight[],
  ) {
    for (const { nfe, seconds } of weights) this.#add(nfe, seconds, 1);
  }

  /** One run has ended. */
  ended({ nfe, seconds }: Weight, milliseconds: number): void {
    this.#done++;
    this.#add(nfe, seconds, -1);
    if (nfe === 0) return;
    this.#nfe += nfe;
    this.#milliseconds += milliseconds;
  }

  progress(now: string): ComparisonProgress {
    const perNfe = this.#nfe > 0 ? this.#milliseconds / 1000 / this.#nfe : undefined;
    const known = this.#left.nfe === 0 || perNfe !== undefined;
    const secondsLeft = known ? Math.max(0, this.#left.seconds + this.#left.nfe * (perNfe ?? 0)) : undefined;
    return { done: this.#done, total: this.total, secondsLeft, now };
  }

  #add(nfe: number, seconds: number, sign: 1 | -1): void {
    this.#left = { nfe: this.#left.nfe + sign * nfe, seconds: this.#left.seconds + sign * seconds };
  }
}

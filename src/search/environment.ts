/** What a session takes from the world around it. All of it is a parameter, so that a search can be told the time. */
export interface Environment {
  readonly clock: Clock;
  /** Name of a search from the hash of what was asked; by default "-2", "-3" for repetitions within the session. */
  readonly nameRun?: (hash: string) => string;
  /** Aborted by Interrupt; asked for at the start of each call. */
  readonly signal?: () => AbortSignal | undefined;
}

export interface Clock {
  /** Milliseconds from any fixed moment; never goes back. */
  now(): number;
  /** Calls back once; returns what cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

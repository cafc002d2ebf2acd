/**
 * Something in the runtime's memory that may leave it between two calls, and comes back by itself with the next one. What was computed with it is
 * not its: it stays.
 */
export class Loadable<T> {
  #loaded: Promise<T> | undefined;
  #calls = 0;
  #disposed = false;

  /** `bytes`: size of the files. `load` brings it back, as it was loaded first. */
  constructor(
    readonly bytes: number,
    first: T,
    private readonly load: () => Promise<T>,
    private readonly release: (loaded: T) => Promise<void>,
  ) {
    this.#loaded = Promise.resolve(first);
  }

  get isLoaded(): boolean {
    return this.#loaded !== undefined;
  }

  /** Whether a call is under way. */
  get isBusy(): boolean {
    return this.#calls > 0;
  }

  /** Gives the memory back, unless a call is under way: then it does nothing and says false. */
  async evict(): Promise<boolean> {
    if (this.isBusy) return false;
    await this.#leave();
    return true;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#leave();
  }

  async use<Result>(work: (loaded: T) => Promise<Result>): Promise<Result> {
    if (this.#disposed) throw new Error("The model was unloaded.");
    this.#calls++;
    try {
      if (!this.#loaded) {
        const loading = this.load();
        this.#loaded = loading;
        // The next call tries again.
        loading.catch(() => {
          if (this.#loaded === loading) this.#loaded = undefined;
        });
      }
      return await work(await this.#loaded);
    } finally {
      this.#calls--;
    }
  }

  async #leave(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = undefined;
    if (loaded) await this.release(await loaded);
  }
}

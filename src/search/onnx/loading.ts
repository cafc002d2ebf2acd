import type { Calibration } from "./devices/autoThreads.js";
import type { Weights } from "./weights.js";

/** Who has a model loaded, and what he wants to know and to decide meanwhile. */
export interface Loading {
  /** Looked at between two files: the runtime reads one without a pause. */
  readonly signal?: AbortSignal;
  /** Bytes of the files that are loaded, of all; the first time with 0, before any is read. */
  readonly progress?: (done: number, total: number) => void;
  /** Before so many bytes are loaded, for the first time or again. */
  readonly makeRoom?: (bytes: number) => Promise<void>;
  /** Where numbers of threads that were measured are kept; absent: each loading measures. */
  readonly calibration?: Calibration;
  /** Gets the graphs, to put them out of memory when they are idle. */
  readonly loaded?: (weights: Weights) => void;
}

/** Counts what is loaded, lets messages in (a cancellation) after each file, and ends the loading when it is cancelled. */
export class LoadingProgress {
  #done = 0;

  constructor(
    private readonly loading: Loading,
    readonly total: number,
  ) {}

  async start(): Promise<void> {
    this.loading.signal?.throwIfAborted();
    await this.loading.makeRoom?.(this.total);
    this.loading.progress?.(0, this.total);
    await this.#pause();
  }

  async add(bytes: number): Promise<void> {
    this.#done += bytes;
    this.loading.progress?.(this.#done, this.total);
    await this.#pause();
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.loading.signal?.throwIfAborted();
  }
}

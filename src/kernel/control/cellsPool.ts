import type { MessagePort } from "node:worker_threads";
import { CellsThread } from "./cellsThread.js";

/** So that the first cell after a restart does not share the processor with the next spare's start. */
const REFILL_DELAY = 400;

/** Keeps one cells thread warm, so that Restart costs what a message costs. */
export class CellsPool {
  #spare: CellsThread | undefined;
  #refill: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly compilerPort: () => MessagePort) {
    this.#spare = this.#make();
  }

  /** The thread may still be starting: await its `ready`. */
  take(): CellsThread {
    const thread = this.#spare && !this.#spare.isEnded ? this.#spare : this.#make();
    this.#spare = undefined;
    clearTimeout(this.#refill);
    const refill = (): void => {
      if (!this.#closed) this.#spare ??= this.#make();
    };
    thread.ready.then(
      () => (this.#refill = setTimeout(refill, REFILL_DELAY)),
      () => undefined,
    );
    return thread;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#refill);
    await this.#spare?.end();
  }

  #make(): CellsThread {
    return new CellsThread(this.compilerPort());
  }
}

import { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";
import type { CellReference } from "../protocol.js";

/** One run of one cell, for as long as anything of it still runs. */
export class CellExecution {
  readonly #controller = new AbortController();

  constructor(
    readonly id: string,
    /** Counts the executions of this worker, from 1. */
    readonly sequence: number,
    readonly cell: CellReference,
  ) {}

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isInterrupted(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Promises of the cell refer to it, and are shown. */
  [inspect.custom](): string {
    return "CellExecution";
  }

  interrupt(): void {
    if (!this.isInterrupted) this.#controller.abort(new Interrupted());
  }
}

/** What Interrupt looks like to the code of a cell. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";

  constructor() {
    super("Interrupted.");
  }
}

/** The execution that the running code belongs to, through awaits and timers, also after the cell has ended. */
export const currentExecution = new AsyncLocalStorage<CellExecution>();

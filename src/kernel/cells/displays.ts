import { currentExecution, type CellExecution } from "./cellExecution.js";
import { formatValue, type Formatter } from "./formatValue.js";
import type { CellEvent } from "./messages.js";

export interface DisplayHandle {
  update(value: unknown): void;
}

/** A value whose output goes on changing by itself takes over; false when it is none. */
export type LiveDisplay = (value: unknown, execution: CellExecution) => boolean;

/** Sends what cells show. */
export class Displays {
  #next = 1;

  constructor(
    private readonly send: (event: CellEvent) => void,
    private readonly latest: () => CellExecution | undefined,
    private readonly formatters: readonly Formatter[],
    private readonly live: LiveDisplay,
  ) {}

  /** The last expression of a cell: nothing to show is shown as nothing. */
  readonly result = (value: unknown): void => {
    if (value !== undefined) this.display(value);
  };

  readonly display = (value: unknown, options: { readonly id?: string } = {}): DisplayHandle => {
    const execution = currentExecution.getStore() ?? this.latest();
    const display = options.id ?? `${execution?.id ?? "kernel"}-${this.#next++}`;
    if (execution && !(options.id === undefined && this.live(value, execution)))
      this.send({ type: "display", execution: execution.id, display, items: this.#items(value) });
    return { update: (next) => this.send({ type: "update", display, items: this.#items(next) }) };
  };

  #items(value: unknown): ReturnType<typeof formatValue> {
    return formatValue(value, this.formatters);
  }
}

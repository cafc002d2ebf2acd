import { InputError } from "../../search/index.js";
import type { WireItem } from "../protocol.js";
import { currentExecution, type CellExecution } from "./cellExecution.js";
import { describe, formatValue, type Formatter } from "./formatValue.js";
import type { CellEvent } from "./messages.js";
import type { OutputBuffer } from "./outputBuffer.js";

/** Outputs of one execution; further ones are printed as text, which has a limit of its own and then a log. */
export const MOST_DISPLAYS = 500;

export interface DisplayHandle {
  update(value: unknown): void;
}

/** A value whose output goes on changing by itself takes over; false when it is none. */
export type LiveDisplay = (value: unknown, execution: CellExecution) => boolean;

/** Sends what cells show. */
export class Displays {
  #next = 1;
  readonly #handles = new WeakSet();
  readonly #counts = new WeakMap<CellExecution, number>();

  constructor(
    private readonly send: (event: CellEvent) => void,
    private readonly output: OutputBuffer,
    private readonly latest: () => CellExecution | undefined,
    private readonly formatters: readonly Formatter[],
    private readonly live: LiveDisplay,
  ) {}

  /** The last expression of a cell: nothing to show is shown as nothing, and what `display(x)` gives is a means, not a result. */
  readonly result = (value: unknown): void => {
    if (value !== undefined && !this.#handles.has(value as object)) this.display(value);
  };

  readonly display = (value: unknown, options?: { readonly id?: string } | null): DisplayHandle => {
    const id: unknown = options?.id;
    if (id !== undefined && typeof id !== "string")
      throw new InputError(`display: id must be a string, found ${describe(id)}.`);
    const handle = this.#display(value, id);
    this.#handles.add(handle);
    return handle;
  };

  #display(value: unknown, id: string | undefined): DisplayHandle {
    const execution = currentExecution.getStore() ?? this.latest();
    const display = id ?? `${execution?.id ?? "kernel"}-${this.#next++}`;
    if (execution && !(id === undefined && this.#isLive(value, execution)))
      if (!this.#show(execution, display, value)) return { update: (next) => this.#print(execution, next) };
    return { update: (next) => this.output.update(display, this.#items(next)) };
  }

  #isLive(value: unknown, execution: CellExecution): boolean {
    try {
      return this.live(value, execution);
    } catch {
      // A proxy that lets nobody look.
      return false;
    }
  }

  /** False when it was printed instead. */
  #show(execution: CellExecution, display: string, value: unknown): boolean {
    const count = (this.#counts.get(execution) ?? 0) + 1;
    this.#counts.set(execution, count);
    if (count > MOST_DISPLAYS) {
      if (count === MOST_DISPLAYS + 1)
        this.output.write(
          execution,
          "stderr",
          `… More than ${MOST_DISPLAYS} outputs. Further ones are text:\n`,
        );
      this.#print(execution, value);
      return false;
    }
    this.send({ type: "display", execution: execution.id, display, items: this.#items(value) });
    return true;
  }

  #print(execution: CellExecution, value: unknown): void {
    const plain = this.#items(value).findLast((item) => "text" in item);
    if (plain && "text" in plain) this.output.write(execution, "stdout", `${plain.text}\n`);
  }

  #items(value: unknown): readonly WireItem[] {
    return formatValue(value, this.formatters);
  }
}

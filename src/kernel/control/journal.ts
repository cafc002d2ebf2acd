import type { KernelEvent, WireError } from "../protocol.js";
import type { Execution } from "./execution.js";
import { LastRuns } from "./lastRuns.js";
import { sizeOfItems } from "./sizeOfItems.js";

export type NotebookEvent = Extract<
  KernelEvent,
  { readonly type: "started" | "stream" | "display" | "update" | "input" }
>;
export type Missed = Extract<KernelEvent, { readonly type: "missed" }>;

/** Characters of events that are kept of one notebook. What a cell prints is limited before, so this is for many pictures. */
const MOST_CHARACTERS = 32_000_000;

interface Entry {
  readonly event: NotebookEvent;
  readonly size: number;
}

/**
 * What happened to a notebook that its window may not have seen: each execution whose end nobody has heard is kept whole, from its start, and
 * beside it whatever came while no window was there. A window that comes back shows it in this order.
 */
export class Journal {
  readonly #executions = new Map<string, Missed["executions"][number]>();
  #entries: Entry[] = [];
  #size = 0;
  #dropped = 0;
  readonly #runs = new LastRuns();

  constructor(private readonly limit = MOST_CHARACTERS) {}

  queued(asked: Execution): void {
    const { execution, cell, source } = asked;
    this.#executions.set(execution, { execution, cell, source });
    this.#runs.queued(asked);
  }

  /** `heard`: by a window. */
  record(event: NotebookEvent, heard: boolean, now: number): void {
    if (event.type === "started") {
      this.#runs.started(event.execution);
      const known = this.#executions.get(event.execution);
      if (known) this.#executions.set(event.execution, { ...known, started: now });
    }
    if (event.type === "update") {
      const shown = this.#entries.findLastIndex(
        ({ event: earlier }) => "display" in earlier && earlier.display === event.display,
      );
      if (shown >= 0) {
        this.#runs.updated(event.display, event.items);
        return this.#replace(shown, event);
      }
      if (!heard) this.#append(event);
      else this.#runs.updated(event.display, event.items);
      return;
    }
    const isOpen = this.#executions.has(event.execution);
    if (heard || isOpen) this.#lay(event);
    if (heard && !isOpen) return;
    const last = this.#entries.at(-1)?.event;
    if (
      event.type === "stream" &&
      last?.type === "stream" &&
      last.name === event.name &&
      last.execution === event.execution
    ) {
      const text = last.text + event.text;
      this.#entries.pop();
      this.#size -= sizeOf(last);
      return this.#append({ ...last, text });
    }
    this.#append(event);
  }

  /** A window has heard the end: the execution's output is its document's now. `error`: below it. */
  delivered(execution: string, error: WireError | undefined, now: number): void {
    this.#runs.ended(execution, error, now);
    if (!this.#executions.delete(execution)) return;
    this.#keep(({ event }) => event.type === "update" || event.execution !== execution);
  }

  /** A question that was answered is not asked again. */
  answered(question: string): void {
    this.#keep(({ event }) => event.type !== "input" || event.question !== question);
  }

  /** What a window that comes now has to show. What belongs to no open execution is handed over with it. */
  takeMissed(notebook: string): Missed {
    const events = this.#entries.map(({ event }) => event);
    const dropped = this.#dropped;
    this.#dropped = 0;
    this.#keep(({ event }) => event.type !== "update" && this.#executions.has(event.execution));
    const { finished } = this.#runs;
    for (const event of events)
      if (event.type === "update") this.#runs.updated(event.display, event.items);
      else if (!this.#executions.has(event.execution)) this.#lay(event);
    return {
      type: "missed",
      notebook,
      executions: [...this.#executions.values()],
      events,
      finished,
      dropped,
    };
  }

  /** A window has it, or is about to. */
  #lay(event: Exclude<NotebookEvent, { type: "update" }>): void {
    if (event.type === "display") this.#runs.displayed(event.execution, event.display, event.items);
    if (event.type === "stream") this.#runs.printed(event.execution, event.name, event.text);
  }

  #replace(index: number, update: Extract<NotebookEvent, { type: "update" }>): void {
    const { event, size } = this.#entries[index]!;
    if (event.type !== "display" && event.type !== "update") return;
    const entry = { event: { ...event, items: update.items }, size: sizeOf(update) };
    this.#entries[index] = entry;
    this.#size += entry.size - size;
  }

  #append(event: NotebookEvent): void {
    const size = sizeOf(event);
    this.#entries.push({ event, size });
    this.#size += size;
    while (this.#size > this.limit && this.#entries.length > 1) {
      this.#size -= this.#entries.shift()?.size ?? 0;
      this.#dropped++;
    }
  }

  #keep(wanted: (entry: Entry) => boolean): void {
    this.#entries = this.#entries.filter(wanted);
    this.#size = this.#entries.reduce((sum, { size }) => sum + size, 0);
  }
}

function sizeOf(event: NotebookEvent): number {
  if (event.type === "stream") return event.text.length;
  if (event.type === "started" || event.type === "input") return 0;
  return sizeOfItems(event.items);
}

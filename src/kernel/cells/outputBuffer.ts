import { createHash } from "node:crypto";
import type { WireItem } from "../protocol.js";
import type { CellExecution } from "./cellExecution.js";
import type { CellEvent } from "./messages.js";
import { OutputLimit, type StreamName, type StreamText } from "./outputLimit.js";
import { OutputLog } from "./outputLog.js";

/** Twenty messages a second. */
const INTERVAL = 50;
/** A piece this large leaves at once: memory stays bounded, and a megabyte is one message, not a thousand. */
const LARGEST = 64 * 1024;

/**
 * Collects what cells print and sends it in order, merged, at most twenty times a second. Of what a display is updated with meanwhile the
 * last counts. What a cell prints beyond the limit goes to its log and is never sent.
 */
export class OutputBuffer {
  /** Whose cells print: its name, by which logs are told apart. */
  notebook = "";
  #pieces: { execution: CellExecution | undefined; name: StreamName; text: string[] }[] = [];
  readonly #updates = new Map<string, readonly WireItem[]>();
  readonly #limits = new WeakMap<CellExecution, OutputLimit>();
  #size = 0;
  #sent = -INTERVAL;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly send: (event: CellEvent) => void,
    /** Told whether text waits: a cell that computes lets no timer fire, and the control thread then asks for it (`FLUSH`). */
    private readonly waiting: (waits: boolean) => void = () => undefined,
    private readonly now: () => number = () => performance.now(),
  ) {}

  write(execution: CellExecution | undefined, name: StreamName, text: string): void {
    if (!text) return;
    const last = this.#pieces.at(-1);
    if (last && last.execution === execution && last.name === name) last.text.push(text);
    else this.#pieces.push({ execution, name, text: [text] });
    this.#size += text.length;
    this.#schedule();
  }

  update(display: string, items: readonly WireItem[]): void {
    this.#updates.set(display, items);
    this.#schedule();
  }

  /** Before anything that has to come after what was printed. */
  flush(): void {
    if (this.#timer) this.waiting(false);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#pieces.length && !this.#updates.size) return;
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#size = 0;
    this.#sent = this.now();
    for (const { execution, name, text } of pieces) {
      const joined = text.join("");
      if (execution) this.#stream(execution, this.#limitOf(execution).take(name, joined));
      else this.send({ type: "log", level: "info", text: joined });
    }
    for (const [display, items] of this.#updates) this.send({ type: "update", display, items });
    this.#updates.clear();
  }

  /** The cell has ended: its last words are sent, also those that the log has. */
  finish(execution: CellExecution): void {
    this.flush();
    this.#stream(execution, this.#limits.get(execution)?.finish() ?? []);
  }

  #schedule(): void {
    if (this.#size >= LARGEST || this.now() - this.#sent >= INTERVAL) return this.flush();
    if (this.#timer) return;
    this.#timer = setTimeout(() => this.flush(), INTERVAL);
    this.waiting(true);
  }

  #stream(execution: CellExecution, texts: readonly StreamText[]): void {
    for (const { name, text } of texts) this.send({ type: "stream", execution: execution.id, name, text });
  }

  #limitOf(execution: CellExecution): OutputLimit {
    const known = this.#limits.get(execution);
    if (known) return known;
    const { number, id } = execution.cell;
    const notebook = createHash("sha256").update(this.notebook).digest("hex").slice(0, 8);
    // The same at the next run: its name is printed, and a cell that prints the same again must not change the notebook.
    const limit = new OutputLimit(() => new OutputLog(`cell-${number}-${id}-${notebook}`));
    this.#limits.set(execution, limit);
    return limit;
  }
}

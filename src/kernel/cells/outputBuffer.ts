import type { CellExecution } from "./cellExecution.js";
import type { CellEvent } from "./messages.js";

/** Twenty messages a second. */
const INTERVAL = 50;
/** A piece this large leaves at once: memory stays bounded, and a megabyte is one message, not a thousand. */
const LARGEST = 64 * 1024;

type StreamName = "stdout" | "stderr";

/** Collects what cells print and sends it in order, merged, at most twenty times a second. */
export class OutputBuffer {
  #pieces: { execution: CellExecution | undefined; name: StreamName; text: string[] }[] = [];
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
    if (this.#size >= LARGEST || this.now() - this.#sent >= INTERVAL) return this.flush();
    if (this.#timer) return;
    this.#timer = setTimeout(() => this.flush(), INTERVAL);
    this.waiting(true);
  }

  /** Before anything that has to come after what was printed. */
  flush(): void {
    if (this.#timer) this.waiting(false);
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#pieces.length) return;
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#size = 0;
    this.#sent = this.now();
    for (const { execution, name, text } of pieces) {
      const joined = text.join("");
      this.send(
        execution
          ? { type: "stream", execution: execution.id, name, text: joined }
          : { type: "log", level: "info", text: joined },
      );
    }
  }
}

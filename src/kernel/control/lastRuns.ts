import type { FinishedOutput, FinishedRun, WireError, WireItem } from "../protocol.js";
import type { Execution } from "./execution.js";
import { sizeOfItems } from "./sizeOfItems.js";

/** Characters that are kept of all of them together. */
const MOST_CHARACTERS = 16_000_000;
/** Beyond it nobody looks for one of them. */
const MOST_OUTPUTS = 2000;

interface LastRun extends FinishedRun {
  readonly outputs: FinishedOutput[];
  phase: "waiting" | "running" | "ended";
  /** The stream that the last output is, to which more of the same belongs. */
  stream?: string;
  size: number;
  ended: number;
}

/**
 * The last run of each cell with its outputs, laid out as the editor's reducer makes them: the next window may have them from the file, or may
 * not have them at all, and its timers and handles go on in either case.
 */
export class LastRuns {
  readonly #runs = new Map<string, LastRun>();

  constructor(private readonly limit = MOST_CHARACTERS) {}

  /** Those that have ended. */
  get finished(): FinishedRun[] {
    return [...this.#runs.values()]
      .filter(({ phase }) => phase === "ended")
      .map(({ execution, cell, source, ended, outputs }) => ({
        ...{ execution, cell, source, ended },
        outputs: outputs.length > MOST_OUTPUTS ? [] : [...outputs],
      }));
  }

  queued({ execution, cell, source }: Execution): void {
    this.#runs.set(execution, { execution, cell, source, outputs: [], phase: "waiting", size: 0, ended: 0 });
  }

  started(execution: string): void {
    const started = this.#runs.get(execution);
    if (!started) return;
    for (const { execution: other, cell } of this.#runs.values())
      if (cell.id === started.cell.id && other !== execution) this.#runs.delete(other);
    started.phase = "running";
  }

  displayed(execution: string, display: string, items: readonly WireItem[]): void {
    const run = this.#runs.get(execution);
    if (run) this.#add(run, { display, items });
  }

  /** Wherever the handle is shown. */
  updated(display: string, items: readonly WireItem[]): void {
    for (const run of this.#runs.values())
      for (const [index, output] of run.outputs.entries()) {
        if (!("display" in output) || output.display !== display || !output.items) continue;
        run.size += sizeOfItems(items) - sizeOfItems(output.items);
        run.outputs[index] = { display, items };
      }
    this.#fit();
  }

  /** What is printed after the end is an output of its own each time. */
  printed(execution: string, stream: "stdout" | "stderr", text: string): void {
    const run = this.#runs.get(execution);
    if (!run) return;
    const last = run.outputs.at(-1);
    if (run.phase === "ended" || run.stream !== stream || !last || !("stream" in last)) {
      this.#add(run, { stream, text });
      run.stream = stream;
    } else if (last.text !== undefined) {
      run.outputs[run.outputs.length - 1] = { stream, text: last.text + text };
      run.size += text.length;
      this.#fit();
    }
  }

  /** `error`: shown below it. One that never began has left what was there. */
  ended(execution: string, error: WireError | undefined, now: number): void {
    const run = this.#runs.get(execution);
    if (!run) return;
    if (run.phase === "waiting") return void this.#runs.delete(execution);
    if (error) this.#add(run, { error });
    run.phase = "ended";
    run.ended = now;
  }

  #add(run: LastRun, output: FinishedOutput): void {
    delete run.stream;
    if (run.outputs.length > MOST_OUTPUTS) return;
    run.outputs.push(output);
    run.size += sizeOf(output);
    this.#fit();
  }

  /** The oldest give up what they showed, and keep how it was laid out. */
  #fit(): void {
    let size = [...this.#runs.values()].reduce((sum, run) => sum + run.size, 0);
    for (const run of this.#runs.values()) {
      if (size <= this.limit) return;
      size -= run.size;
      run.size = 0;
      for (const [index, output] of run.outputs.entries()) run.outputs[index] = withoutContent(output);
    }
  }
}

function withoutContent(output: FinishedOutput): FinishedOutput {
  if ("display" in output) return { display: output.display };
  return "stream" in output ? { stream: output.stream } : output;
}

function sizeOf(output: FinishedOutput): number {
  if ("display" in output) return sizeOfItems(output.items ?? []);
  return "stream" in output ? (output.text?.length ?? 0) : (output.error.stack?.length ?? 0);
}

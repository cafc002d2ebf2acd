import type { CellReference } from "../protocol.js";

/** Which handle each output of a cell has, in their order; null: printed text or an error, which have none. */
export type CellLayout = {
  readonly execution: string;
  readonly cell: CellReference;
  readonly outputs: readonly (string | null)[];
};

/** Beyond it nobody looks for one of them. */
const MOST_OUTPUTS = 2000;

interface Layout extends CellLayout {
  readonly outputs: (string | null)[];
  phase: "waiting" | "running" | "ended";
  /** The stream that the last output is, to which more of the same belongs. */
  stream?: string;
}

/**
 * How the last run of each cell is laid out in a window, so that the next window, which has the outputs from the file alone, knows what its
 * timers and handles mean. It counts outputs as the editor's reducer makes them.
 */
export class CellLayouts {
  readonly #layouts = new Map<string, Layout>();

  /** Of those that have ended. */
  get finished(): CellLayout[] {
    return [...this.#layouts.values()]
      .filter(({ phase }) => phase === "ended")
      .map(({ execution, cell, outputs }) => ({
        execution,
        cell,
        outputs: outputs.length > MOST_OUTPUTS ? [] : [...outputs],
      }));
  }

  queued(execution: string, cell: CellReference): void {
    this.#layouts.set(execution, { execution, cell, outputs: [], phase: "waiting" });
  }

  started(execution: string): void {
    const started = this.#layouts.get(execution);
    if (!started) return;
    for (const { execution: other, cell } of this.#layouts.values())
      if (cell.id === started.cell.id && other !== execution) this.#layouts.delete(other);
    started.phase = "running";
  }

  displayed(execution: string, display: string): void {
    this.#add(execution, display);
  }

  /** What is printed after the end is an output of its own each time. */
  printed(execution: string, stream: string): void {
    const layout = this.#layouts.get(execution);
    if (!layout || (layout.phase !== "ended" && layout.stream === stream)) return;
    this.#add(execution, null);
    layout.stream = stream;
  }

  /** `failed`: with an error, which is an output too. One that never began has left what was there. */
  ended(execution: string, failed: boolean): void {
    const layout = this.#layouts.get(execution);
    if (!layout) return;
    if (layout.phase === "waiting") return void this.#layouts.delete(execution);
    if (failed) this.#add(execution, null);
    layout.phase = "ended";
  }

  #add(execution: string, display: string | null): void {
    const layout = this.#layouts.get(execution);
    if (!layout) return;
    delete layout.stream;
    if (layout.outputs.length <= MOST_OUTPUTS) layout.outputs.push(display);
  }
}

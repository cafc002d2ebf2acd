import { SearchRun } from "../../search/index.js";
import type { Look, SearchAction } from "../protocol.js";
import { CellExecution, currentExecution } from "./cellExecution.js";
import { describeError } from "./describeError.js";
import { LiveRun } from "./liveRun.js";
import type { Answer, CellEvent } from "./messages.js";
import type { StackTraces } from "./stackTraces.js";
import { unknownRun } from "../unknownRun.js";

/** The searches that are on display, by id. */
export class LiveRuns {
  readonly #runs = new Map<string, LiveRun>();

  constructor(
    private readonly send: (event: CellEvent) => void,
    private readonly isCellRunning: () => boolean,
    private readonly traces: StackTraces,
  ) {}

  /** A `LiveDisplay`. */
  readonly display = (value: unknown, execution: CellExecution): boolean => {
    if (!(value instanceof SearchRun)) return false;
    const known = this.#runs.get(value.id);
    const live = known?.run === value ? known : new LiveRun(value, execution, this.send, this.isCellRunning);
    if (known && known !== live) {
      // The cell ran again: its new search takes the old one's place.
      known.run.pause();
      known.dispose();
    }
    this.#runs.set(value.id, live);
    live.display(execution);
    return true;
  };

  /** A run that waits for a person must be in sight; one that is shown already stays where it is. */
  ensure(run: SearchRun, execution: CellExecution | undefined): void {
    if (this.#runs.get(run.id)?.run === run || !execution) return;
    this.display(run, execution);
    this.#runs.get(run.id)?.shownBy(execution);
  }

  /** A cell has ended: everything on display is brought up to date, also what an earlier cell shows and this one has stepped. */
  async refresh(): Promise<void> {
    await Promise.allSettled([...this.#runs.values()].map((live) => live.refresh()));
  }

  /** Interrupt while no cell runs: what was started from a view halts. */
  pause(): void {
    for (const { run } of this.#runs.values())
      if (run.state === "running" || run.state === "waiting") run.pause();
  }

  search(run: string, action: SearchAction): Promise<Answer> {
    return this.#answer(run, async (live) => {
      await live.act(action);
      return { ok: true, result: { type: "done" } };
    });
  }

  look(run: string, looks: readonly Look[]): Promise<Answer> {
    return this.#answer(run, async (live) => ({ ok: true, result: await live.look(looks) }));
  }

  snapshot(run: string): Promise<Answer> {
    return this.#answer(run, async (live) => ({ ok: true, result: await live.snapshot() }));
  }

  /** What a view starts prints under the cell that shows it, and is not cut off by that cell's interrupt. */
  async #answer(run: string, work: (live: LiveRun) => Promise<Answer>): Promise<Answer> {
    const live = this.#runs.get(run);
    if (!live) return unknownRun(run);
    const { id, sequence, cell } = live.execution;
    try {
      return await currentExecution.run(new CellExecution(id, sequence, cell), () => work(live));
    } catch (error) {
      return { ok: false, error: describeError(error, this.traces) };
    }
  }
}

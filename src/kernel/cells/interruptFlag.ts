import { currentExecution, Interrupted, type CellExecution } from "./cellExecution.js";
import { ANY, FLUSH, SHARED } from "./messages.js";

/** How long the flag stays raised for what is left of an abandoned cell. */
const ABANDONED_WATCH = 5000;

/** The cooperative layer of Interrupt: every loop of a cell calls `tick`, which throws once the control thread has raised the flag. */
export class InterruptFlag {
  #latest: CellExecution | undefined;
  /** The latest has ended, and nothing of it goes on. */
  #isOver = false;

  constructor(
    private readonly words: Int32Array,
    private readonly flush: () => void,
  ) {}

  begin(execution: CellExecution): void {
    this.#latest = execution;
    this.#isOver = false;
  }

  /** `abandoned`: code of the cell may still run. */
  end(execution: CellExecution, abandoned: boolean): void {
    const lower = (): void =>
      void Atomics.compareExchange(this.words, SHARED.interrupt, execution.sequence, 0);
    if (abandoned) setTimeout(lower, ABANDONED_WATCH).unref();
    else lower();
    this.#isOver = !abandoned && execution === this.#latest;
  }

  /** The event loop turns again, so whatever blocked it has been interrupted. */
  acknowledge(): void {
    Atomics.compareExchange(this.words, SHARED.interrupt, ANY, 0);
    // Raised for a cell that ended at the same moment: nobody else would lower it, and no output could be asked for while it is up.
    if (this.#latest && this.#isOver)
      Atomics.compareExchange(this.words, SHARED.interrupt, this.#latest.sequence, 0);
  }

  readonly tick = (): void => {
    if (Atomics.load(this.words, SHARED.interrupt) !== 0) this.#check();
  };

  #check(): void {
    const raised = Atomics.load(this.words, SHARED.interrupt);
    if (raised === FLUSH) {
      Atomics.compareExchange(this.words, SHARED.interrupt, FLUSH, 0);
      return this.flush();
    }
    const latest = this.#latest;
    if (latest?.sequence === raised) latest.interrupt();
    // A raised number that is not yet known here: the cell that it means cannot start because this loop keeps the thread.
    const isBlocking = raised === ANY || raised > (latest?.sequence ?? 0);
    if (isBlocking || (currentExecution.getStore() ?? latest)?.isInterrupted) throw new Interrupted();
  }
}

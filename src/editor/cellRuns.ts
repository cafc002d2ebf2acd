import { randomUUID } from "node:crypto";
import type * as vscode from "vscode";
import { loadCodec } from "../document/summary/tiles.js";
import type { FinishedRun, WireItem } from "../kernel/protocol.js";
import { CellOutputs } from "./cellOutputs.js";
import { DisplayPlaces } from "./displayPlaces.js";
import type { ErrorDiagnostics } from "./errorDiagnostics.js";
import { NO_EXECUTIONS, reduceExecutions } from "./executionReducer.js";
import type { ExecutionCommand, ExecutionMessage } from "./executionReducer.js";
import { FinishedCells } from "./finishedCells.js";
import { messageOf } from "./log.js";
import type { Log } from "./log.js";
import { fittingText } from "./outputBudget.js";
import { OutputMaker } from "./outputMaker.js";
import { fromPlainOutput } from "./plainOutput.js";

/** A cell on its way: what was run is what stood there when Run was pressed. */
export interface QueuedCell {
  readonly execution: string;
  readonly cell: vscode.NotebookCell;
  readonly source: string;
  readonly ended: Promise<void>;
}

interface Run {
  readonly queued: QueuedCell;
  readonly outputs: CellOutputs;
  readonly end: () => void;
  /** When it really began, where that was before this window. */
  readonly began?: number;
  order?: number;
  start?: number;
  /** Bytes that it printed, which VS Code tells of late. */
  printed: number;
  /** The notebook holds no more of what it prints. */
  isFull: boolean;
}

export interface CellRunsServices {
  readonly createExecution: (cell: vscode.NotebookCell) => vscode.NotebookCellExecution;
  readonly diagnostics: ErrorDiagnostics;
  readonly log: Log;
  readonly now: () => number;
  /** Something has started or ended. */
  readonly changed: () => void;
}

/** Carries out in VS Code what `reduceExecutions` decides for the cells of one notebook. */
export class CellRuns {
  #state = NO_EXECUTIONS;
  readonly #runs = new Map<string, Run>();
  readonly #finished: FinishedCells;
  /** Which cell an ended execution belongs to, for what its timers still print; only the latest of each cell counts. */
  readonly #latest = new Map<vscode.NotebookCell, string>();
  readonly #places = new DisplayPlaces();
  readonly #make: OutputMaker;

  constructor(
    private notebook: vscode.NotebookDocument,
    private readonly services: CellRunsServices,
  ) {
    this.#finished = new FinishedCells(services.createExecution, services.log);
    this.#make = new OutputMaker(notebook, this.#places);
  }

  get running(): boolean {
    return [...this.#state.executions.values()].some(({ phase }) => phase === "running");
  }

  has(execution: string): boolean {
    return this.#state.executions.has(execution);
  }

  async queue(cell: vscode.NotebookCell): Promise<QueuedCell | undefined> {
    // An output that is too large comes after many rounds; by then the codec is there.
    void loadCodec();
    await this.#finished.hold(cell);
    let outputs: CellOutputs;
    try {
      outputs = new CellOutputs(this.services.createExecution(cell), this.services.log);
    } catch (error) {
      // Deleted, or running already.
      this.services.log.warn(`Cell ${cell.index + 1} could not be run: ${messageOf(error)}`);
      this.#finished.release(cell);
      return undefined;
    }
    let end = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    const queued = { execution: randomUUID(), cell, source: cell.document.getText(), ended };
    this.#runs.set(queued.execution, { queued, outputs, end, printed: 0, isFull: false });
    this.#latest.set(cell, queued.execution);
    this.services.diagnostics.clear(cell);
    this.hear({ type: "queued", execution: queued.execution });
    return queued;
  }

  /**
   * An execution that goes on, and whose outputs are about to be told from the first: a window before this one asked for it, or this one before
   * it lost the connection. `started`: milliseconds since 1970.
   */
  adopt(cell: vscode.NotebookCell, execution: string, source: string, started: number | undefined): boolean {
    if (this.has(execution)) {
      this.hear({ type: "rewound", execution });
      return true;
    }
    void this.#finished.hold(cell);
    let outputs: CellOutputs;
    try {
      outputs = new CellOutputs(this.services.createExecution(cell), this.services.log);
    } catch (error) {
      // Run anew already.
      this.services.log.warn(`Cell ${cell.index + 1} could not be shown as running: ${messageOf(error)}`);
      this.#finished.release(cell);
      return false;
    }
    const queued = { execution, cell, source, ended: Promise.resolve() };
    this.#runs.set(execution, {
      queued,
      outputs,
      end: () => {},
      printed: 0,
      isFull: false,
      ...(started !== undefined && { began: started }),
    });
    this.#latest.set(cell, execution);
    this.services.diagnostics.clear(cell);
    this.hear({ type: "queued", execution });
    this.hear({ type: "asked", execution });
    return true;
  }

  /**
   * The last run of a cell, which a window before this one has shown. What was not saved since is shown again, if the document lacks it; `saved`:
   * when the document was, in milliseconds since 1970.
   */
  recall(cell: vscode.NotebookCell, { execution, source, ended, outputs }: FinishedRun, saved: number): void {
    if (this.#latest.has(cell)) return;
    this.#latest.set(cell, execution);
    const made = ended > saved && cell.document.getText() === source ? this.#make.remade(outputs) : undefined;
    const lacks = made !== undefined && !isSame(made, cell.outputs);
    if (lacks) {
      const success = !outputs.some((output) => "error" in output);
      this.#finished.remember(cell, { order: undefined, success, start: undefined, end: undefined });
      this.#finished.revise(cell, made, (revision) => revision.replaceOutput(made));
    }
    const there = lacks ? made : cell.outputs;
    for (const [index, finished] of outputs.entries()) {
      if (!("display" in finished)) continue;
      const { display } = finished;
      const output = there.length === outputs.length ? there[index] : undefined;
      if (output) this.#places.add({ display, cell, output });
      else this.#places.miss(display, cell);
    }
  }

  hear(message: ExecutionMessage): void {
    const { state, commands } = reduceExecutions(this.#state, message, this.services.now());
    this.#state = state;
    for (const command of commands) {
      const run = this.#runs.get(command.execution);
      if (run) this.#carryOut(command, run);
      else if (command.type === "late") this.#late(command);
    }
    if (commands.some(({ type }) => type === "start" || type === "end")) this.services.changed();
  }

  /** Replaces what a handle shows, wherever it is shown, whether or not its cell still runs. */
  update(display: string, items: readonly WireItem[]): void {
    const places = this.#places.of(display, this.notebook);
    const homeless = places.length ? undefined : this.#places.takeHome(display);
    if (homeless) this.#append(homeless, this.#output(homeless, display, items));
    if (!places.length) return;
    const replacement = this.#make.items(items, display);
    for (const { cell, output } of places) {
      const open = [...this.#runs.values()].find(
        ({ queued, start }) => queued.cell === cell && start !== undefined,
      );
      if (open) open.outputs.replace(replacement, output);
      else
        this.#finished.revise(cell, output, (execution) => execution.replaceOutputItems(replacement, output));
    }
  }

  /** The document is gone, and with it the place where anything could be shown. */
  end(message: string): void {
    this.hear({ type: "lost", error: { name: "Closed", message } });
  }

  /** The same cells in another document. What still ran has lost its place; what it shows from now on is late output of the new cell. */
  moveTo(notebook: vscode.NotebookDocument): void {
    const heirs = new Map(this.notebook.getCells().map((cell, index) => [cell, notebook.cellAt(index)]));
    const latest = [...this.#latest];
    this.#latest.clear();
    for (const [cell, execution] of latest) {
      const heir = heirs.get(cell);
      if (heir) this.#latest.set(heir, execution);
    }
    this.#places.moveTo(heirs);
    this.#make.notebook = notebook;
    this.notebook = notebook;
  }

  dispose(): void {
    this.#finished.dispose();
    this.#places.dispose();
    this.#latest.clear();
  }

  #carryOut(command: ExecutionCommand, run: Run): void {
    const { cell, source } = run.queued;
    switch (command.type) {
      case "start":
        run.order = command.order;
        run.start = run.began ?? command.time;
        this.#cleared(cell, run);
        run.outputs.start(command.order, run.start);
        return;
      case "clear":
        this.#cleared(cell, run);
        return run.outputs.clear();
      case "stream":
        return this.#print(run, command);
      case "display":
        return run.outputs.append(this.#output(cell, command.display, command.items));
      case "error":
        if (command.underline) this.services.diagnostics.show(cell, source, command.error);
        return run.outputs.append(this.#make.error(command.error));
      case "end":
        this.#end(command.execution, run, command.success, command.time);
        return;
      case "late":
        return;
    }
  }

  #print(run: Run, { name, text, fresh }: Extract<ExecutionCommand, { type: "stream" }>): void {
    const held = this.#make.held(run.queued.cell) + run.printed;
    const kept = fittingText(text, held, run.isFull);
    if (!kept) return;
    run.isFull = kept.isFull;
    run.printed += Buffer.byteLength(kept.text);
    run.outputs.stream(name, kept.text, fresh);
  }

  #cleared(cell: vscode.NotebookCell, run: Run): void {
    run.printed = 0;
    run.isFull = false;
    this.#places.cleared(cell);
    this.#finished.forget(cell);
  }

  #end(execution: string, run: Run, success: boolean | undefined, time: number | undefined): void {
    const { cell } = run.queued;
    this.#runs.delete(execution);
    const begun = run.start !== undefined;
    if (begun) this.#finished.remember(cell, { order: run.order, success, start: run.start, end: time });
    void run.outputs.end(success, time).finally(() => {
      this.#finished.release(cell);
      run.end();
    });
  }

  #late({ execution, output }: Extract<ExecutionCommand, { type: "late" }>): void {
    const cell = [...this.#latest].find(([, latest]) => latest === execution)?.[0];
    if (!cell) return;
    const shown =
      output.type === "stream"
        ? this.#make.stream(output.name, output.text)
        : this.#output(cell, output.display, output.items);
    this.#append(cell, shown);
  }

  #append(cell: vscode.NotebookCell, output: vscode.NotebookCellOutput): void {
    this.#finished.revise(cell, output, (revision) => revision.appendOutput(output));
  }

  #output(cell: vscode.NotebookCell, display: string, items: readonly WireItem[]): vscode.NotebookCellOutput {
    const output = this.#make.display(items, display);
    this.#places.add({ display, cell, output });
    return output;
  }
}

/** As a file would have them. */
function isSame(a: readonly vscode.NotebookCellOutput[], b: readonly vscode.NotebookCellOutput[]): boolean {
  const saved = (outputs: readonly vscode.NotebookCellOutput[]): string =>
    JSON.stringify(
      outputs.map(({ items, metadata }) => fromPlainOutput({ items, metadata: metadata ?? {} }).items),
    );
  return saved(a) === saved(b);
}

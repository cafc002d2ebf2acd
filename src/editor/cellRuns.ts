import { randomUUID } from "node:crypto";
import { dirname, resolve } from "node:path";
import type * as vscode from "vscode";
import type { Output } from "../document/notebook.js";
import { outputMode } from "../document/outputMode.js";
import { displayOutput, errorOutput, streamOutput } from "../document/outputs.js";
import { isObject } from "../document/shape.js";
import { summariseOutput } from "../document/summary/keepOutputs.js";
import { loadCodec } from "../document/summary/tiles.js";
import { withoutOverwritten } from "../document/terminalText.js";
import type { FinishedOutput, FinishedRun, WireError, WireItem } from "../kernel/protocol.js";
import { CellOutputs } from "./cellOutputs.js";
import type { ErrorDiagnostics } from "./errorDiagnostics.js";
import { NO_EXECUTIONS, reduceExecutions } from "./executionReducer.js";
import type { ExecutionCommand, ExecutionMessage } from "./executionReducer.js";
import { FinishedCells } from "./finishedCells.js";
import { messageOf } from "./log.js";
import type { Log } from "./log.js";
import { fitting } from "./outputBudget.js";
import { fromPlainOutput, toPlainOutput } from "./plainOutput.js";
import { toOutput, toOutputItem } from "./serializer.js";
import { linkFrames } from "./stackLinks.js";

/** A cell on its way: what was run is what stood there when Run was pressed. */
export interface QueuedCell {
  readonly execution: string;
  readonly cell: vscode.NotebookCell;
  readonly source: string;
  readonly ended: Promise<void>;
}

interface Place {
  readonly display: string;
  readonly cell: vscode.NotebookCell;
  readonly output: vscode.NotebookCellOutput;
}

interface Run {
  readonly queued: QueuedCell;
  readonly outputs: CellOutputs;
  readonly end: () => void;
  /** When it really began, where that was before this window. */
  readonly began?: number;
  order?: number;
  start?: number;
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
  /** Outputs with a handle that were made in this window and not cleared since. */
  #shown: readonly Place[] = [];
  /** Handles of an earlier window's outputs that the document does not have: what they show next is shown below their cell. */
  readonly #homeless = new Map<string, vscode.NotebookCell>();

  constructor(
    private notebook: vscode.NotebookDocument,
    private readonly services: CellRunsServices,
  ) {
    this.#finished = new FinishedCells(services.createExecution, services.log);
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
    this.#runs.set(queued.execution, { queued, outputs, end });
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
    const made = ended > saved && cell.document.getText() === source ? this.#remade(outputs) : undefined;
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
      if (output) this.#shown = [...this.#shown, { display, cell, output }];
      else this.#homeless.set(display, cell);
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
    const places = this.#placesOf(display);
    if (!places.length) return this.#settle(display, items);
    const { items: plain } = toPlainOutput(this.#kept(items, display));
    for (const { cell, output } of places) {
      const replacement = plain.map(toOutputItem);
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
    // Handles are not saved, so the new document's outputs know theirs by their place only.
    this.#shown = [...heirs].flatMap(([cell, heir]) =>
      cell.outputs.flatMap(({ metadata }, index) => {
        const display: unknown = metadata?.["display"];
        const output = heir.outputs[index];
        return typeof display === "string" && output ? [{ display, cell: heir, output }] : [];
      }),
    );
    this.notebook = notebook;
  }

  dispose(): void {
    this.#finished.dispose();
    this.#shown = [];
    this.#latest.clear();
    this.#homeless.clear();
  }

  #carryOut(command: ExecutionCommand, run: Run): void {
    const { cell, source } = run.queued;
    switch (command.type) {
      case "start":
        run.order = command.order;
        run.start = run.began ?? command.time;
        this.#cleared(cell);
        run.outputs.start(command.order, run.start);
        return;
      case "clear":
        this.#cleared(cell);
        return run.outputs.clear();
      case "stream":
        return run.outputs.stream(command.name, command.text, command.fresh);
      case "display":
        return run.outputs.append(this.#output(cell, command.display, command.items));
      case "error":
        if (command.underline) this.services.diagnostics.show(cell, source, command.error);
        return run.outputs.append(toOutput(toPlainOutput(errorOutput(this.#linked(command.error)))));
      case "end":
        this.#end(command.execution, run, command.success, command.time);
        return;
      case "late":
        return;
    }
  }

  #cleared(cell: vscode.NotebookCell): void {
    this.#shown = this.#shown.filter((place) => place.cell !== cell);
    for (const [display, home] of this.#homeless) if (home === cell) this.#homeless.delete(display);
    this.#finished.forget(cell);
  }

  /** Frames lead to their lines, as long as the cells stand where they stood. */
  #linked(error: WireError): WireError {
    if (!error.stack) return error;
    const stack = linkFrames(error.stack, {
      cell: (number) => this.notebook.getCells()[number - 1]?.document.uri.toString(),
      file: (path) => resolve(dirname(this.notebook.uri.fsPath), path),
    });
    return { ...error, stack };
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
        ? toOutput(toPlainOutput(streamOutput(output.name, output.text)))
        : this.#output(cell, output.display, output.items);
    this.#finished.revise(cell, shown, (revision) => revision.appendOutput(shown));
  }

  /** Undefined where some of it was too much to keep. */
  #remade(outputs: readonly FinishedOutput[]): vscode.NotebookCellOutput[] | undefined {
    const made = outputs.map((output) => {
      if ("error" in output) return toOutput(toPlainOutput(errorOutput(this.#linked(output.error))));
      if ("stream" in output)
        return output.text === undefined
          ? undefined
          : toOutput(toPlainOutput(streamOutput(output.stream, withoutOverwritten(output.text))));
      const { display, items } = output;
      return items && toOutput(toPlainOutput(this.#kept(items, display), display));
    });
    return made.every((output) => output !== undefined) ? made : undefined;
  }

  #settle(display: string, items: readonly WireItem[]): void {
    const cell = this.#homeless.get(display);
    if (!cell) return;
    this.#homeless.delete(display);
    const shown = this.#output(cell, display, items);
    this.#finished.revise(cell, shown, (revision) => revision.appendOutput(shown));
  }

  #output(cell: vscode.NotebookCell, display: string, items: readonly WireItem[]): vscode.NotebookCellOutput {
    const output = toOutput(toPlainOutput(this.#kept(items, display), display));
    this.#shown = [...this.#shown, { display, cell, output }];
    return output;
  }

  /**
   * VS Code refuses to back up a notebook whose outputs hold more than 10 MB. What a save would leave out is left out here already, so that
   * only a notebook that asks for everything (`embed`) or has many large outputs comes near it, and then what no longer fits is not kept. A live
   * view has all pictures from the kernel.
   */
  #kept(items: readonly WireItem[], display: string): Output {
    const output = displayOutput(items);
    const meta: unknown = this.notebook.metadata["meta"];
    const kept =
      outputMode({ meta: isObject(meta) ? meta : {} }) === "embed" ? output : summariseOutput(output);
    return fitting(kept, this.#held(display));
  }

  /** Bytes of all outputs but those of the handle, with those that VS Code does not tell of yet. */
  #held(display: string): number {
    const told = this.notebook.getCells().flatMap(({ outputs }) => outputs);
    const known = new Set(told.map(({ metadata }): unknown => metadata?.["display"]));
    const early = this.#shown.filter((place) => !known.has(place.display)).map(({ output }) => output);
    return [...told, ...early]
      .filter(({ metadata }) => metadata?.["display"] !== display)
      .flatMap(({ items }) => items)
      .reduce((sum, { data }) => sum + data.byteLength, 0);
  }

  /**
   * What was made here is certain: VS Code tells of new outputs late, and may still show one that was cleared. Beside it, cells that were
   * copied with their outputs show the same.
   */
  #placesOf(display: string): Place[] {
    const made = this.#shown.filter((place) => place.display === display);
    const copied = this.notebook
      .getCells()
      .filter((cell) => !made.some((place) => place.cell === cell))
      .flatMap((cell) => cell.outputs.map((output) => ({ display, cell, output })))
      .filter(({ output }) => output.metadata?.["display"] === display);
    return [...made, ...copied];
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

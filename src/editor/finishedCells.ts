import type * as vscode from "vscode";
import { messageOf } from "./log.js";
import type { Log } from "./log.js";

/** What VS Code shows beside a cell that has run. */
export interface FinishedRun {
  readonly order: number | undefined;
  readonly success: boolean | undefined;
  readonly start: number | undefined;
  readonly end: number | undefined;
}

type Change = (execution: vscode.NotebookCellExecution) => Thenable<void>;

/** Between two revisions of a cell, at least: each of them is an edit of the document and moves the cell's icon. */
const PAUSE = 250;

/**
 * Brings outputs of cells that have ended up to date. VS Code lets outputs be written only within an execution, so a short one is opened
 * that keeps the order, the times and the success of the run that it amends.
 */
export class FinishedCells {
  readonly #runs = new WeakMap<vscode.NotebookCell, FinishedRun>();
  readonly #waiting = new Map<vscode.NotebookCell, Map<unknown, Change>>();
  readonly #revising = new Map<vscode.NotebookCell, Promise<void>>();
  readonly #resting = new Set<vscode.NotebookCell>();
  readonly #holds = new Map<vscode.NotebookCell, number>();
  #disposed = false;

  constructor(
    private readonly createExecution: (cell: vscode.NotebookCell) => vscode.NotebookCellExecution,
    private readonly log: Log,
  ) {}

  /** VS Code's own summary arrives later than the end that we command, so the truth is remembered here. */
  remember(cell: vscode.NotebookCell, run: FinishedRun): void {
    this.#runs.set(cell, run);
  }

  /** `key`: a later change with the same key replaces one that still waits. */
  revise(cell: vscode.NotebookCell, key: unknown, change: Change): void {
    const changes = this.#waiting.get(cell) ?? new Map<unknown, Change>();
    // Deleted first, so that the change takes its place in the order anew.
    changes.delete(key);
    changes.set(key, change);
    this.#waiting.set(cell, changes);
    this.#work(cell);
  }

  /** Resolves when the cell is free for an execution of its own. Changes wait until as many calls of `release` have followed. */
  async hold(cell: vscode.NotebookCell): Promise<void> {
    this.#holds.set(cell, (this.#holds.get(cell) ?? 0) + 1);
    await this.#revising.get(cell);
  }

  release(cell: vscode.NotebookCell): void {
    const holds = (this.#holds.get(cell) ?? 0) - 1;
    if (holds > 0) this.#holds.set(cell, holds);
    else this.#holds.delete(cell);
    this.#work(cell);
  }

  /** The outputs that waiting changes are about are gone. */
  forget(cell: vscode.NotebookCell): void {
    this.#waiting.delete(cell);
  }

  dispose(): void {
    this.#disposed = true;
    this.#waiting.clear();
  }

  #work(cell: vscode.NotebookCell): void {
    if (this.#disposed || this.#holds.has(cell) || this.#revising.has(cell) || this.#resting.has(cell))
      return;
    const changes = this.#waiting.get(cell);
    if (!changes) return;
    this.#waiting.delete(cell);
    const revision = this.#revise(cell, [...changes.values()]).finally(() => {
      this.#revising.delete(cell);
      this.#resting.add(cell);
      setTimeout(() => {
        this.#resting.delete(cell);
        this.#work(cell);
      }, PAUSE);
    });
    this.#revising.set(cell, revision);
  }

  async #revise(cell: vscode.NotebookCell, changes: readonly Change[]): Promise<void> {
    // A deleted cell has nothing to bring up to date.
    if (cell.index < 0 || cell.notebook.isClosed) return;
    const { order, success, start, end } = this.#runs.get(cell) ?? summaryOf(cell);
    let execution: vscode.NotebookCellExecution;
    try {
      execution = this.createExecution(cell);
    } catch (error) {
      this.log.warn(`A finished cell's output could not be brought up to date: ${messageOf(error)}`);
      return;
    }
    execution.executionOrder = order;
    execution.start(start);
    try {
      for (const change of changes) await change(execution);
    } catch (error) {
      this.log.warn(`A finished cell's output could not be brought up to date: ${messageOf(error)}`);
    } finally {
      execution.end(success, end);
    }
  }
}

function summaryOf({ executionSummary: summary }: vscode.NotebookCell): FinishedRun {
  return {
    order: summary?.executionOrder,
    success: summary?.success,
    start: summary?.timing?.startTime,
    end: summary?.timing?.endTime,
  };
}

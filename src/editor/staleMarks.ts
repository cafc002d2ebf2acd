import * as vscode from "vscode";
import type { StaleCell } from "../kernel/protocol.js";
import { NOTEBOOK_TYPE } from "./notebookType.js";

/** Beside each cell that would see other things if it ran again: a mark that says why and runs it. */
export class StaleMarks implements vscode.Disposable, vscode.NotebookCellStatusBarItemProvider {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCellStatusBarItems = this.#changed.event;
  readonly #registration = vscode.notebooks.registerNotebookCellStatusBarItemProvider(NOTEBOOK_TYPE, this);
  readonly #reasons = new WeakMap<vscode.NotebookDocument, ReadonlyMap<string, string>>();

  /** All stale cells of the notebook, by their ids. */
  show(notebook: vscode.NotebookDocument, cells: readonly StaleCell[]): void {
    this.#reasons.set(notebook, new Map(cells.map(({ cell, reason }) => [cell, reason])));
    this.#changed.fire();
  }

  reasonFor({ notebook, metadata, document }: vscode.NotebookCell): string | undefined {
    return this.#reasons.get(notebook)?.get(String(metadata["id"] ?? document.uri.fragment));
  }

  provideCellStatusBarItems(cell: vscode.NotebookCell): vscode.NotebookCellStatusBarItem | undefined {
    const reason = this.reasonFor(cell);
    if (reason === undefined) return undefined;
    const item = new vscode.NotebookCellStatusBarItem(
      "$(history) stale",
      vscode.NotebookCellStatusBarAlignment.Right,
    );
    item.tooltip = `${reason} Click to run it again.`;
    const range = { start: cell.index, end: cell.index + 1 };
    const run = { ranges: [range], document: cell.notebook.uri };
    item.command = { title: "Run the cell again", command: "notebook.cell.execute", arguments: [run] };
    return item;
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}

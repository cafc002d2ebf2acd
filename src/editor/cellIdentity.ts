import * as vscode from "vscode";
import { isCellId, repairCellIds } from "../document/cellId.js";
import { messageOf } from "./log.js";
import type { Log } from "./log.js";
import { NOTEBOOK_TYPE } from "./notebookType.js";

/** Gives ids to new cells, and new ones to copies: VS Code has no identity of cells that outlives the window, and copies metadata. */
export class CellIdentity implements vscode.Disposable {
  readonly #subscriptions = [
    vscode.workspace.onDidChangeNotebookDocument(({ notebook, contentChanges }) => {
      const added = new Set(contentChanges.flatMap(({ addedCells }) => addedCells));
      if (added.size) void this.#repair(notebook, added);
    }),
    vscode.workspace.onDidOpenNotebookDocument((notebook) => void this.#repair(notebook, new Set())),
  ];

  constructor(private readonly log: Log) {}

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #repair(notebook: vscode.NotebookDocument, added: ReadonlySet<vscode.NotebookCell>): Promise<void> {
    if (notebook.notebookType !== NOTEBOOK_TYPE || notebook.isClosed) return;
    // Cells that were there before come first, so that of two equal ids the newcomer's is replaced.
    const cells = [...notebook.getCells()].sort((a, b) => Number(added.has(a)) - Number(added.has(b)));
    const ids = repairCellIds(
      cells.map(({ metadata }): unknown => metadata["id"]),
      Math.random,
    );
    const edits = cells.flatMap((cell, place) => {
      const id = ids[place];
      if (isCellId(cell.metadata["id"]) && cell.metadata["id"] === id) return [];
      return [vscode.NotebookEdit.updateCellMetadata(cell.index, { ...cell.metadata, id })];
    });
    if (!edits.length) return;
    const edit = new vscode.WorkspaceEdit();
    edit.set(notebook.uri, edits);
    try {
      // A cell without an id is repaired again when the notebook is saved, so a refused edit loses nothing.
      if (!(await vscode.workspace.applyEdit(edit))) this.log.warn("New cells could not be given their ids.");
    } catch (error) {
      this.log.warn(`New cells could not be given their ids: ${messageOf(error)}`);
    }
  }
}

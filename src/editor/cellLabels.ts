import * as vscode from "vscode";
import { conflictOf, roleOf } from "../document/cellLabels.js";
import { isCellId } from "../document/cellId.js";
import { NOTEBOOK_TYPE } from "./notebookType.js";
import { parseExtra } from "./plainOutput.js";

/** Shows what a cell is beside its text, the two versions of a merge conflict with buttons to decide it, and changes that. */
export class CellLabels implements vscode.Disposable, vscode.NotebookCellStatusBarItemProvider {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCellStatusBarItems = this.#changed.event;
  readonly #subscriptions: readonly vscode.Disposable[] = [
    vscode.notebooks.registerNotebookCellStatusBarItemProvider(NOTEBOOK_TYPE, this),
    vscode.workspace.onDidChangeNotebookDocument(({ notebook, cellChanges }) => {
      if (notebook.notebookType === NOTEBOOK_TYPE && cellChanges.some(({ metadata }) => metadata))
        this.#changed.fire();
    }),
    vscode.commands.registerCommand("dnb.acceptVersion", (cell?: vscode.NotebookCell) => accept(cell)),
    vscode.commands.registerCommand("dnb.keepBothVersions", (cell?: vscode.NotebookCell) => keepBoth(cell)),
    vscode.commands.registerCommand("dnb.toggleParameters", (cell?: vscode.NotebookCell) =>
      toggleParameters(cell),
    ),
  ];

  provideCellStatusBarItems(cell: vscode.NotebookCell): vscode.NotebookCellStatusBarItem[] {
    const extra = extraOf(cell);
    const conflict = conflictOf({ extra });
    if (!conflict)
      return roleOf({ extra }) === "parameters"
        ? [item(cell, "$(symbol-parameter) parameters", "dnb run -p sets what this cell declares")]
        : [];
    const side = conflict.side === "ours" ? "our side" : "their side";
    if (conflict.deleted)
      return [
        item(
          cell,
          `$(git-merge) Changed on ${side}, deleted on the other`,
          "A merge left this to be decided",
        ),
        item(cell, "$(check) Keep", "The cell stays", "dnb.acceptVersion"),
      ];
    return [
      item(cell, `$(git-merge) From ${side}`, "Both sides of a merge changed the same lines of this cell"),
      item(cell, "$(check) Accept", "This version stays, the other one goes", "dnb.acceptVersion"),
      item(cell, "$(split-horizontal) Keep Both", "Both become cells of their own", "dnb.keepBothVersions"),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#changed.dispose();
  }
}

function item(
  cell: vscode.NotebookCell,
  text: string,
  tooltip: string,
  command?: string,
): vscode.NotebookCellStatusBarItem {
  const shown = new vscode.NotebookCellStatusBarItem(text, vscode.NotebookCellStatusBarAlignment.Left);
  shown.tooltip = tooltip;
  if (command !== undefined) shown.command = { title: tooltip, command, arguments: [cell] };
  return shown;
}

/** The other version goes, and this one takes the id that both are versions of: links and outputs go by it. */
async function accept(cell = activeCell()): Promise<void> {
  const conflict = cell && conflictOf({ extra: extraOf(cell) });
  if (!cell || !conflict) return;
  const others = versionsOf(cell, conflict.of).filter((other) => other !== cell);
  const free = !cell.notebook
    .getCells()
    .some((other) => other !== cell && !others.includes(other) && idOf(other) === conflict.of);
  // One after the other: in one edit VS Code counts the indexes after the deletion.
  const ranges = others.map(({ index }) => new vscode.NotebookRange(index, index + 1)).reverse();
  await apply(
    cell.notebook,
    ranges.map((range) => vscode.NotebookEdit.deleteCells(range)),
  );
  await apply(cell.notebook, [decided(cell, free ? conflict.of : idOf(cell))]);
}

async function keepBoth(cell = activeCell()): Promise<void> {
  const conflict = cell && conflictOf({ extra: extraOf(cell) });
  if (!cell || !conflict) return;
  await apply(
    cell.notebook,
    versionsOf(cell, conflict.of).map((version) => decided(version, idOf(version))),
  );
}

async function toggleParameters(cell = activeCell()): Promise<void> {
  if (!cell || cell.kind !== vscode.NotebookCellKind.Code) return;
  const { role, ...extra } = extraOf(cell);
  const next = role === "parameters" ? extra : { role: "parameters", ...extra };
  await apply(cell.notebook, [withExtra(cell, idOf(cell), next)]);
}

const decided = (cell: vscode.NotebookCell, id: string): vscode.NotebookEdit => {
  const { conflict: _, ...extra } = extraOf(cell);
  return withExtra(cell, id, extra);
};

function withExtra(
  cell: vscode.NotebookCell,
  id: string,
  extra: Readonly<Record<string, unknown>>,
): vscode.NotebookEdit {
  const { extra: _, ...metadata } = cell.metadata;
  const text = Object.keys(extra).length ? { extra: JSON.stringify(extra) } : {};
  return vscode.NotebookEdit.updateCellMetadata(cell.index, {
    ...metadata,
    ...(isCellId(id) && { id }),
    ...text,
  });
}

async function apply(notebook: vscode.NotebookDocument, edits: vscode.NotebookEdit[]): Promise<void> {
  if (!edits.length) return;
  const edit = new vscode.WorkspaceEdit();
  edit.set(notebook.uri, edits);
  if (!(await vscode.workspace.applyEdit(edit)))
    void vscode.window.showErrorMessage("VS Code refused to change the cell.");
}

const versionsOf = (cell: vscode.NotebookCell, of: string): vscode.NotebookCell[] =>
  cell.notebook.getCells().filter((other) => conflictOf({ extra: extraOf(other) })?.of === of);

const extraOf = (cell: vscode.NotebookCell): Readonly<Record<string, unknown>> =>
  parseExtra(cell.metadata["extra"]);
const idOf = ({ metadata }: vscode.NotebookCell): string => String(metadata["id"] ?? "");

function activeCell(): vscode.NotebookCell | undefined {
  const editor = vscode.window.activeNotebookEditor;
  return editor?.notebook.notebookType === NOTEBOOK_TYPE && editor.selection.start < editor.notebook.cellCount
    ? editor.notebook.cellAt(editor.selection.start)
    : undefined;
}

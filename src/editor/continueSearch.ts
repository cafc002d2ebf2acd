import * as vscode from "vscode";
import type { SearchAction } from "../kernel/protocol.js";
import { savedSearches } from "./cellWriter.js";
import type { NotebookSession } from "./notebookSession.js";

/** Runs cells in a kernel that starts if need be; searches halt after so many rounds, by run. */
export type ExecuteCells = (
  notebook: vscode.NotebookDocument,
  cells: readonly vscode.NotebookCell[],
  holds: Readonly<Record<string, number>>,
) => Promise<NotebookSession>;

/**
 * Goes on with a search that the notebook holds and no kernel knows. What makes it lies in cells (models, functions, own algorithms), so
 * they run again up to the one that shows it; each search that had not ended halts where it was saved, the rest comes from the cache; then
 * the action follows. A sentence when that is not possible.
 */
export async function continueSearch(
  notebook: vscode.NotebookDocument,
  run: string,
  action: SearchAction,
  execute: ExecuteCells,
): Promise<string | undefined> {
  const { cell, rounds } = savedSearches(notebook, run);
  const saved = rounds[run];
  if (!cell) return "The cell of this search is not in the notebook any more.";
  if (saved === undefined) return "This search has ended: there is no further round.";
  const cells = notebook
    .getCells()
    .filter(({ kind, index }) => kind === vscode.NotebookCellKind.Code && index <= cell.index);
  // VS Code runs cells of notebooks that are in sight; a panel may be the only thing that is.
  if (!vscode.window.visibleNotebookEditors.some((editor) => editor.notebook === notebook))
    await vscode.window.showNotebookDocument(notebook, { preserveFocus: true });
  const session = await execute(notebook, cells, rounds);
  const made = await roundsOf(session, run);
  if (made === undefined)
    return "The cells did not make this search again: one of them failed, or code, model or verifier differ from when it was saved.";
  const request = (next: SearchAction) =>
    session.request({ type: "search", notebook: session.id, run, action: next });
  if (saved > made) await request({ kind: "step", rounds: saved - made });
  await request(action);
  return undefined;
}

/** Rounds that the kernel has of it; undefined when it does not know it. */
async function roundsOf(session: NotebookSession, run: string): Promise<number | undefined> {
  try {
    const reply = await session.request({ type: "snapshot", notebook: session.id, run });
    return reply.type === "snapshot" ? reply.output.record.rounds.length : undefined;
  } catch {
    return undefined;
  }
}

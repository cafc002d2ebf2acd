import * as vscode from "vscode";
import { makeCellId } from "../document/cellId.js";
import type { Notebook } from "../document/notebook.js";
import type { EmptyFiles } from "./emptyFiles.js";
import { NOTEBOOK_TYPE } from "./notebookType.js";

/** One empty code cell. */
export function emptyNotebook(): Notebook {
  const id = makeCellId(new Set(), Math.random);
  return {
    dnb: 1,
    meta: {},
    cells: [{ id, kind: "code", source: [], outputs: [], extra: {} }],
    extra: {},
  };
}

/** The command "New Diffusion Notebook". */
export async function newNotebook(emptyFiles: EmptyFiles): Promise<void> {
  const notebook = await emptyFiles.expectNew(() => vscode.workspace.openNotebookDocument(NOTEBOOK_TYPE));
  await vscode.window.showNotebookDocument(notebook);
}

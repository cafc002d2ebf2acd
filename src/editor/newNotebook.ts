import * as vscode from "vscode";
import type { EmptyFiles } from "./emptyFiles.js";
import { newNotebookData } from "./serializer.js";

export const NOTEBOOK_TYPE = "dnb";

/** The command "New Diffusion Notebook". */
export async function newNotebook(emptyFiles: EmptyFiles): Promise<void> {
  const notebook = await emptyFiles.expectNew(() =>
    vscode.workspace.openNotebookDocument(NOTEBOOK_TYPE, newNotebookData()),
  );
  await vscode.window.showNotebookDocument(notebook);
}

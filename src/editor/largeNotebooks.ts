import * as vscode from "vscode";
import { nameOf } from "./nameOf.js";
import { NOTEBOOK_TYPE } from "./notebookType.js";

const SETTING = "backup.sizeLimit";
const RAISE = "Raise the Limit";

/**
 * Says of a notebook that is opened when VS Code would not back it up: then a window that crashes loses what is not saved. What runs show in a
 * window stays below the limit (`outputBudget.ts`); a file may hold more, and nothing of it is left out.
 */
export class LargeNotebooks implements vscode.Disposable {
  readonly #opened: vscode.Disposable;

  constructor() {
    this.#opened = vscode.workspace.onDidOpenNotebookDocument((notebook) => void this.#consider(notebook));
    for (const notebook of vscode.workspace.notebookDocuments) void this.#consider(notebook);
  }

  dispose(): void {
    this.#opened.dispose();
  }

  async #consider(notebook: vscode.NotebookDocument): Promise<void> {
    if (notebook.notebookType !== NOTEBOOK_TYPE) return;
    const settings = vscode.workspace.getConfiguration("notebook", notebook.uri);
    const limit = settings.get<number>(SETTING, 10_000);
    const kilobytes = Math.ceil(bytesIn(notebook) / 1024);
    // 0 is no limit.
    if (limit === 0 || kilobytes <= limit) return;
    const message = `The outputs of ${nameOf(notebook.uri)} hold ${kilobytes} kB, and VS Code backs up notebooks of at most ${limit} kB (notebook.${SETTING}): after a crash what is not saved would be lost. Clear outputs that are not needed, or raise the limit.`;
    if ((await vscode.window.showWarningMessage(message, RAISE)) !== RAISE) return;
    const isFolder = vscode.workspace.workspaceFolders !== undefined;
    const target = isFolder ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
    // With room for what is yet to be run.
    await settings.update(SETTING, 2 * kilobytes, target);
  }
}

function bytesIn(notebook: vscode.NotebookDocument): number {
  return notebook
    .getCells()
    .flatMap(({ outputs }) => outputs)
    .flatMap(({ items }) => items)
    .reduce((sum, { data }) => sum + data.byteLength, 0);
}

import * as vscode from "vscode";
import { messageOf, type Log } from "../log.js";
import { nameOf } from "../nameOf.js";
import { NOTEBOOK_TYPE } from "../notebookType.js";
import type { DnbSerializer } from "../serializer.js";
import type { BackupStore } from "./backupStore.js";
import { Safekeeping } from "./safekeeping.js";

/** Keeps each notebook's good versions, from when it is opened and before it is saved, and brings one back. */
export class Backups implements vscode.Disposable {
  readonly #safe: Safekeeping<vscode.Uri>;
  readonly #subscriptions: readonly vscode.Disposable[];

  /** `replace`: as `NotebookFiles` has it. VS Code's own rename deletes first. */
  constructor(
    store: BackupStore,
    private readonly serializer: DnbSerializer,
    private readonly log: Log,
    replace: (from: vscode.Uri, to: vscode.Uri) => Thenable<void>,
  ) {
    const { fs } = vscode.workspace;
    this.#safe = new Safekeeping(store, {
      nameOf: (file) => file.toString(),
      beside: (file, ending) => file.with({ path: file.path + ending }),
      read: (file) => fs.readFile(file).then(undefined, absent),
      write: (file, bytes) => fs.writeFile(file, bytes),
      replace,
      remove: (file) => fs.delete(file),
    });
    this.#subscriptions = [
      vscode.workspace.onDidOpenNotebookDocument((notebook) => void this.#keepFile(notebook)),
      vscode.workspace.onWillSaveNotebookDocument((event) =>
        event.waitUntil(this.#keepDocument(event.notebook)),
      ),
      vscode.commands.registerCommand("dnb.restoreVersion", () => this.#choose()),
      // From the explorer, for a file that is damaged and so has no editor.
      vscode.commands.registerCommand("dnb.restoreLastVersion", (file?: vscode.Uri) =>
        file instanceof vscode.Uri ? this.#restoreNamed(file) : undefined,
      ),
    ];
  }

  async has(file: vscode.Uri): Promise<boolean> {
    return (await this.#safe.versions(file)).length > 0;
  }

  /** Writes the newest good version over the file. What stood there becomes a file beside it, unless it was empty. */
  restoreLast(file: vscode.Uri): Promise<void> {
    return this.#safe.restoreLast(file);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #restoreNamed(file: vscode.Uri): Promise<void> {
    try {
      await this.restoreLast(file);
    } catch (error) {
      void vscode.window.showErrorMessage(`${nameOf(file)} could not be restored: ${messageOf(error)}`);
    }
  }

  async #choose(): Promise<void> {
    const notebook = vscode.window.activeNotebookEditor?.notebook;
    if (notebook?.notebookType !== NOTEBOOK_TYPE || notebook.isUntitled) return;
    const versions = await this.#safe.versions(notebook.uri);
    const items = versions.map((version) => ({ label: new Date(version.time).toLocaleString(), version }));
    const placeHolder = items.length
      ? "Which version takes the place of the file?"
      : "No version was kept yet.";
    const choice = await vscode.window.showQuickPick(items, { placeHolder });
    if (!choice) return;
    try {
      await this.#safe.restore(notebook.uri, choice.version);
    } catch (error) {
      void vscode.window.showErrorMessage(
        `${nameOf(notebook.uri)} could not be restored: ${messageOf(error)}`,
      );
    }
  }

  /** As it is on disk: what the next save replaces. */
  async #keepFile(notebook: vscode.NotebookDocument): Promise<void> {
    if (notebook.notebookType !== NOTEBOOK_TYPE || notebook.isUntitled) return;
    try {
      await this.#safe.keepFile(notebook.uri);
    } catch (error) {
      this.log.warn(`No version of ${notebook.uri.path} was kept: ${messageOf(error)}`);
    }
  }

  /** What is about to be written. A version that cannot be kept is no reason not to save. */
  async #keepDocument(notebook: vscode.NotebookDocument): Promise<void> {
    if (notebook.notebookType !== NOTEBOOK_TYPE || notebook.isUntitled) return;
    try {
      await this.#safe.keep(notebook.uri, await this.serializer.bytesOf(notebook));
    } catch (error) {
      this.log.warn(`No version of ${notebook.uri.path} was kept: ${messageOf(error)}`);
    }
  }
}

/** Of a file that is not there; any other failure says nothing of what the file holds. */
function absent(error: unknown): undefined {
  if (error instanceof vscode.FileSystemError && error.code === "FileNotFound") return undefined;
  throw error;
}

import * as vscode from "vscode";
import { decodeNotebook } from "../../document/decodeNotebook.js";
import { messageOf, type Log } from "../log.js";
import { nameOf } from "../nameOf.js";
import { NOTEBOOK_TYPE } from "../notebookType.js";
import type { DnbSerializer } from "../serializer.js";
import type { BackupStore, Version } from "./backupStore.js";

/** Keeps each notebook's good versions, from when it is opened and before it is saved, and brings one back. */
export class Backups implements vscode.Disposable {
  readonly #subscriptions: readonly vscode.Disposable[];

  constructor(
    private readonly store: BackupStore,
    private readonly serializer: DnbSerializer,
    private readonly log: Log,
    /** Puts a file in the place of another one, so that at each moment one of both is there. VS Code's own rename deletes first. */
    private readonly replace: (from: vscode.Uri, to: vscode.Uri) => Thenable<void>,
  ) {
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
    return (await this.store.versions(file.toString())).length > 0;
  }

  /** Writes the newest good version over the file. What stood there becomes a file beside it, unless it was empty. */
  async restoreLast(file: vscode.Uri): Promise<void> {
    const [newest] = await this.store.versions(file.toString());
    if (!newest) throw new Error("There is no earlier version of it.");
    await this.#restore(file, newest);
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
    const versions = await this.store.versions(notebook.uri.toString());
    const items = versions.map((version) => ({ label: new Date(version.time).toLocaleString(), version }));
    const placeHolder = items.length
      ? "Which version takes the place of the file?"
      : "No version was kept yet.";
    const choice = await vscode.window.showQuickPick(items, { placeHolder });
    if (!choice) return;
    try {
      await this.#restore(notebook.uri, choice.version);
    } catch (error) {
      void vscode.window.showErrorMessage(
        `${nameOf(notebook.uri)} could not be restored: ${messageOf(error)}`,
      );
    }
  }

  async #restore(file: vscode.Uri, version: Version): Promise<void> {
    const bytes = await this.store.read(version);
    decodeNotebook(bytes);
    const before = await vscode.workspace.fs.readFile(file).then(
      (found) => found,
      () => new Uint8Array(),
    );
    if (before.length && !isGood(before))
      await vscode.workspace.fs.writeFile(file.with({ path: `${file.path}.damaged` }), before);
    // Beside and renamed: this write must not be cut off either.
    const draft = file.with({ path: `${file.path}.restored` });
    await vscode.workspace.fs.writeFile(draft, bytes);
    await this.replace(draft, file);
  }

  /** As it is on disk: what the next save replaces. */
  async #keepFile(notebook: vscode.NotebookDocument): Promise<void> {
    if (notebook.notebookType !== NOTEBOOK_TYPE || notebook.isUntitled) return;
    try {
      const bytes = await vscode.workspace.fs.readFile(notebook.uri);
      if (isGood(bytes)) await this.store.keep(notebook.uri.toString(), bytes);
    } catch (error) {
      this.log.warn(`No version of ${notebook.uri.path} was kept: ${messageOf(error)}`);
    }
  }

  /** What is about to be written. A version that cannot be kept is no reason not to save. */
  async #keepDocument(notebook: vscode.NotebookDocument): Promise<void> {
    if (notebook.notebookType !== NOTEBOOK_TYPE || notebook.isUntitled) return;
    try {
      const bytes = await this.serializer.bytesOf(notebook);
      await this.store.keep(notebook.uri.toString(), bytes);
    } catch (error) {
      this.log.warn(`No version of ${notebook.uri.path} was kept: ${messageOf(error)}`);
    }
  }
}

function isGood(bytes: Uint8Array): boolean {
  try {
    decodeNotebook(bytes);
    return true;
  } catch {
    return false;
  }
}

import { createRequire } from "node:module";
import { join } from "node:path";
import * as vscode from "vscode";
import { messageOf } from "../log.js";
import { NOTEBOOK_TYPE } from "../notebookType.js";
import type * as LanguageBundle from "./main.js";

/** Starts the language server of cells with the first notebook, so that a window without one pays nothing. */
export class LanguageOnDemand implements vscode.Disposable {
  #language: LanguageBundle.CellLanguage | undefined;
  #opened: vscode.Disposable | undefined;

  /** `folder`: dist, with both bundles. */
  constructor(
    private readonly folder: string,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.#opened = vscode.workspace.onDidOpenNotebookDocument((notebook) => this.#consider(notebook));
    // Not now: what opens the first notebook is waiting for the extension.
    setImmediate(() => vscode.workspace.notebookDocuments.forEach((notebook) => this.#consider(notebook)));
  }

  /** Resolves when the server has ended. */
  async stop(): Promise<void> {
    this.#opened?.dispose();
    this.#opened = undefined;
    await this.#language?.stop();
  }

  dispose(): void {
    void this.stop();
  }

  #consider({ notebookType }: vscode.NotebookDocument): void {
    if (notebookType !== NOTEBOOK_TYPE || !this.#opened) return;
    this.#opened.dispose();
    void this.#start().catch((error: unknown) =>
      this.log.error(`TypeScript in cells could not be started: ${messageOf(error)}`),
    );
  }

  async #start(): Promise<void> {
    const { CellLanguage } = createRequire(__filename)(
      join(this.folder, "languageClient.js"),
    ) as typeof LanguageBundle;
    this.#language = new CellLanguage(join(this.folder, "language.js"), this.log);
    await this.#language.start();
  }
}

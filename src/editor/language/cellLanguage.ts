import * as vscode from "vscode";
import { LanguageClient, TransportKind, type LanguageClientOptions } from "vscode-languageclient/node";
import { LANGUAGE, NOTEBOOK_TYPE } from "../notebookType.js";
import { RestartPolicy } from "./restartPolicy.js";

/** Files that a cell may import, whose change changes what cells mean. */
const WATCHED = "**/*.{ts,tsx,mts,cts,js,mjs,cjs,json}";

/** Megabytes of heap for the server: TypeScript, its libraries, and the packages that notebooks import. */
const MEMORY = 2048;

/** TypeScript in cells: the server process, and what it does for VS Code. It ends with the window. */
export class CellLanguage implements vscode.Disposable {
  readonly #client: LanguageClient;
  readonly #subscriptions: vscode.Disposable[] = [];

  /** `script`: dist/language.js. */
  constructor(script: string, channel: vscode.LogOutputChannel) {
    const watcher = vscode.workspace.createFileSystemWatcher(WATCHED);
    const policy = new RestartPolicy(Date.now);
    const options: LanguageClientOptions = {
      documentSelector: [{ notebook: NOTEBOOK_TYPE, language: LANGUAGE }],
      diagnosticCollectionName: "dnb-typescript",
      outputChannel: channel,
      initializationOptions: settings(),
      synchronize: { fileEvents: watcher },
      errorHandler: policy,
    };
    const module = { module: script, transport: TransportKind.ipc };
    const run = { ...module, options: { execArgv: [`--max-old-space-size=${MEMORY}`] } };
    this.#client = new LanguageClient("dnb.language", "TypeScript in Cells", { run, debug: run }, options);
    this.#subscriptions.push(
      watcher,
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration("dnb.inlayHints") && this.#client.isRunning())
          void this.#client.sendNotification("workspace/didChangeConfiguration", { settings: settings() });
      }),
    );
  }

  /** Rejects when the server cannot be started. */
  async start(): Promise<void> {
    await this.#client.start();
  }

  /** Resolves when the server has ended. */
  async stop(): Promise<void> {
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
    if (this.#client.needsStop()) await this.#client.stop();
  }

  dispose(): void {
    void this.stop();
  }
}

const settings = (): { readonly inlayHints: string } => ({
  inlayHints: vscode.workspace.getConfiguration("dnb").get<string>("inlayHints", "literals"),
});

import * as vscode from "vscode";
import type { ViewEvent } from "../kernel/protocol.js";
import { savedOutput } from "./cellWriter.js";
import { nameOf } from "./nameOf.js";

/** Panels that show a search of a notebook with all views side by side; one for each search. They can be moved to a window of their own. */
export class Inspectors implements vscode.Disposable {
  readonly #panels = new Map<string, vscode.WebviewPanel>();

  constructor(
    private readonly extension: vscode.Uri,
    /** What a panel asks, as any view of the notebook does. */
    private readonly hear: (
      notebook: vscode.NotebookDocument,
      message: unknown,
      answer: (event: ViewEvent) => void,
    ) => void,
  ) {}

  /** A sentence when there is nothing to show. */
  open(notebook: vscode.NotebookDocument, run: string): string | undefined {
    const output = savedOutput(notebook, run);
    if (!output) return "The search is not in the notebook's outputs any more.";
    const key = keyOf(notebook, run);
    const known = this.#panels.get(key);
    if (known) {
      known.reveal();
      return undefined;
    }
    const folder = vscode.Uri.joinPath(this.extension, "dist");
    const panel = vscode.window.createWebviewPanel(
      "dnb.inspector",
      `Search · ${nameOf(notebook.uri)}`,
      { viewColumn: vscode.ViewColumn.Beside },
      { enableScripts: true, localResourceRoots: [folder], retainContextWhenHidden: true },
    );
    this.#panels.set(key, panel);
    panel.onDidDispose(() => this.#panels.delete(key));
    panel.webview.onDidReceiveMessage((message: unknown) => {
      if (isOpened(message))
        void panel.webview.postMessage({ type: "open", output: savedOutput(notebook, run) ?? output });
      else this.hear(notebook, message, (event) => void panel.webview.postMessage(event));
    });
    panel.webview.html = page(panel.webview, vscode.Uri.joinPath(folder, "inspector.js"));
    return undefined;
  }

  /** Every panel of the notebook; each view takes what is about its own search. */
  tell(notebook: vscode.NotebookDocument, event: ViewEvent): void {
    for (const [key, panel] of this.#panels)
      if (key.startsWith(keyOf(notebook, ""))) void panel.webview.postMessage(event);
  }

  dispose(): void {
    for (const panel of [...this.#panels.values()]) panel.dispose();
  }
}

const keyOf = (notebook: vscode.NotebookDocument, run: string): string => `${notebook.uri.toString()} ${run}`;

const isOpened = (message: unknown): boolean =>
  typeof message === "object" && message !== null && (message as { type?: unknown }).type === "opened";

/** Nothing but the panel's own script runs, and nothing is asked of the network. */
function page(webview: vscode.Webview, script: vscode.Uri): string {
  const nonce = crypto.randomUUID();
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline' ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<style>body { margin: 0; padding: 0; background: var(--vscode-editor-background) }</style></head>
<body><script nonce="${nonce}" src="${webview.asWebviewUri(script).toString()}"></script></body>
</html>`;
}

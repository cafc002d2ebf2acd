import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { messageOf } from "./log.js";
import type { Log } from "./log.js";
import type { NotebookSession } from "./notebookSession.js";
import { rewriteSources } from "./rewriteSources.js";

/** How js-debug, which comes with VS Code, calls its sessions. */
const TYPE = "pwa-node";
const TERMINATION_PATIENCE = 5000;

interface Debugged {
  readonly session: NotebookSession;
  readonly cell: vscode.NotebookCell;
  readonly file: string;
}

/**
 * Debug Cell: the kernel's inspector is open only meanwhile, and VS Code's own JavaScript debugger attaches to it. To the debugger a cell is a
 * file with the same text; what it says of that file is rewritten to the cell and back. Lines are the source map's business.
 */
export class DebugCell implements vscode.Disposable {
  readonly #running = new Set<vscode.DebugSession>();
  readonly #subscriptions: readonly vscode.Disposable[];
  #debugged: Debugged | undefined;

  /** `home`: folder of the kernel's own code, which nobody wants to step through. */
  constructor(
    private readonly ready: (notebook: vscode.NotebookDocument) => Promise<NotebookSession>,
    private readonly home: string,
    private readonly log: Log,
  ) {
    this.#subscriptions = [
      vscode.debug.onDidStartDebugSession((session) => this.#running.add(session)),
      vscode.debug.onDidTerminateDebugSession((session) => this.#running.delete(session)),
      vscode.debug.registerDebugAdapterTrackerFactory(TYPE, {
        createDebugAdapterTracker: () => ({
          onWillReceiveMessage: (message: unknown) => this.#rewrite(message, "toFile"),
          onDidSendMessage: (message: unknown) => this.#rewrite(message, "toCell"),
        }),
      }),
    ];
  }

  /** Resolves when the cell has ended and the port is closed again. */
  async debug(cell: vscode.NotebookCell): Promise<void> {
    if (this.#debugged) {
      void vscode.window.showInformationMessage("Another cell is being debugged. Stop it first.");
      return;
    }
    const folder = await mkdtemp(join(tmpdir(), "dnb-debug-"));
    const file = join(folder, `${String(cell.metadata["id"] ?? cell.index)}.ts`);
    try {
      await writeFile(file, cell.document.getText(), { mode: 0o600 });
      const session = await this.ready(cell.notebook);
      this.#debugged = { session, cell, file };
      await this.#attach(this.#debugged);
    } catch (error) {
      this.log.error(`Debug Cell: ${messageOf(error)}`);
      void vscode.window.showErrorMessage(`The cell could not be debugged: ${messageOf(error)}`);
    } finally {
      this.#debugged = undefined;
      await rm(folder, { recursive: true, force: true });
    }
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #attach({ session, cell, file }: Debugged): Promise<void> {
    const opened = await session.request({ type: "debug", on: true });
    if (opened.type !== "debugging") throw new Error("The kernel did not open its inspector.");
    const before = new Set(this.#running);
    try {
      const started = await vscode.debug.startDebugging(
        vscode.workspace.getWorkspaceFolder(cell.notebook.uri),
        {
          type: TYPE,
          request: "attach",
          name: `Cell ${cell.index + 1}`,
          address: "127.0.0.1",
          port: opened.port,
          continueOnAttach: true,
          sourceMaps: true,
          resolveSourceMapLocations: ["**"],
          outFiles: [],
          skipFiles: ["<node_internals>/**", `${this.home}/**`],
          restart: false,
        },
      );
      if (!started) throw new Error("VS Code's JavaScript debugger did not start.");
      await session.execute([cell], undefined, file);
    } finally {
      const mine = [...this.#running].filter((running) => !before.has(running));
      const root = mine.find(({ parentSession }) => !parentSession);
      if (root) await vscode.debug.stopDebugging(root);
      // The inspector waits for its last client when it is closed, and the kernel's control thread with it.
      for (const end = Date.now() + TERMINATION_PATIENCE; Date.now() < end;) {
        if (!mine.some((running) => this.#running.has(running))) break;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      await session.request({ type: "debug", on: false });
    }
  }

  #rewrite(message: unknown, way: "toFile" | "toCell"): void {
    if (!this.#debugged) return;
    const { cell, file } = this.#debugged;
    const { uri } = cell.document;
    rewriteSources(message, (path) => {
      if (way === "toCell")
        return path === file ? { path: uri.toString(), name: `Cell ${cell.index + 1}` } : undefined;
      // The debugger's form of the URI differs from ours, the fragment does not.
      if (!path.startsWith("vscode-notebook-cell:")) return undefined;
      return vscode.Uri.parse(path).fragment === uri.fragment ? { path: file } : undefined;
    });
  }
}

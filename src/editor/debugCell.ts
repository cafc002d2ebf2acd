import * as vscode from "vscode";
import { BreakpointWatch } from "./breakpointWatch.js";
import { CellFiles } from "./cellFiles.js";
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
  readonly files: CellFiles;
  readonly watch: BreakpointWatch;
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
        createDebugAdapterTracker: ({ id }) => ({
          onWillReceiveMessage: (message: unknown) => {
            this.#rewrite(message, "toFile");
            this.#debugged?.watch.received(id, message);
          },
          onDidSendMessage: (message: unknown) => {
            this.#debugged?.watch.sent(id, message);
            this.#rewrite(message, "toCell");
          },
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
    const files = new CellFiles(cell.notebook);
    try {
      await files.write();
      const session = await this.ready(cell.notebook);
      const watch = new BreakpointWatch(
        files.pathOf(cell),
        (path) => files.cellOf(path) !== undefined,
        () => void session.debugReady().catch((error: unknown) => this.log.warn(messageOf(error))),
      );
      this.#debugged = { session, cell, files, watch };
      await this.#attach(this.#debugged);
    } catch (error) {
      this.log.error(`Debug Cell: ${messageOf(error)}`);
      void vscode.window.showErrorMessage(`The cell could not be debugged: ${messageOf(error)}`);
    } finally {
      this.#debugged?.watch.dispose();
      this.#debugged = undefined;
      await files.remove();
    }
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #attach({ session, cell }: Debugged): Promise<void> {
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
          resolveSourceMapLocations: ["**", `!${this.home}/**`],
          outFiles: [],
          skipFiles: ["<node_internals>/**", `${this.home}/**`],
          restart: false,
        },
      );
      if (!started) throw new Error("VS Code's JavaScript debugger did not start.");
      await session.execute([cell], undefined, true);
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
    const { cell, files } = this.#debugged;
    rewriteSources(message, (path) => {
      if (way === "toCell") {
        const found = files.cellOf(path);
        return found && { path: found.document.uri.toString(), name: `Cell ${found.index + 1}` };
      }
      // The debugger's form of the URI differs from ours, the fragment does not.
      if (!path.startsWith("vscode-notebook-cell:")) return undefined;
      const { path: notebook, fragment } = vscode.Uri.parse(path);
      if (notebook !== cell.notebook.uri.path) return undefined;
      const found = cell.notebook.getCells().find(({ document }) => document.uri.fragment === fragment);
      return found && { path: files.pathOf(found) };
    });
  }
}

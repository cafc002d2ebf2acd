import * as vscode from "vscode";
import type { KernelEvent } from "../kernel/protocol.js";
import type { FolderKernel } from "./folderKernel.js";
import { kernelStatusText, nextKernelStatus } from "./kernelStatus.js";
import type { KernelStatus } from "./kernelStatus.js";
import { NOTEBOOK_TYPE } from "./notebookType.js";
import type { NotebookSession } from "./notebookSession.js";

type Heartbeat = Extract<KernelEvent, { readonly type: "heartbeat" }>;

/** The kernel of the notebook in front; a click shows the log. */
export class StatusBar implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem("dnb.kernel", vscode.StatusBarAlignment.Right, 100);
  readonly #subscription = vscode.window.onDidChangeActiveNotebookEditor(() => this.update());
  readonly #statuses = new WeakMap<vscode.NotebookDocument, KernelStatus>();
  readonly #heartbeats = new WeakMap<FolderKernel, Heartbeat>();

  constructor(
    private readonly sessionOf: (notebook: vscode.NotebookDocument) => NotebookSession | undefined,
    private readonly now: () => number,
  ) {
    this.#item.name = "Diffusion Notebook Kernel";
    this.#item.command = "dnb.showLog";
  }

  heartbeat(kernel: FolderKernel, heartbeat: Heartbeat): void {
    this.#heartbeats.set(kernel, heartbeat);
    this.update();
  }

  update(): void {
    const notebook = vscode.window.activeNotebookEditor?.notebook;
    if (notebook?.notebookType !== NOTEBOOK_TYPE) {
      this.#item.hide();
      return;
    }
    const now = this.now();
    const session = this.sessionOf(notebook);
    const heartbeat = session && this.#heartbeats.get(session.kernel);
    const status = nextKernelStatus(
      this.#statuses.get(notebook),
      stateOf(session, heartbeat),
      now,
      session?.kernel.live && heartbeat ? { rss: heartbeat.rss, models: heartbeat.models } : {},
    );
    this.#statuses.set(notebook, status);
    const { text, tooltip } = kernelStatusText(status, now);
    this.#item.text = text;
    this.#item.tooltip = `${tooltip} Click for the log.`;
    this.#item.show();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#item.dispose();
  }
}

function stateOf(
  session: NotebookSession | undefined,
  heartbeat: Heartbeat | undefined,
): KernelStatus["state"] {
  if (!vscode.workspace.isTrusted) return "untrusted";
  if (!session || session.kernel.state === "stopped") return "stopped";
  if (session.kernel.state === "starting") return "starting";
  const heard = heartbeat?.notebooks.find(({ notebook }) => notebook === session.id)?.state;
  // The heartbeat is up to a second old; whether a cell runs is known here at once. A search that a view continues runs without a cell.
  if (session.runs.running) return heard === "busy" ? "busy" : "running";
  return heard === undefined || heard === "busy" ? "idle" : heard;
}

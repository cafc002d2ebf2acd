import * as vscode from "vscode";
import type { KernelEvent, NotebookId } from "../kernel/protocol.js";
import type { FolderKernel } from "./folderKernel.js";
import type { Kernels } from "./kernelConnection.js";
import { kernelRows, type KernelRow } from "./kernelRows.js";
import { messageOf } from "./log.js";

type Heartbeat = Extract<KernelEvent, { readonly type: "heartbeat" }>;

/** What the view needs of the controller. */
export interface KernelsOfWindow {
  /** By the paths of their folders. */
  readonly folders: readonly (readonly [path: string, kernel: FolderKernel])[];
  act(kernel: FolderKernel, notebook: NotebookId, type: "interrupt" | "restart"): Promise<void>;
}

/** This user's kernels: their notebooks, loaded models and memory. Those of other windows can be ended only. */
export class KernelsView implements vscode.Disposable, vscode.TreeDataProvider<KernelRow> {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view = vscode.window.createTreeView("dnb.kernels", { treeDataProvider: this });
  readonly #heartbeats = new WeakMap<FolderKernel, Heartbeat>();
  readonly #subscriptions: readonly vscode.Disposable[];
  #shown = "";

  constructor(
    private readonly window: () => KernelsOfWindow,
    private readonly kernels: Pick<Kernels, "others" | "end">,
  ) {
    const command = (name: string, act: (row: KernelRow) => Promise<void>) =>
      vscode.commands.registerCommand(name, async (row?: KernelRow) => {
        if (!row) return;
        try {
          await act(row);
        } catch (error) {
          void vscode.window.showErrorMessage(messageOf(error));
        }
        this.refresh();
      });
    this.#subscriptions = [
      this.#view,
      this.#changed,
      this.#view.onDidChangeVisibility(() => this.refresh()),
      command("dnb.kernels.interrupt", (row) => this.#act(row, "interrupt")),
      command("dnb.kernels.restart", (row) => this.#act(row, "restart")),
      command("dnb.kernels.shutDown", (row) => this.#shutDown(row)),
      vscode.commands.registerCommand("dnb.kernels.refresh", () => this.#changed.fire()),
    ];
  }

  heartbeat(kernel: FolderKernel, heartbeat: Heartbeat): void {
    this.#heartbeats.set(kernel, heartbeat);
    this.refresh();
  }

  /** Redrawn only when something reads differently. */
  refresh(): void {
    if (this.#view.visible && JSON.stringify(this.#rows()) !== this.#shown) this.#changed.fire();
  }

  getChildren(parent?: KernelRow): KernelRow[] {
    if (parent) return [...parent.children];
    const rows = this.#rows();
    this.#shown = JSON.stringify(rows);
    return rows;
  }

  getTreeItem({ kind, id, label, description, icon }: KernelRow): vscode.TreeItem {
    const { Expanded, None } = vscode.TreeItemCollapsibleState;
    const item = new vscode.TreeItem(label, kind === "kernel" ? Expanded : None);
    item.id = id;
    item.description = description;
    item.iconPath = new vscode.ThemeIcon(icon);
    item.contextValue = kind;
    item.tooltip = `${label}: ${description}`;
    return item;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #rows(): KernelRow[] {
    const { folders } = this.window();
    const live = folders.flatMap(([folder, kernel]) => {
      const pid = kernel.live?.pid;
      return pid === undefined ? [] : [{ pid, folder, heartbeat: this.#heartbeats.get(kernel) }];
    });
    const starting = folders.filter(([, { state }]) => state === "starting").map(([folder]) => folder);
    return kernelRows(live, this.kernels.others(), starting);
  }

  async #act({ pid, notebook }: KernelRow, type: "interrupt" | "restart"): Promise<void> {
    const kernel = this.#kernelOf(pid);
    if (kernel && notebook !== undefined) await this.window().act(kernel, notebook, type);
  }

  /** Asks first when it would take something from somebody: a cell that runs, or another window. */
  async #shutDown({ pid, label }: KernelRow): Promise<void> {
    const kernel = this.#kernelOf(pid);
    const notebooks = kernel && this.#heartbeats.get(kernel)?.notebooks;
    if (!notebooks || notebooks.some(({ state }) => state !== "idle")) {
      const end = "Shut Down";
      const detail = "The variables and loaded models of all its notebooks go, in every window.";
      const question = `Shut down the kernel of ${label}?`;
      if ((await vscode.window.showWarningMessage(question, { modal: true, detail }, end)) !== end) return;
    }
    if (kernel) kernel.end();
    else await this.kernels.end(pid);
  }

  #kernelOf(pid: number): FolderKernel | undefined {
    return this.window().folders.find(([, { live }]) => live?.pid === pid)?.[1];
  }
}

import * as vscode from "vscode";
import type { VariableState } from "../kernel/protocol.js";
import { messageOf } from "./log.js";
import type { Log } from "./log.js";
import { NOTEBOOK_TYPE } from "./notebookType.js";
import type { NotebookSession } from "./notebookSession.js";

/** Of several ends of cells in a row, one refresh. */
const PAUSE = 100;

const ICONS: Readonly<Record<string, string>> = {
  class: "symbol-class",
  function: "symbol-method",
  string: "symbol-string",
  number: "symbol-number",
  bigint: "symbol-number",
  boolean: "symbol-boolean",
  Map: "symbol-array",
  Set: "symbol-array",
};

/** The variables of the notebook in front: name, type, size and value, up to date after each cell. */
export class VariablesView implements vscode.Disposable, vscode.TreeDataProvider<VariableState> {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #view = vscode.window.createTreeView("dnb.variables", { treeDataProvider: this });
  readonly #subscriptions: readonly vscode.Disposable[];
  /** Keeps its place while the focus is in this view or in another editor. */
  #notebook: vscode.NotebookDocument | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly sessionOf: (notebook: vscode.NotebookDocument) => NotebookSession | undefined,
    private readonly log: Log,
  ) {
    const command = (name: string, act: (variable: VariableState) => Promise<unknown>) =>
      vscode.commands.registerCommand(name, (variable?: VariableState) => variable && act(variable));
    this.#subscriptions = [
      this.#view,
      this.#changed,
      vscode.window.onDidChangeActiveNotebookEditor(() => this.#follow()),
      vscode.workspace.onDidCloseNotebookDocument((notebook) => {
        if (notebook === this.#notebook) this.#notebook = undefined;
        this.refresh();
      }),
      command("dnb.revealVariable", (variable) => this.#reveal(variable)),
      command("dnb.copyVariable", (variable) => this.#copy(variable)),
      command("dnb.forgetVariable", (variable) => this.#forget(variable)),
      vscode.commands.registerCommand("dnb.refreshVariables", () => this.refresh()),
    ];
    this.#follow();
  }

  /** Something has run, or the variables are gone. */
  refresh(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#changed.fire();
    }, PAUSE);
  }

  /** VS Code asks only while the view is in sight. */
  async getChildren(parent?: VariableState): Promise<VariableState[]> {
    if (parent || !this.#notebook) return [];
    const session = this.sessionOf(this.#notebook);
    if (!session?.kernel.knows(session.id)) return [];
    try {
      const result = await session.request({ type: "variables", notebook: session.id });
      return result.type === "variables" ? [...result.variables] : [];
    } catch (error) {
      // Restarted or stopped meanwhile: there are none.
      this.log.info(`The variables could not be listed: ${messageOf(error)}`);
      return [];
    }
  }

  getTreeItem(variable: VariableState): vscode.TreeItem {
    const { name, type, size, preview, cell } = variable;
    const item = new vscode.TreeItem(name);
    item.id = name;
    item.description = `${type}${size === undefined ? "" : ` (${size})`}  ${preview}`;
    item.iconPath = new vscode.ThemeIcon(
      ICONS[type] ?? (type.endsWith("[]") ? "symbol-array" : "symbol-variable"),
    );
    item.contextValue = "variable";
    const tooltip = new vscode.MarkdownString();
    tooltip.appendCodeblock(
      `${name}: ${type}${size === undefined ? "" : ` // ${size}`}\n${preview}`,
      "typescript",
    );
    tooltip.appendText(`Declared in cell ${cell.number}`);
    item.tooltip = tooltip;
    return item;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #follow(): void {
    const notebook = vscode.window.activeNotebookEditor?.notebook;
    if (notebook?.notebookType !== NOTEBOOK_TYPE || notebook === this.#notebook) return;
    this.#notebook = notebook;
    this.refresh();
  }

  async #reveal({ name, cell: { id } }: VariableState): Promise<void> {
    const notebook = this.#notebook;
    const cell = notebook?.getCells().find(({ metadata }) => metadata["id"] === id);
    if (!notebook || !cell) {
      void vscode.window.showInformationMessage(
        `The cell that declared ${name} is no longer in the notebook.`,
      );
      return;
    }
    const range = new vscode.NotebookRange(cell.index, cell.index + 1);
    const editor = await vscode.window.showNotebookDocument(notebook, { selections: [range] });
    editor.revealRange(range, vscode.NotebookEditorRevealType.InCenterIfOutsideViewport);
  }

  async #copy({ name }: VariableState): Promise<void> {
    const text = await this.#ask(name, "text");
    if (text !== undefined) await vscode.env.clipboard.writeText(text);
  }

  async #forget({ name }: VariableState): Promise<void> {
    await this.#ask(name, "forget");
    this.refresh();
  }

  async #ask(name: string, action: "text" | "forget"): Promise<string | undefined> {
    const session = this.#notebook && this.sessionOf(this.#notebook);
    if (!session) return undefined;
    try {
      const result = await session.request({ type: "variable", notebook: session.id, name, action });
      return result.type === "text" ? result.text : undefined;
    } catch (error) {
      void vscode.window.showWarningMessage(messageOf(error));
      return undefined;
    }
  }
}

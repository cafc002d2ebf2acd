import * as vscode from "vscode";
import { CONTROLLER, LANGUAGE, NOTEBOOK_TYPE } from "./notebookType.js";

/** What a window in a browser says to everything that takes a kernel. */
export const NO_KERNEL =
  "Cells run in a kernel, a Node.js process that keeps models in memory, and a browser cannot start one. " +
  "Open the folder in VS Code on a computer, or connect this window to one (Remote, Tunnels, Codespaces); what is saved is shown here as it is.";

/** VS Code's command that moves a workspace from the browser to a place where processes run. Not every build has it. */
const CONTINUE = "workbench.editSessions.continueOn";
const COMMANDS = ["dnb.restart", "dnb.interrupt", "dnb.storeKey", "dnb.removeKey"];

/** Stands where the kernel would: Run is there, and says what it needs. Cells, outputs and the file are left alone. */
export class AbsentKernel implements vscode.Disposable {
  readonly #controller = vscode.notebooks.createNotebookController(
    CONTROLLER,
    NOTEBOOK_TYPE,
    "Diffusion Notebook",
  );
  readonly #status = vscode.window.createStatusBarItem("dnb.kernel", vscode.StatusBarAlignment.Right, 100);
  readonly #subscriptions: readonly vscode.Disposable[];

  constructor() {
    this.#controller.description = "no kernel in a browser";
    this.#controller.supportedLanguages = [LANGUAGE];
    this.#controller.executeHandler = explain;
    this.#status.name = "Diffusion Notebook Kernel";
    this.#status.text = "$(circle-slash) dnb: no kernel";
    this.#status.tooltip = NO_KERNEL;
    this.#subscriptions = [
      this.#controller,
      this.#status,
      ...COMMANDS.map((command) => vscode.commands.registerCommand(command, explain)),
      vscode.workspace.onDidOpenNotebookDocument((notebook) => this.#prefer(notebook)),
      vscode.window.onDidChangeActiveNotebookEditor((editor) => this.#show(editor)),
    ];
    for (const notebook of vscode.workspace.notebookDocuments) this.#prefer(notebook);
    this.#show(vscode.window.activeNotebookEditor);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #prefer(notebook: vscode.NotebookDocument): void {
    if (notebook.notebookType === NOTEBOOK_TYPE)
      this.#controller.updateNotebookAffinity(notebook, vscode.NotebookControllerAffinity.Preferred);
  }

  #show(editor: vscode.NotebookEditor | undefined): void {
    if (editor?.notebook.notebookType === NOTEBOOK_TYPE) this.#status.show();
    else this.#status.hide();
  }
}

/** Not awaited by who presses Run: a message may wait for its answer for ever. */
function explain(): void {
  void (async () => {
    const isThere = (await vscode.commands.getCommands(true)).includes(CONTINUE);
    const further = "Continue Working On…";

    const choice = await vscode.window.showWarningMessage(NO_KERNEL, ...(isThere ? [further] : []));
    if (choice === further) await vscode.commands.executeCommand(CONTINUE);
  })();
}

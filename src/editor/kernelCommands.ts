import * as vscode from "vscode";
import { messageOf } from "./log.js";
import type { Log } from "./log.js";
import type { NotebookSession } from "./notebookSession.js";

/** What menus and buttons do with the kernel of a notebook; each failure is told, with a way out. */
export class KernelCommands {
  constructor(
    private readonly sessionOf: (notebook: vscode.NotebookDocument) => NotebookSession | undefined,
    private readonly on: {
      /** The runs of a notebook have gone with its variables. */
      forgotten(session: NotebookSession, reason: string): void;
      changed(): void;
    },
    private readonly log: Log,
  ) {}

  async interrupt(notebook: vscode.NotebookDocument): Promise<void> {
    const session = this.sessionOf(notebook);
    if (!session) return;
    try {
      await session.interrupt();
    } catch (error) {
      await this.#offerEnd(session, `The kernel did not stop the cell: ${messageOf(error)}`);
    }
  }

  async restart(notebook: vscode.NotebookDocument): Promise<void> {
    if ((await this.#restart(notebook)) === "none")
      void vscode.window.showInformationMessage("No kernel is running yet. Run a cell to start one.");
  }

  async restartAndRunAll(notebook: vscode.NotebookDocument): Promise<void> {
    if ((await this.#restart(notebook)) !== "failed") await this.#runCells(notebook, notebook.cellCount);
  }

  /** The cells from the first to this one. */
  async runToHere({ notebook, index }: vscode.NotebookCell): Promise<void> {
    await this.#runCells(notebook, index + 1);
  }

  async shutDown(notebook: vscode.NotebookDocument): Promise<void> {
    const session = this.sessionOf(notebook);
    try {
      if (!session || !session.kernel.knows(session.id))
        void vscode.window.showInformationMessage("No kernel is running for this notebook.");
      else {
        const end = await session.shutDown();
        this.on.forgotten(session, "the kernel was shut down");
        if (end === "in use")
          void vscode.window.showInformationMessage(
            "The variables of this notebook are gone. The kernel process goes on, because other notebooks use it.",
          );
      }
    } catch (error) {
      if (session) await this.#offerEnd(session, `The kernel did not shut down: ${messageOf(error)}`);
    }
    this.on.changed();
  }

  async #restart(notebook: vscode.NotebookDocument): Promise<"done" | "none" | "failed"> {
    const session = this.sessionOf(notebook);
    try {
      if (!session || !(await session.restart())) return "none";
      this.on.forgotten(session, "the kernel was restarted");
      return "done";
    } catch (error) {
      if (session) await this.#offerEnd(session, `The kernel did not restart: ${messageOf(error)}`);
      return "failed";
    } finally {
      this.on.changed();
    }
  }

  /** By VS Code's own command, which also chooses the kernel of a notebook that has none yet. */
  async #runCells({ uri }: vscode.NotebookDocument, end: number): Promise<void> {
    if (end === 0) return;
    const arguments_ = { ranges: [{ start: 0, end }], document: uri };
    await vscode.commands.executeCommand("notebook.cell.execute", arguments_);
  }

  async #offerEnd({ kernel }: NotebookSession, message: string): Promise<void> {
    this.log.warn(message);
    const end = "End Kernel Process";
    const choice = await vscode.window.showWarningMessage(message, end);
    if (choice === end) kernel.live?.kill();
  }
}

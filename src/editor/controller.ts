import * as vscode from "vscode";
import type { KernelEvent, NotebookId, StaleCell } from "../kernel/protocol.js";
import { CellRuns } from "./cellRuns.js";
import { ErrorDiagnostics } from "./errorDiagnostics.js";
import { FolderKernel } from "./folderKernel.js";
import type { KernelExit, Kernels } from "./kernelConnection.js";
import { KernelCommands } from "./kernelCommands.js";
import { kernelStopped } from "./kernelStopped.js";
import { messageOf } from "./log.js";
import type { Log } from "./log.js";
import { CONTROLLER, LANGUAGE, NOTEBOOK_TYPE } from "./notebookType.js";
import { latestNumber, NotebookIds } from "./notebookIds.js";
import { NotebookSession } from "./notebookSession.js";
import { OrphanedSessions } from "./orphanedSessions.js";

type SearchDelta = Extract<KernelEvent, { readonly type: "delta" }>["delta"];

/** Publisher and name, as in package.json. */
const EXTENSION = "diffusion-notebook.diffusion-notebook";
const SELECTION_PATIENCE = 5000;

export interface ControllerListener {
  /** A search of the notebook has moved on. */
  delta(session: NotebookSession, delta: SearchDelta): void;
  /** Cells of the notebook whose inputs have changed since they ran: all of them. */
  stale(session: NotebookSession, cells: readonly StaleCell[]): void;
  /** The process's own news: heartbeats. */
  heartbeat(kernel: FolderKernel, event: Extract<KernelEvent, { readonly type: "heartbeat" }>): void;
  /** The runs of a notebook have gone with its variables. */
  forgotten(session: NotebookSession, reason: string): void;
  /** Its searches are live again, which a window before this one began or this one did not hear of for a moment. */
  resumed(session: NotebookSession): void;
  changed(): void;
}

/** Runs the cells of `.dnb` notebooks: one session per notebook, one kernel process per workspace folder. */
export class DnbController implements vscode.Disposable {
  readonly commands: KernelCommands;
  readonly #controller: vscode.NotebookController;
  readonly #diagnostics = new ErrorDiagnostics();
  /** By the URI of their documents. */
  readonly #sessions = new Map<string, NotebookSession>();
  readonly #ids = new NotebookIds();
  readonly #orphans = new OrphanedSessions();
  readonly #kernels = new Map<string, FolderKernel>();
  /** Notebooks whose kernel this is, by VS Code's or the reader's choice. */
  readonly #selected = new WeakSet<vscode.NotebookDocument>();
  /** Of what `execute` has asked VS Code to run. */
  readonly #holds = new WeakMap<
    vscode.NotebookDocument,
    {
      readonly rounds: Readonly<Record<string, number>>;
      readonly taken: (work: Promise<void>) => void;
    }
  >();
  readonly #subscriptions: vscode.Disposable[];

  constructor(
    private readonly kernels: Kernels,
    private readonly listener: ControllerListener,
    private readonly log: Log,
  ) {
    this.#controller = vscode.notebooks.createNotebookController(
      CONTROLLER,
      NOTEBOOK_TYPE,
      "Diffusion Notebook",
    );
    this.#controller.description = "TypeScript";
    this.#controller.supportedLanguages = [LANGUAGE];
    this.#controller.supportsExecutionOrder = true;
    this.#controller.executeHandler = (cells, notebook) => this.#execute(cells, notebook);
    this.commands = new KernelCommands((notebook) => this.session(notebook), listener, log);
    this.#controller.interruptHandler = (notebook) => this.commands.interrupt(notebook);
    this.#subscriptions = [
      this.#controller,
      this.#controller.onDidChangeSelectedNotebooks(({ notebook, selected }) => {
        if (selected) this.#selected.add(notebook);
        else this.#selected.delete(notebook);
      }),
      this.#diagnostics,
      vscode.workspace.onDidOpenNotebookDocument((notebook) => {
        this.#prefer(notebook);
        void this.#adopt();
        void this.#resume(notebook);
      }),
      // A first save opens the new document empty and fills it then.
      vscode.workspace.onDidChangeNotebookDocument(() => void this.#adopt()),
      vscode.workspace.onDidCloseNotebookDocument((notebook) => this.#close(notebook)),
    ];
    for (const notebook of vscode.workspace.notebookDocuments) {
      this.#prefer(notebook);
      void this.#resume(notebook);
    }
  }

  /** Undefined until a cell of the notebook has been run, by this window or by one before it. */
  session(notebook: vscode.NotebookDocument): NotebookSession | undefined {
    return this.#sessions.get(notebook.uri.toString());
  }

  /** Kernels by the paths of their folders; those that do not run are among them. */
  get folders(): readonly (readonly [path: string, kernel: FolderKernel])[] {
    return [...this.#kernels].map(([uri, kernel]) => [uri ? vscode.Uri.parse(uri).fsPath : "", kernel]);
  }

  /** A session that the kernel knows, so that a debugger finds a process; starts one if need be. */
  async ready(notebook: vscode.NotebookDocument): Promise<NotebookSession> {
    // Nothing of a notebook can be run whose kernel has not been chosen; Run does this by itself.
    if (!this.#selected.has(notebook))
      await vscode.commands.executeCommand("notebook.selectKernel", { id: CONTROLLER, extension: EXTENSION });
    await this.#selectedFor(notebook);
    const session = this.#sessionOf(notebook);
    await session.resume();
    return session;
  }

  /** Also of a notebook that is not open in this window. */
  async act(kernel: FolderKernel, id: NotebookId, type: "interrupt" | "restart"): Promise<void> {
    const session = [...this.#sessions.values()].find((one) => one.kernel === kernel && one.id === id);
    if (session) await this.commands[type](session.notebook);
    else await kernel.live?.request({ type, notebook: id });
  }

  /**
   * Runs the cells by VS Code's own command, which chooses this controller for the notebook; searches halt after so many rounds, by run.
   * Resolves when they have ended, and rejects when they were not run.
   */
  async execute(
    notebook: vscode.NotebookDocument,
    cells: readonly vscode.NotebookCell[],
    rounds: Readonly<Record<string, number>>,
  ): Promise<NotebookSession> {
    let work: Promise<void> | undefined;
    this.#holds.set(notebook, { rounds, taken: (given) => void (work = given) });
    try {
      const ranges = cells.map(({ index }) => ({ start: index, end: index + 1 }));
      await vscode.commands.executeCommand("notebook.cell.execute", { ranges, document: notebook.uri });
    } finally {
      this.#holds.delete(notebook);
    }
    await work;
    const session = this.session(notebook);
    if (!work || !session) throw new Error("VS Code did not run the cells.");
    return session;
  }

  dispose(): void {
    this.#orphans.dispose();
    for (const session of this.#sessions.values()) session.leave();
    for (const kernel of this.#kernels.values()) kernel.dispose();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #execute(cells: readonly vscode.NotebookCell[], notebook: vscode.NotebookDocument): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      // No kernel process is started and nothing of the notebook is touched.
      const manage = "Manage Workspace Trust";
      const message = "This workspace is not trusted, so the notebook can be read but no cell runs.";
      void vscode.window.showWarningMessage(message, manage).then((choice) => {
        if (choice === manage) void vscode.commands.executeCommand("workbench.trust.manage");
      });
      return;
    }
    const holds = this.#holds.get(notebook);
    const work = this.#sessionOf(notebook).execute(cells, holds?.rounds);
    holds?.taken(work);
    await work;
  }

  #sessionOf(notebook: vscode.NotebookDocument): NotebookSession {
    const known = this.session(notebook);
    if (known) return known;
    const runs = new CellRuns(notebook, {
      createExecution: (cell) => this.#controller.createNotebookCellExecution(cell),
      diagnostics: this.#diagnostics,
      log: this.log,
      now: Date.now,
      changed: () => this.listener.changed(),
    });
    const kernel = this.#kernelOf(notebook);
    const id = this.#ids.next(notebook.uri.toString(), kernel.live?.notebooks);
    const session = new NotebookSession(id, notebook, kernel, runs, this.log);
    this.#sessions.set(notebook.uri.toString(), session);
    return session;
  }

  /** Takes up a notebook that a kernel has from a window before this one, if there is such a kernel. */
  async #resume(notebook: vscode.NotebookDocument): Promise<void> {
    if (notebook.notebookType !== NOTEBOOK_TYPE || !vscode.workspace.isTrusted) return;
    const kernel = await this.#kernelOf(notebook).reattach();
    if (!kernel || !latestNumber(notebook.uri.toString(), kernel.notebooks)) return;
    await this.#selectedFor(notebook);
    if (notebook.isClosed || this.session(notebook)) return;
    const session = this.#sessionOf(notebook);
    try {
      await session.resume();
      this.listener.resumed(session);
    } catch (error) {
      // Another window runs it, or the kernel has just ended: nothing goes on here.
      this.log.info(`${session.id} was not taken up: ${messageOf(error)}`);
      this.#sessions.delete(notebook.uri.toString());
    }
    this.listener.changed();
  }

  /** VS Code takes no output for a notebook whose kernel it has not chosen yet. */
  async #selectedFor(notebook: vscode.NotebookDocument): Promise<void> {
    for (const end = Date.now() + SELECTION_PATIENCE; !this.#selected.has(notebook) && Date.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 50));
  }

  #kernelOf(notebook: vscode.NotebookDocument): FolderKernel {
    const folder =
      vscode.workspace.getWorkspaceFolder(notebook.uri) ?? vscode.workspace.workspaceFolders?.[0];
    const key = folder?.uri.toString() ?? "";
    const known = this.#kernels.get(key);
    if (known) return known;
    const path = folder?.uri.scheme === "file" ? folder.uri.fsPath : undefined;
    const kernel: FolderKernel = new FolderKernel(
      () => this.kernels.start(path),
      {
        event: (event) => this.#hear(kernel, event),
        exited: (exit) => this.#exited(kernel, exit),
        reconnected: () => this.#reconnected(kernel),
        changed: () => this.listener.changed(),
      },
      undefined,
      () => this.kernels.attach(path),
    );
    this.#kernels.set(key, kernel);
    return kernel;
  }

  #hear(kernel: FolderKernel, event: KernelEvent): void {
    switch (event.type) {
      case "reply":
        return;
      case "log":
        if (event.level === "info") this.log.info(event.text);
        else if (event.level === "warning") this.log.warn(event.text);
        else this.log.error(event.text);
        return;
      case "heartbeat":
        this.listener.heartbeat(kernel, event);
        return;
      default: {
        const session = [...this.#sessions.values()].find(({ id }) => id === event.notebook);
        // A notebook that was closed meanwhile.
        if (session?.kernel !== kernel) return;
        if (event.type === "delta") this.listener.delta(session, event.delta);
        else if (event.type === "stale") this.listener.stale(session, event.cells);
        else session.hear(event);
      }
    }
  }

  #reconnected(kernel: FolderKernel): void {
    this.log.warn("The connection to the kernel was lost, and is there again.");
    for (const session of this.#sessions.values()) {
      if (session.kernel !== kernel) continue;
      session.reconnected();
      this.listener.resumed(session);
    }
  }

  #exited(kernel: FolderKernel, exit: KernelExit): void {
    const error = kernelStopped(exit);
    this.log.error(`${error.message}${error.stack ? `\n${error.stack}` : ""}`);
    for (const session of this.#sessions.values()) {
      if (session.kernel !== kernel) continue;
      session.runs.hear({ type: "lost", error });
      this.listener.forgotten(session, "the kernel process stopped");
    }
  }

  #prefer(notebook: vscode.NotebookDocument): void {
    if (notebook.notebookType !== NOTEBOOK_TYPE) return;
    this.#controller.updateNotebookAffinity(notebook, vscode.NotebookControllerAffinity.Preferred);
  }

  #close(notebook: vscode.NotebookDocument): void {
    const session = this.session(notebook);
    if (session?.notebook !== notebook) return;
    this.#sessions.delete(notebook.uri.toString());
    session.runs.end("The notebook was closed.");
    this.#orphans.add(session);
    void this.#adopt();
  }

  /** Finds the documents that continue closed ones, whichever of the two VS Code has told of first. */
  async #adopt(): Promise<void> {
    if (this.#orphans.isEmpty) return;
    for (const notebook of vscode.workspace.notebookDocuments) {
      if (notebook.notebookType !== NOTEBOOK_TYPE || this.session(notebook)) continue;
      const session = await this.#orphans.adopt(notebook);
      if (!session) continue;
      this.#sessions.set(notebook.uri.toString(), session);
      await session.moveTo(notebook);
      this.listener.changed();
    }
  }
}

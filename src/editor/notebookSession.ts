import { homedir } from "node:os";
import { dirname } from "node:path";
import * as vscode from "vscode";
import { loadCodec } from "../document/summary/tiles.js";
import { mayFail } from "../document/cellLabels.js";
import type {
  FinishedRun,
  KernelEvent,
  NotebookId,
  PeopleState,
  ReplyResult,
  RequestBody,
} from "../kernel/protocol.js";
import { recordedPicks, type SavedItem } from "../kernel/protocol/recordedPicks.js";
import { CellFiles } from "./cellFiles.js";
import type { CellRuns, QueuedCell } from "./cellRuns.js";
import type { FolderKernel } from "./folderKernel.js";
import type { KernelConnection } from "./kernelConnection.js";
import { InputBoxes } from "./inputBoxes.js";
import { kernelNotStarted } from "./kernelStopped.js";
import { messageOf } from "./log.js";
import type { Log } from "./log.js";
import { parseExtra } from "./plainOutput.js";

type OutputEvent = Extract<
  KernelEvent,
  { readonly type: "started" | "stream" | "display" | "update" | "input" | "missed" | "taken" }
>;

/** One open notebook and its part of the kernel. */
export class NotebookSession {
  #notebook: vscode.NotebookDocument;
  readonly #inputs = new InputBoxes();
  #files: CellFiles;
  /** Executions whose end was asked for over a connection that is gone. */
  readonly #adrift = new Set<string>();
  /** When the document was, in milliseconds since 1970; 0: never. */
  #saved = 0;

  /** `id`: what the kernel calls the notebook. It stays when the notebook is saved under another name. */
  constructor(
    readonly id: NotebookId,
    notebook: vscode.NotebookDocument,
    readonly kernel: FolderKernel,
    readonly runs: CellRuns,
    private readonly log: Log,
  ) {
    this.#notebook = notebook;
    this.#files = new CellFiles(notebook);
  }

  get notebook(): vscode.NotebookDocument {
    return this.#notebook;
  }

  /**
   * Resolves when each of the cells has ended. The kernel has the queue: all of them are handed over at once. `holds`: rounds after which
   * searches halt, by run. `debug`: they begin when `debugReady` has been called.
   */
  async execute(
    cells: readonly vscode.NotebookCell[],
    holds?: Readonly<Record<string, number>>,
    debug = false,
  ): Promise<void> {
    const queued: QueuedCell[] = [];
    for (const cell of cells) {
      const run = await this.runs.queue(cell);
      if (run) queued.push(run);
    }
    if (!queued.length) return;
    // Before the first of them starts, which clears its outputs.
    const picks = recordedPicks(savedItems(this.#notebook));
    const people = { canAsk: true, picks, ...(holds && { holds }) };
    let kernel: KernelConnection | undefined;
    try {
      kernel = await this.kernel.open(this.id, directoryOf(this.#notebook));
    } catch (error) {
      if (error instanceof Error && error.name === "InUse") this.#refused(error);
      else {
        this.log.error(`The kernel could not be started: ${messageOf(error)}`);
        this.runs.hear({ type: "lost", error: kernelNotStarted(error) });
      }
    }
    if (kernel) for (const run of queued) void this.#execute(kernel, run, people, debug);
    await Promise.all(queued.map(({ ended }) => ended));
  }

  async #execute(
    kernel: KernelConnection,
    { execution, cell, source }: QueuedCell,
    people: PeopleState,
    debug: boolean,
  ): Promise<void> {
    // Interrupted while the kernel was starting.
    if (!this.runs.has(execution)) return;
    this.runs.hear({ type: "asked", execution });
    const reference = {
      id: String(cell.metadata["id"] ?? cell.document.uri.fragment),
      number: cell.index + 1,
    };
    const asked = kernel.request({
      type: "execute",
      notebook: this.id,
      execution,
      cell: reference,
      source,
      people,
      file: this.#files.pathOf(cell),
      ...(debug && { debug }),
      ...(goesOn(cell) && { mayFail: true }),
    });
    await this.#finish(execution, asked);
  }

  async #ask(event: Extract<OutputEvent, { readonly type: "input" }>): Promise<void> {
    const { question } = event;
    const name = this.#notebook.uri.path.split("/").at(-1) ?? "";
    const text = await this.#inputs.ask(event, name);
    try {
      await this.request({
        type: "answer",
        notebook: this.id,
        question,
        ...(text !== undefined && { text }),
      });
    } catch (error) {
      this.log.warn(`The kernel did not take an answer: ${messageOf(error)}`);
    }
  }

  /** A debugger has bound the breakpoints of the cell that waits for it. */
  async debugReady(): Promise<void> {
    await this.request({ type: "debugReady", notebook: this.id });
  }

  async interrupt(): Promise<void> {
    this.runs.hear({ type: "interrupted" });
    if (this.kernel.knows(this.id)) await this.request({ type: "interrupt", notebook: this.id });
  }

  /** New variables, same models. False when there is no kernel to restart. */
  async restart(): Promise<boolean> {
    if (!this.kernel.knows(this.id)) return false;
    await this.request({ type: "restart", notebook: this.id });
    this.runs.hear({ type: "renewed" });
    return true;
  }

  /** The variables of the notebook go, and the process when no other notebook uses it. */
  async shutDown(): Promise<"ended" | "in use"> {
    const end = await this.kernel.shutDown(this.id);
    this.runs.hear({ type: "lost", error: { name: "ShutDown", message: "The kernel was shut down." } });
    return end;
  }

  /** Of a kernel that runs; this never starts one. */
  request(body: RequestBody): Promise<ReplyResult> {
    const { live } = this.kernel;
    if (!live) return Promise.reject(new Error("The kernel is not running."));
    return live.request(body);
  }

  hear(event: OutputEvent): void {
    switch (event.type) {
      case "input":
        return void this.#ask(event);
      case "update":
        return this.runs.update(event.display, event.items);
      case "missed":
        return this.#show(event);
      case "taken":
        this.kernel.lost(this.id);
        return this.runs.hear({
          type: "lost",
          error: {
            name: "TakenOver",
            message: "Another window runs this notebook from now on; what the cell shows appears there.",
          },
        });
      default:
        return this.runs.hear(event);
    }
  }

  /** Takes up what goes on in a kernel that outlived a window; "missed" tells what that is. */
  async resume(takeOver = false): Promise<void> {
    // Before anything is heard: what is shown then is compared with what was saved.
    const [stat] = await Promise.allSettled([vscode.workspace.fs.stat(this.#notebook.uri), loadCodec()]);
    this.#saved = stat.status === "fulfilled" ? stat.value.mtime : 0;
    await this.kernel.open(this.id, directoryOf(this.#notebook), takeOver);
  }

  /** The connection is there again, and "missed" was heard if there was anything to tell. */
  reconnected(): void {
    for (const execution of this.#adrift) {
      const asked = this.request({ type: "await", notebook: this.id, execution }).catch(() => {
        throw new InterruptedConnection();
      });
      void this.#finish(execution, asked);
    }
    this.#adrift.clear();
  }

  #show({ executions, events, finished, dropped }: Extract<KernelEvent, { type: "missed" }>): void {
    if (dropped)
      this.log.warn(
        `${dropped} outputs of ${this.id} came while no window was open and were too many to keep.`,
      );
    const cells = new Map(this.#notebook.getCells().map((cell) => [String(cell.metadata["id"]), cell]));
    for (const run of finished) {
      const cell = cells.get(run.cell.id);
      if (this.runs.has(run.execution)) this.#conclude(run);
      else if (cell) this.runs.recall(cell, run, this.#saved);
    }
    const adopted = executions.filter(({ execution, cell: { id }, source, started }) => {
      const cell = cells.get(id);
      return cell !== undefined && this.runs.adopt(cell, execution, source, started);
    });
    for (const event of events) this.hear(event);
    for (const { execution } of adopted) {
      this.#adrift.delete(execution);
      void this.#await(execution);
    }
  }

  /** An execution that ended while the connection broke: its end was sent, and never came. */
  #conclude({ execution, outputs }: FinishedRun): void {
    this.#adrift.delete(execution);
    this.runs.hear({ type: "rewound", execution });
    for (const output of outputs) {
      if ("display" in output) {
        const { display, items } = output;
        if (items) this.runs.hear({ type: "display", execution, display, items });
      } else if ("stream" in output && output.text !== undefined)
        this.runs.hear({ type: "stream", execution, name: output.stream, text: output.text });
    }
    const [error] = outputs.flatMap((output) => ("error" in output ? [output.error] : []));
    const outcome = error ? "error" : "ok";
    this.runs.hear({ type: "replied", execution, outcome, ...(error && { error }) });
    this.#inputs.end(execution);
  }

  /** Two windows never run one notebook; the reader says which does. */
  #refused({ name, message }: Error): void {
    this.runs.hear({ type: "lost", error: { name, message } });
    const take = "Take Over";
    void vscode.window.showWarningMessage(message, take).then((choice) => {
      if (choice !== take) return;
      this.resume(true).catch((error: unknown) => {
        void vscode.window.showErrorMessage(`The notebook was not taken over: ${messageOf(error)}`);
      });
    });
  }

  async #await(execution: string): Promise<void> {
    await this.#finish(execution, this.request({ type: "await", notebook: this.id, execution }));
  }

  /** Tells the reducer of the end, whatever it is. */
  async #finish(execution: string, reply: Promise<ReplyResult>): Promise<void> {
    try {
      const result = await reply;
      if (result.type !== "executed")
        throw new Error(`The kernel answered “${result.type}” instead of “executed”.`);
      const { outcome, error } = result;
      this.runs.hear({ type: "replied", execution, outcome, ...(error ? { error } : {}) });
    } catch (error) {
      // "missed" tells how the cell goes on.
      if (this.kernel.isReconnecting && error instanceof Error && error.name === "KernelGone") {
        this.#adrift.add(execution);
        return;
      }
      const failure = { name: error instanceof Error ? error.name : "Error", message: messageOf(error) };
      this.runs.hear({ type: "failed", execution, error: failure });
    } finally {
      this.#inputs.end(execution);
    }
  }

  /** The same notebook as another document: VS Code makes a new one when an untitled notebook is saved, or a file renamed. */
  async moveTo(notebook: vscode.NotebookDocument): Promise<void> {
    this.#notebook = notebook;
    this.#files = new CellFiles(notebook);
    this.runs.moveTo(notebook);
    try {
      await this.kernel.move(this.id, directoryOf(notebook));
    } catch (error) {
      this.log.warn(
        `The kernel was not told that the notebook is ${notebook.uri.path} now: ${messageOf(error)}`,
      );
    }
  }

  /** The window goes, the kernel does not: what runs is shown by the next window. */
  leave(): void {
    this.runs.dispose();
  }

  close(): void {
    this.runs.end("The notebook was closed.");
    this.runs.dispose();
    this.kernel.close(this.id).catch((error: unknown) => {
      this.log.warn(`The kernel could not close ${this.id}: ${messageOf(error)}`);
    });
  }
}

/** The kernel knows nothing of the cell any more, or never heard of it. */
class InterruptedConnection extends Error {
  override readonly name = "ConnectionLost";
  override readonly message =
    "The connection to the kernel was lost just as this cell began or ended. Variables and models are there; run the cell again if it has not done its work.";
}

/** Whether the cells behind this one run even if it fails: by its tag, or for all cells by the setting. */
const goesOn = ({ metadata, notebook }: vscode.NotebookCell): boolean =>
  mayFail({ extra: parseExtra(metadata["extra"]) }) ||
  !vscode.workspace.getConfiguration("dnb", notebook.uri).get<boolean>("stopOnError", true);

function* savedItems(notebook: vscode.NotebookDocument): Generator<SavedItem> {
  for (const cell of notebook.getCells()) {
    for (const { items } of cell.outputs)
      for (const { mime, data } of items) yield { mime, text: () => new TextDecoder().decode(data) };
  }
}

/** What relative imports and files of cells resolve against. */
function directoryOf({ uri }: vscode.NotebookDocument): string {
  if (uri.scheme === "file") return dirname(uri.fsPath);
  const folder = vscode.workspace.getWorkspaceFolder(uri) ?? vscode.workspace.workspaceFolders?.[0];
  if (folder?.uri.scheme === "file") return folder.uri.fsPath;
  if (uri.scheme === "untitled") return homedir();
  throw new Error(
    `Cells need a folder on a disk to run in, and ${uri.scheme}: is none. Save the notebook to a folder first.`,
  );
}

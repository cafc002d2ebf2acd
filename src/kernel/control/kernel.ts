import * as inspector from "node:inspector";
import { cpus } from "node:os";
import { PROTOCOL, type KernelEvent, type NotebookId, type ReplyResult, type Request } from "../protocol.js";
import type { Answer } from "../cells/messages.js";
import { CellsPool } from "./cellsPool.js";
import { CompilerThread } from "./compilerThread.js";
import type { Client } from "./client.js";
import { EngineThread } from "./engineThread.js";
import { Journal, type NotebookEvent } from "./journal.js";
import { Leases } from "./leases.js";
import { unknownRun } from "../unknownRun.js";
import { NotebookHost } from "./notebookHost.js";

export const KERNEL_VERSION = "0.1.0";

const DONE: Answer = { ok: true, result: { type: "done" } };

export interface KernelSurroundings {
  readonly everybody: (event: KernelEvent) => void;
  /** Ends the process. */
  readonly leave: () => void;
  /** Whether a window may come back and want what it missed. */
  readonly remembers: boolean;
}

/** The control thread: it answers requests and routes messages, and never runs a cell or a model, so it always answers. */
export class Kernel {
  readonly #notebooks = new Map<string, NotebookHost>();
  readonly #compiler: CompilerThread;
  readonly #pool: CellsPool;
  readonly #engine: EngineThread;

  readonly #leases = new Leases();
  readonly #journals = new Map<NotebookId, Journal>();
  readonly #stale = new Map<NotebookId, Extract<KernelEvent, { readonly type: "stale" }>>();
  /** Ends of executions that nobody has heard yet. */
  readonly #endings = new Map<string, Promise<Answer>>();

  constructor(private readonly on: KernelSurroundings) {
    const log = (level: "info" | "error") => (text: string) => on.everybody({ type: "log", level, text });
    this.#compiler = new CompilerThread(log("error"));
    this.#pool = new CellsPool(() => this.#compiler.connect());
    this.#engine = new EngineThread(log("info"));
  }

  get isRunning(): boolean {
    return [...this.#notebooks.values()].some((host) => host.isRunning);
  }

  async handle(request: Request, client: Client): Promise<void> {
    const { id } = request;
    let answer: Answer;
    try {
      answer = await this.#answer(request, client);
    } catch (error) {
      answer = failed("KernelError", error instanceof Error ? error.message : String(error));
    }
    const heard = client.send({ type: "reply", id, ...answer });
    // A window that the notebook was taken from hears the end too, but it is the other one's to show.
    if (heard && answer.ok && (request.type === "execute" || request.type === "await"))
      if (this.#leases.holder(request.notebook) === client)
        this.#delivered(request.notebook, request.execution, answer.result);
    if (request.type === "shutdown") this.on.leave();
  }

  /** Its notebooks go on, and wait for the next client. */
  leave(client: Client): void {
    this.#leases.leave(client);
  }

  heartbeat(): void {
    for (const host of this.#notebooks.values()) host.tellStale();
    const notebooks = [...this.#notebooks.values()].map((host) => ({
      notebook: host.notebook,
      state: host.pulse(),
    }));
    const { models } = this.#engine;
    this.on.everybody({ type: "heartbeat", rss: process.memoryUsage.rss(), notebooks, models });
  }

  async close(): Promise<void> {
    for (const host of this.#notebooks.values()) host.close();
    await Promise.all([this.#pool.close(), this.#engine.end(), this.#compiler.end()]);
  }

  async #answer(request: Request, client: Client): Promise<Answer> {
    switch (request.type) {
      case "hello":
        return request.protocol === PROTOCOL
          ? { ok: true, result: hello([...this.#notebooks.keys()]) }
          : failed(
              "ProtocolError",
              `This kernel speaks protocol ${PROTOCOL}, the client ${request.protocol}. Reload the window so that both are of one version.`,
            );
      case "diagnose":
        return {
          ok: true,
          result: { type: "diagnosis", diagnosis: await this.#engine.diagnose(request.model) },
        };
      case "environment":
        return { ok: true, result: { type: "environment", environment: this.#environment() } };
      case "ping":
      case "shutdown":
        return DONE;
      case "open":
        if (this.#leases.isTaken(request.notebook, client) && !request.takeOver) return inUse();
        this.#open(request.notebook, request.directory);
        this.#give(request.notebook, client);
        return DONE;
      case "close":
        if (this.#leases.isTaken(request.notebook, client)) return DONE;
        this.#notebooks.get(request.notebook)?.close();
        this.#notebooks.delete(request.notebook);
        this.#journals.delete(request.notebook);
        this.#stale.delete(request.notebook);
        this.#leases.end(request.notebook);
        return DONE;
      case "await":
        return (
          this.#endings.get(request.execution) ??
          failed("KernelError", `The execution ${request.execution} has ended, and its end was told.`)
        );
      case "execute": {
        const host = this.#notebooks.get(request.notebook);
        if (!host)
          return failed("KernelError", `The notebook ${request.notebook} is not open in this kernel.`);
        if (host.knows(request.execution))
          return failed("KernelError", `The execution ${request.execution} is already under way.`);
        if (this.#leases.isTaken(request.notebook, client)) return inUse();
        const { execution, cell, source, file, debug, people, mayFail } = request;
        const asked = {
          execution,
          cell,
          source,
          ...(file !== undefined && { file }),
          ...(debug && { debug }),
          ...(people && { people }),
          ...(mayFail && { mayFail }),
        };
        this.#journals.get(request.notebook)?.queued(asked);
        const ending = host
          .execute(asked)
          .then((end): Answer => ({ ok: true, result: { type: "executed", ...end } }));
        this.#endings.set(execution, ending);
        return ending;
      }
      case "answer":
        this.#journals.get(request.notebook)?.answered(request.question);
        this.#notebooks.get(request.notebook)?.answer(request.question, request.text);
        return DONE;
      case "interrupt":
        this.#notebooks.get(request.notebook)?.interrupt();
        return DONE;
      case "restart":
        await this.#notebooks.get(request.notebook)?.restart();
        return DONE;
      case "search":
        return (
          this.#notebooks.get(request.notebook)?.search(request.run, request.action) ??
          unknownRun(request.run)
        );
      case "look":
        return (
          this.#notebooks.get(request.notebook)?.look(request.run, request.looks) ?? unknownRun(request.run)
        );
      case "debug":
        return request.on
          ? { ok: true, result: { type: "debugging", port: openInspector() } }
          : closeInspector();
      case "debugReady":
        this.#notebooks.get(request.notebook)?.debugReady();
        return DONE;
      case "variables":
        return (
          this.#notebooks.get(request.notebook)?.variables({ kind: "list" }) ?? {
            ok: true,
            result: { type: "variables", variables: [] },
          }
        );
      case "variable":
        return (
          this.#notebooks.get(request.notebook)?.variables({ kind: request.action, name: request.name }) ??
          failed("KernelError", `There is no variable ${request.name}: the notebook is not open.`)
        );
      case "snapshot":
        return this.#notebooks.get(request.notebook)?.snapshot(request.run) ?? unknownRun(request.run);
    }
  }

  /** Nothing of the person or the machine's name: it goes into files that others read. */
  #environment(): Readonly<Record<string, string>> {
    const { used } = this.#engine;
    if (!used) return {};
    return {
      dnb: KERNEL_VERSION,
      node: process.versions.node,
      onnxruntime: used.runtime,
      platform: `${process.platform} ${process.arch}`,
      processor: cpus()[0]?.model.trim() ?? "unknown",
      device: used.devices.join(", "),
    };
  }

  #open(notebook: string, directory: string): void {
    const known = this.#notebooks.get(notebook);
    if (known) return known.directory === directory ? undefined : known.move(directory);
    const host = new NotebookHost(notebook, directory, this.#pool, this.#compiler, {
      event: (from, event) => {
        if (event.type === "log") this.on.everybody(event);
        else this.#tell({ ...event, notebook: from });
      },
      started: (from, execution) => this.#tell({ type: "started", notebook: from, execution }),
      stale: (from, cells) => this.#tell({ type: "stale", notebook: from, cells }),
      beforeEvaluate: (starting) => this.#enterDirectory(starting),
      connectEngine: (thread) => this.#engine.connect(thread),
    });
    this.#notebooks.set(notebook, host);
    if (this.on.remembers) this.#journals.set(notebook, new Journal());
  }

  /** Whoever runs the notebook from now on hears first of what nobody has heard. */
  #give(notebook: NotebookId, client: Client): void {
    const before = this.#leases.holder(notebook);
    if (before === client) return;
    this.#leases.give(notebook, client)?.send({ type: "taken", notebook });
    const missed = this.#journals.get(notebook)?.takeMissed(notebook);
    if (missed && (missed.executions.length || missed.events.length || missed.finished.length))
      client.send(missed);
    const stale = this.#stale.get(notebook);
    if (stale?.cells.length) client.send(stale);
  }

  #tell(event: NotebookEvent | Extract<KernelEvent, { readonly type: "delta" | "stale" }>): void {
    const heard = this.#leases.holder(event.notebook)?.send(event) ?? false;
    if (event.type === "stale") this.#stale.set(event.notebook, event);
    // A view that comes back asks for all of its search.
    else if (event.type !== "delta") this.#journals.get(event.notebook)?.record(event, heard, Date.now());
  }

  #delivered(notebook: NotebookId, execution: string, end: ReplyResult): void {
    const error = end.type === "executed" && end.outcome !== "ok" ? end.error : undefined;
    this.#endings.delete(execution);
    this.#journals.get(notebook)?.delivered(execution, error, Date.now());
  }

  /** Threads share the process's directory: it is that of the notebook that starts, unless one elsewhere is in the middle of something. */
  #enterDirectory(starting: NotebookHost): void {
    for (const host of this.#notebooks.values())
      if (host !== starting && host.isRunning && host.directory !== starting.directory) return;
    try {
      process.chdir(starting.directory);
    } catch {
      // A folder that is not on this disk (a new notebook, a virtual workspace): stay where we are.
    }
  }
}

const hello = (notebooks: readonly NotebookId[]): ReplyResult => ({
  type: "hello",
  protocol: PROTOCOL,
  pid: process.pid,
  node: process.version,
  version: KERNEL_VERSION,
  notebooks,
});

function openInspector(): number {
  if (!inspector.url()) inspector.open(0, "127.0.0.1");
  return Number(new URL(inspector.url() ?? "").port);
}

function closeInspector(): Answer {
  inspector.close();
  return DONE;
}

const inUse = (): Answer =>
  failed(
    "InUse",
    "Another window runs this notebook. Run the cell there, or take the notebook over from it.",
  );

const failed = (name: string, message: string): Answer => ({ ok: false, error: { name, message } });

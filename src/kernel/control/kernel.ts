import { PROTOCOL, type KernelEvent, type ReplyResult, type Request } from "../protocol.js";
import type { Answer } from "../cells/messages.js";
import { CellsPool } from "./cellsPool.js";
import { CompilerThread } from "./compilerThread.js";
import { EngineThread } from "./engineThread.js";
import { unknownRun } from "../unknownRun.js";
import { NotebookHost } from "./notebookHost.js";

export const KERNEL_VERSION = "0.1.0";

const DONE: Answer = { ok: true, result: { type: "done" } };

/** The control thread: it answers requests and routes messages, and never runs a cell or a model, so it always answers. */
export class Kernel {
  readonly #notebooks = new Map<string, NotebookHost>();
  readonly #compiler: CompilerThread;
  readonly #pool: CellsPool;
  readonly #engine: EngineThread;

  /** `leave` ends the process. */
  constructor(
    private readonly emit: (event: KernelEvent) => void,
    private readonly leave: () => void,
  ) {
    const log = (level: "info" | "error") => (text: string) => emit({ type: "log", level, text });
    this.#compiler = new CompilerThread(log("error"));
    this.#pool = new CellsPool(() => this.#compiler.connect());
    this.#engine = new EngineThread(log("info"));
  }

  async handle(request: Request): Promise<void> {
    const { id } = request;
    let answer: Answer;
    try {
      answer = await this.#answer(request);
    } catch (error) {
      answer = failed("KernelError", error instanceof Error ? error.message : String(error));
    }
    this.emit({ type: "reply", id, ...answer });
    if (request.type === "shutdown") this.leave();
  }

  heartbeat(): void {
    const notebooks = [...this.#notebooks.values()].map((host) => ({
      notebook: host.notebook,
      state: host.pulse(),
    }));
    const { models } = this.#engine;
    this.emit({ type: "heartbeat", rss: process.memoryUsage.rss(), notebooks, models });
  }

  async close(): Promise<void> {
    for (const host of this.#notebooks.values()) host.close();
    await Promise.all([this.#pool.close(), this.#engine.end(), this.#compiler.end()]);
  }

  async #answer(request: Request): Promise<Answer> {
    switch (request.type) {
      case "hello":
        return request.protocol === PROTOCOL
          ? { ok: true, result: hello() }
          : failed(
              "ProtocolError",
              `This kernel speaks protocol ${PROTOCOL}, the client ${request.protocol}. Reload the window so that both are of one version.`,
            );
      case "diagnose":
        return { ok: true, result: { type: "diagnosis", diagnosis: await this.#engine.diagnose() } };
      case "ping":
      case "shutdown":
        return DONE;
      case "open":
        this.#open(request.notebook, request.directory);
        return DONE;
      case "close":
        this.#notebooks.get(request.notebook)?.close();
        this.#notebooks.delete(request.notebook);
        return DONE;
      case "execute": {
        const host = this.#notebooks.get(request.notebook);
        if (!host)
          return failed("KernelError", `The notebook ${request.notebook} is not open in this kernel.`);
        if (host.knows(request.execution))
          return failed("KernelError", `The execution ${request.execution} is already under way.`);
        const { execution, cell, source, people, mayFail } = request;
        const ending = await host.execute({
          execution,
          cell,
          source,
          ...(people && { people }),
          ...(mayFail && { mayFail }),
        });
        return { ok: true, result: { type: "executed", ...ending } };
      }
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

  #open(notebook: string, directory: string): void {
    const known = this.#notebooks.get(notebook);
    if (known) return known.directory === directory ? undefined : known.move(directory);
    const host = new NotebookHost(notebook, directory, this.#pool, this.#compiler, {
      event: (from, event) => this.emit(event.type === "log" ? event : { ...event, notebook: from }),
      started: (from, execution) => this.emit({ type: "started", notebook: from, execution }),
      beforeEvaluate: (starting) => this.#enterDirectory(starting),
      connectEngine: (thread) => this.#engine.connect(thread),
    });
    this.#notebooks.set(notebook, host);
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

const hello = (): ReplyResult => ({
  type: "hello",
  protocol: PROTOCOL,
  pid: process.pid,
  node: process.version,
  version: KERNEL_VERSION,
});

const failed = (name: string, message: string): Answer => ({ ok: false, error: { name, message } });

import type { KernelEvent, NotebookId } from "../kernel/protocol.js";
import { CrashPause } from "./crashPause.js";
import type { KernelConnection, KernelExit } from "./kernelConnection.js";

export interface KernelListener {
  event(event: KernelEvent): void;
  exited(exit: KernelExit): void;
  changed(): void;
}

/** The kernel process of one workspace folder: there is at most one at a time, and the next need starts the next one. */
export class FolderKernel {
  #live: KernelConnection | undefined;
  #starting: Promise<KernelConnection> | undefined;
  readonly #opened = new Map<NotebookId, Promise<unknown>>();
  readonly #pause: CrashPause;
  /** The process that was asked to end, which is no crash. */
  #asked: KernelConnection | undefined;
  #disposed = false;

  constructor(
    private readonly start: () => Promise<KernelConnection>,
    private readonly listener: KernelListener,
    now: () => number = () => performance.now(),
  ) {
    this.#pause = new CrashPause(now);
  }

  get state(): "stopped" | "starting" | "live" {
    if (this.#live) return "live";
    return this.#starting ? "starting" : "stopped";
  }

  /** Undefined while there is no process; asking never starts one. */
  get live(): KernelConnection | undefined {
    return this.#live;
  }

  connect(): Promise<KernelConnection> {
    if (this.#disposed) return Promise.reject(new Error("The window is closing."));
    if (this.#live) return Promise.resolve(this.#live);
    const { crashes, left } = this.#pause;
    if (left > 0)
      return Promise.reject(
        new Error(
          `It stopped ${crashes} times within five minutes, so it is not started again at once. Run the cell again in ${Math.ceil(left / 1000)} s.`,
        ),
      );
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
      this.listener.changed();
    });
    this.listener.changed();
    return this.#starting;
  }

  /** A process that knows the notebook. */
  async open(notebook: NotebookId, directory: string): Promise<KernelConnection> {
    const kernel = await this.connect();
    const opening = this.#opened.get(notebook) ?? kernel.request({ type: "open", notebook, directory });
    this.#opened.set(notebook, opening);
    try {
      await opening;
    } catch (error) {
      if (this.#opened.get(notebook) === opening) this.#opened.delete(notebook);
      throw error;
    }
    return kernel;
  }

  /** The notebook lies elsewhere now; what it has computed stays. */
  async move(notebook: NotebookId, directory: string): Promise<void> {
    if (this.knows(notebook)) await this.#live?.request({ type: "open", notebook, directory });
  }

  knows(notebook: NotebookId): boolean {
    return this.#live !== undefined && this.#opened.has(notebook);
  }

  async close(notebook: NotebookId): Promise<void> {
    if (!this.#opened.delete(notebook)) return;
    await this.#live?.request({ type: "close", notebook });
  }

  /** The notebook's variables go; the process ends, and the models with it, unless another notebook uses it. */
  async shutDown(notebook: NotebookId): Promise<"ended" | "in use"> {
    await this.close(notebook);
    if (this.#opened.size) return "in use";
    const kernel = this.#live;
    if (!kernel) return "ended";
    this.#asked = kernel;
    kernel.dispose();
    return "ended";
  }

  dispose(): void {
    this.#disposed = true;
    this.#live?.dispose();
  }

  async #start(): Promise<KernelConnection> {
    const kernel = await this.start();
    if (this.#disposed) {
      kernel.dispose();
      throw new Error("The window is closing.");
    }
    this.#live = kernel;
    kernel.onEvent((event) => {
      if (this.#live === kernel) this.listener.event(event);
    });
    kernel.onExit((exit) => {
      if (this.#live !== kernel) return;
      this.#live = undefined;
      if (this.#asked !== kernel) this.#pause.crashed();
      this.#opened.clear();
      this.listener.exited(exit);
      this.listener.changed();
    });
    return kernel;
  }
}

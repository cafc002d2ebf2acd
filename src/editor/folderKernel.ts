import type { KernelEvent, NotebookId } from "../kernel/protocol.js";
import { CrashPause } from "./crashPause.js";
import type { KernelConnection, KernelExit } from "./kernelConnection.js";

export interface KernelListener {
  event(event: KernelEvent): void;
  exited(exit: KernelExit): void;
  /** The connection was lost and is there again; the process went on, and its notebooks have been told what they missed. */
  reconnected(): void;
  changed(): void;
}

interface Opened {
  readonly directory: string;
  readonly opening: Promise<unknown>;
}

/** The kernel process of one workspace folder: there is at most one at a time, and the next need starts the next one. */
export class FolderKernel {
  #live: KernelConnection | undefined;
  #starting: Promise<KernelConnection> | undefined;
  readonly #opened = new Map<NotebookId, Opened>();
  readonly #pause: CrashPause;
  /** The process that was asked to end, which is no crash. */
  #asked: KernelConnection | undefined;
  #disposed = false;

  #attaching: Promise<void> | undefined;
  /** Never rejects. */
  #reconnecting: Promise<void> | undefined;

  /** `attach`: to a process that outlived its window. */
  constructor(
    private readonly start: () => Promise<KernelConnection>,
    private readonly listener: KernelListener,
    now: () => number = () => performance.now(),
    private readonly attach: () => Promise<KernelConnection | undefined> = () => Promise.resolve(undefined),
  ) {
    this.#pause = new CrashPause(now);
  }

  get state(): "stopped" | "starting" | "live" {
    if (this.#live) return "live";
    return this.#starting || this.#reconnecting ? "starting" : "stopped";
  }

  /** The process goes on, and this window is about to hear of it again. */
  get isReconnecting(): boolean {
    return this.#reconnecting !== undefined;
  }

  /** Undefined while there is no process; asking never starts one. */
  get live(): KernelConnection | undefined {
    return this.#live;
  }

  connect(): Promise<KernelConnection> {
    if (this.#disposed) return Promise.reject(new Error("The window is closing."));
    if (this.#live) return Promise.resolve(this.#live);
    if (this.#reconnecting) return this.#reconnecting.then(() => this.connect());
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

  /** The process that is there, also one that outlived a window; never starts one. */
  async reattach(): Promise<KernelConnection | undefined> {
    if (this.#reconnecting) await this.#reconnecting;
    if (!this.#live && !this.#starting) await (this.#attaching ??= this.#attach());
    return this.#live ?? this.#starting;
  }

  /** A process that knows the notebook. `takeOver`: from the window that runs it now. */
  async open(notebook: NotebookId, directory: string, takeOver = false): Promise<KernelConnection> {
    const kernel = await this.connect();
    await (this.#opened.get(notebook)?.opening ?? this.#open(kernel, notebook, directory, takeOver));
    return kernel;
  }

  /** Another window has it now. */
  lost(notebook: NotebookId): void {
    this.#opened.delete(notebook);
  }

  /** The notebook lies elsewhere now; what it has computed stays. */
  async move(notebook: NotebookId, directory: string): Promise<void> {
    const opened = this.#opened.get(notebook);
    if (!opened || !this.#live) return;
    this.#opened.set(notebook, { ...opened, directory });
    await this.#live.request({ type: "open", notebook, directory });
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

  /** The process ends, with everything of all notebooks. */
  end(): void {
    this.#asked = this.#live;
    this.#live?.dispose();
  }

  /** The window closes, or is loaded anew: the process waits for the next one. */
  dispose(): void {
    this.#disposed = true;
    this.#live?.leave();
  }

  async #start(): Promise<KernelConnection> {
    await this.#attaching;
    return this.#live ?? this.#keep(await this.start());
  }

  async #attach(): Promise<void> {
    // One that does not answer is as good as none: a new one is started when it is needed.
    const kernel = await this.attach().catch(() => undefined);
    if (kernel) this.#keep(kernel);
    this.listener.changed();
  }

  #keep(kernel: KernelConnection): KernelConnection {
    if (this.#disposed) {
      // One that was only just started has nothing to wait for.
      if (kernel.notebooks.length) kernel.leave();
      else kernel.dispose();
      throw new Error("The window is closing.");
    }
    this.#live = kernel;
    kernel.onEvent((event) => {
      if (this.#live === kernel) this.listener.event(event);
    });
    kernel.onExit((exit) => {
      if (this.#live !== kernel) return;
      this.#live = undefined;
      if (!exit.lives || this.#asked === kernel || this.#disposed) return this.#ended(kernel, exit);
      const reconnecting = this.#reconnect(kernel, exit).finally(() => {
        if (this.#reconnecting === reconnecting) this.#reconnecting = undefined;
        this.listener.changed();
      });
      this.#reconnecting = reconnecting;
      this.listener.changed();
    });
    return kernel;
  }

  async #open(
    kernel: KernelConnection,
    notebook: NotebookId,
    directory: string,
    takeOver: boolean,
  ): Promise<void> {
    const more = takeOver ? { takeOver } : {};
    const opening = kernel.request({ type: "open", notebook, directory, ...more });
    this.#opened.set(notebook, { directory, opening });
    try {
      await opening;
    } catch (error) {
      if (this.#opened.get(notebook)?.opening === opening) this.#opened.delete(notebook);
      throw error;
    }
  }

  async #reconnect(lost: KernelConnection, exit: KernelExit): Promise<void> {
    const kernel = await this.attach().catch(() => undefined);
    if (kernel?.pid !== lost.pid || this.#disposed) {
      kernel?.leave();
      return this.#ended(lost, exit);
    }
    this.#keep(kernel);
    // This window had them a moment ago; the kernel may not have noticed yet that the old connection is gone.
    const openings = [...this.#opened].map(([notebook, { directory }]) =>
      this.#open(kernel, notebook, directory, true),
    );
    await Promise.allSettled(openings);
    if (this.#live === kernel) this.listener.reconnected();
  }

  #ended(kernel: KernelConnection, exit: KernelExit): void {
    if (this.#asked !== kernel) this.#pause.crashed();
    this.#opened.clear();
    this.listener.exited(exit);
    this.listener.changed();
  }
}

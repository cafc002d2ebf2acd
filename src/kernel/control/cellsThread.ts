import { MessageChannel, type MessagePort, type Worker } from "node:worker_threads";
import { ANY, FLUSH, SHARED, type CellsWorkerData, type FromCells, type ToCells } from "../cells/messages.js";
import { handedKeys } from "./handedKeys.js";
import { startThread } from "./startThread.js";

export interface CellsThreadEvents {
  readonly message: (message: FromCells) => void;
  /** The thread ended by itself; not called after `end`. */
  readonly lost: (reason: string) => void;
  /** Native output, which belongs to no cell. */
  readonly output: (text: string) => void;
}

/** One worker that runs the cells of one notebook, as the control thread sees it. */
export class CellsThread {
  readonly ready: Promise<void>;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #words = new Int32Array(new SharedArrayBuffer(SHARED.words * 4));
  #events: CellsThreadEvents | undefined;
  #started = false;
  #waited = false;
  #ended = false;
  #failure = "";

  /** `compiler`: for the workspace files that cells import. */
  constructor(compiler: MessagePort) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: CellsWorkerData = {
      control: port2,
      compiler,
      shared: this.#words.buffer,
      keys: handedKeys,
    };
    this.#worker = startThread("cells.js", {
      workerData,
      transferList: [port2, compiler],
      // Workspace files are modules of this kernel's making; the flag's warning is of no use to anyone.
      execArgv: ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"],
    });
    for (const stream of [this.#worker.stdout, this.#worker.stderr])
      stream.on("data", (chunk: Buffer) => this.#events?.output(chunk.toString("utf8")));
    this.#worker.on("error", (error) => (this.#failure = describe(error)));
    this.ready = new Promise((resolve, reject) => {
      this.#port.on("message", (message: FromCells) => {
        if (message.type === "ready") {
          this.#started = true;
          resolve();
        } else if (!this.#ended) this.#events?.message(message);
      });
      this.#worker.on("exit", (code) => {
        // What it sent before its end is still on the way.
        setImmediate(() => {
          this.#port.close();
          const reason = this.#failure || `The notebook's thread ended with code ${code} (process.exit).`;
          reject(new Error(reason));
          if (!this.#ended) this.#events?.lost(reason);
          this.#ended = true;
        });
      });
    });
    // Whoever needs the thread awaits `ready`; a spare that fails unseen is no unhandled rejection.
    this.ready.catch(() => undefined);
  }

  get isEnded(): boolean {
    return this.#ended;
  }

  get hasStarted(): boolean {
    return this.#started;
  }

  /** Counts up while the thread's event loop turns. */
  get beat(): number {
    return Atomics.load(this.#words, SHARED.beat);
  }

  attach(events: CellsThreadEvents): void {
    this.#events = events;
  }

  send(message: ToCells, transfer: readonly MessagePort[] = []): void {
    if (!this.#ended) this.#port.postMessage(message, transfer);
  }

  /** Reaches running loops at once, and everything else when the event loop turns. */
  interrupt(sequence: number | undefined): void {
    Atomics.store(this.#words, SHARED.interrupt, sequence ?? ANY);
    this.send({ type: "interrupt" });
  }

  /** Text that has waited for two calls of this is asked for. */
  hurryOutput(): void {
    const waits = Atomics.load(this.#words, SHARED.printed) === 1;
    if (waits && this.#waited) Atomics.compareExchange(this.#words, SHARED.interrupt, 0, FLUSH);
    this.#waited = waits;
  }

  async end(): Promise<void> {
    this.#ended = true;
    await this.#worker.terminate();
  }
}

function describe(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  if (code === "ERR_WORKER_OUT_OF_MEMORY") return "The notebook's thread ran out of memory.";
  return `The notebook's thread failed: ${message ?? String(error)}`;
}

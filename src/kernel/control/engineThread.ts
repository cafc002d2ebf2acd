import { MessageChannel, type Worker } from "node:worker_threads";
import type { FromEngineThread, ToEngineThread } from "../engine/messages.js";
import type { Diagnosis, ModelState } from "../protocol.js";
import type { CellsThread } from "./cellsThread.js";
import { startThread } from "./startThread.js";

/** How long the end waits for the thread to bring its results to the disk; the process leaves soon after. */
const END_PATIENCE = 1200;

interface Question {
  readonly resolve: (diagnosis: Diagnosis) => void;
  readonly reject: (error: Error) => void;
}

/** The worker that holds the resident models. It starts when the first cell asks for it and outlives every restart of cells. */
export class EngineThread {
  #worker: Worker | undefined;
  #models: readonly ModelState[] = [];
  #runtime: string | undefined;
  readonly #devices = new Set<string>();
  readonly #questions = new Map<number, Question>();
  #next = 1;

  constructor(private readonly log: (text: string) => void) {}

  /** What it has loaded, as it said last. */
  get models(): readonly ModelState[] {
    return this.#models;
  }

  /** The version of its runtime and every device that a model has run on; undefined before the first model. */
  get used(): { readonly runtime: string; readonly devices: readonly string[] } | undefined {
    return this.#runtime === undefined || !this.#devices.size
      ? undefined
      : { runtime: this.#runtime, devices: [...this.#devices].sort() };
  }

  connect(thread: CellsThread): void {
    const { port1, port2 } = new MessageChannel();
    this.#start().postMessage({ type: "connect", port: port1 } satisfies ToEngineThread, [port1]);
    thread.send({ type: "engine", port: port2 }, [port2]);
  }

  /** What it finds of the machine's devices, and where it opens a model. Rejects when it cannot be opened, or the thread ends before. */
  diagnose(model?: string): Promise<Diagnosis> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#questions.set(id, { resolve, reject });
      this.#start().postMessage({
        ...{ type: "diagnose", id },
        ...(model === undefined ? {} : { model }),
      } satisfies ToEngineThread);
    });
  }

  async end(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    const left = new Promise((resolve) => worker.once("exit", resolve));
    worker.postMessage({ type: "end" } satisfies ToEngineThread);
    await Promise.race([left, new Promise((resolve) => setTimeout(resolve, END_PATIENCE))]);
    await worker.terminate();
  }

  #hear(message: FromEngineThread): void {
    if (message.type === "models") {
      this.#models = message.models;
      this.#runtime = message.runtime;
      for (const { device } of message.models) if (device !== undefined) this.#devices.add(device);
      return;
    }
    const question = this.#questions.get(message.id);
    this.#questions.delete(message.id);
    if (message.type === "diagnosis") question?.resolve(message.diagnosis);
    else question?.reject(new Error(message.reason));
  }

  #start(): Worker {
    if (this.#worker) return this.#worker;
    const worker = startThread("engine.js");
    for (const stream of [worker.stdout, worker.stderr])
      stream.on("data", (chunk: Buffer) => this.log(chunk.toString("utf8")));
    worker.on("message", (message: FromEngineThread) => this.#hear(message));
    worker.on("error", (error) => this.log(`The engine failed: ${error.stack ?? error.message}`));
    // Its ports close with it, which ends every call that waits; the next session starts a new one.
    worker.on("exit", () => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#models = [];
      for (const { reject } of this.#questions.values()) reject(new Error("The engine stopped."));
      this.#questions.clear();
    });
    return (this.#worker = worker);
  }
}

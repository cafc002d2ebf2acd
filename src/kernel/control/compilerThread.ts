import { MessageChannel, type MessagePort, type Worker } from "node:worker_threads";
import type { CompiledCell } from "../compiler/compileCell.js";
import type { NotebookNames } from "../compiler/notebookNames.js";
import type { CompilerReply, CompilerRequest } from "../compiler/messages.js";
import { startThread } from "./startThread.js";

/** The worker that holds the TypeScript compiler; started once, started again should it ever end. */
export class CompilerThread {
  #worker: Worker | undefined;
  #port: MessagePort | undefined;
  #next = 1;
  readonly #pending = new Map<number, (result: CompiledCell) => void>();

  constructor(private readonly log: (text: string) => void) {
    this.#start();
  }

  compile(source: string, names: NotebookNames): Promise<CompiledCell> {
    return new Promise((resolve) => {
      const id = this.#next++;
      this.#pending.set(id, resolve);
      const request: CompilerRequest = { type: "cell", id, source, names };
      this.#start().postMessage(request);
    });
  }

  /** A port of its own for a cells worker. */
  connect(): MessagePort {
    this.#start();
    const { port1, port2 } = new MessageChannel();
    this.#worker?.postMessage({ port: port1 }, [port1]);
    return port2;
  }

  async end(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): MessagePort {
    if (this.#port) return this.#port;
    const worker = startThread("compiler.js");
    const { port1, port2 } = new MessageChannel();
    worker.postMessage({ port: port2 }, [port2]);
    port1.on("message", (reply: CompilerReply) => {
      if (reply.type !== "cell") return;
      this.#pending.get(reply.id)?.(reply.result);
      this.#pending.delete(reply.id);
    });
    let failure = "it was ended";
    worker.on("error", (error) => (failure = String(error)));
    worker.on("exit", () => {
      port1.close();
      this.#worker = this.#port = undefined;
      const message = `The TypeScript compiler stopped (${failure}). Run the cell again to start it anew.`;
      this.log(message);
      for (const resolve of this.#pending.values())
        resolve({ ok: false, error: { message, line: 1, column: 1 } });
      this.#pending.clear();
    });
    this.#worker = worker;
    return (this.#port = port1);
  }
}

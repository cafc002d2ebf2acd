import { receiveMessageOnPort, type MessagePort } from "node:worker_threads";
import type { CompiledModule } from "../compiler/compileModule.js";
import type { CompilerReply, CompilerRequest } from "../compiler/messages.js";

const LONGEST_WAIT = 20_000;

/** The compiler worker, as a cells worker reaches it. */
export class CompilerPort {
  #next = 1;
  readonly #pending = new Map<number, (result: CompiledModule) => void>();

  constructor(private readonly port: MessagePort) {
    port.on("message", (reply: CompilerReply) => this.#receive(reply));
    port.on("close", () => {
      const message = "The TypeScript compiler stopped. Restart the kernel of this notebook.";
      for (const resolve of this.#pending.values())
        resolve({ ok: false, error: { message, line: 1, column: 1 } });
      this.#pending.clear();
    });
    port.unref();
  }

  /** Blocks the thread for as long as it takes: a few milliseconds for a file. */
  readonly compileCommonJs = (source: string, fileName: string): CompiledModule => {
    const id = this.#next++;
    let compiled: CompiledModule | undefined;
    this.#pending.set(id, (result) => (compiled = result));
    const blocked = new Int32Array(new SharedArrayBuffer(4));
    const request: CompilerRequest = { type: "module", id, source, fileName, blocked };
    this.port.postMessage(request);
    Atomics.wait(blocked, 0, 0, LONGEST_WAIT);
    while (!compiled) {
      const next = receiveMessageOnPort(this.port);
      if (!next) break;
      this.#receive(next.message as CompilerReply);
    }
    this.#pending.delete(id);
    const message = `The TypeScript compiler did not answer within ${LONGEST_WAIT / 1000} s.`;
    return compiled ?? { ok: false, error: { message, line: 1, column: 1 } };
  };

  #receive(reply: CompilerReply): void {
    if (reply.type !== "module") return;
    this.#pending.get(reply.id)?.(reply.result);
    this.#pending.delete(reply.id);
  }

  readonly compileModule = (source: string, fileName: string): Promise<CompiledModule> =>
    new Promise((resolve) => {
      const id = this.#next++;
      this.#pending.set(id, resolve);
      const request: CompilerRequest = { type: "module", id, source, fileName };
      this.port.postMessage(request);
    });
}

import type { MessagePort } from "node:worker_threads";
import type { CompiledModule } from "../compiler/compileModule.js";
import type { CompilerReply, CompilerRequest } from "../compiler/messages.js";

/** The compiler worker, as a cells worker reaches it. */
export class CompilerPort {
  #next = 1;
  readonly #pending = new Map<number, (result: CompiledModule) => void>();

  constructor(private readonly port: MessagePort) {
    port.on("message", (reply: CompilerReply) => {
      if (reply.type !== "module") return;
      this.#pending.get(reply.id)?.(reply.result);
      this.#pending.delete(reply.id);
    });
    port.on("close", () => {
      const message = "The TypeScript compiler stopped. Restart the kernel of this notebook.";
      for (const resolve of this.#pending.values())
        resolve({ ok: false, error: { message, line: 1, column: 1 } });
      this.#pending.clear();
    });
    port.unref();
  }

  readonly compileModule = (source: string, fileName: string): Promise<CompiledModule> =>
    new Promise((resolve) => {
      const id = this.#next++;
      this.#pending.set(id, resolve);
      const request: CompilerRequest = { type: "module", id, source, fileName };
      this.port.postMessage(request);
    });
}

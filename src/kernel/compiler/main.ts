import { parentPort, type MessagePort } from "node:worker_threads";
import { compileCell } from "./compileCell.js";
import { compileModule } from "./compileModule.js";
import type { CompilerReply, CompilerRequest } from "./messages.js";
import { realmNames } from "./names.js";
import { NO_NAMES } from "./notebookNames.js";

const realm = realmNames();

function answer(request: CompilerRequest): CompilerReply {
  const { type, id } = request;
  return type === "cell"
    ? { type, id, result: compileCell({ source: request.source, realm, names: request.names }) }
    : { type, id, result: compileModule(request.source, request.fileName, request.blocked ? "cjs" : "esm") };
}

function serve(port: MessagePort): void {
  port.on("message", (request: CompilerRequest) => {
    // Something in the text that the compiler itself cannot stand must not end the kernel.
    try {
      port.postMessage(answer(request));
    } catch (error) {
      const message = `The TypeScript compiler failed: ${error instanceof Error ? error.message : String(error)}`;
      const result = { ok: false as const, error: { message, line: 1, column: 1 } };
      port.postMessage({ type: request.type, id: request.id, result });
    }
    if (request.type === "module" && request.blocked) {
      Atomics.store(request.blocked, 0, 1);
      Atomics.notify(request.blocked, 0);
    }
  });
}

// The first compilation is ten times slower than the later ones: have it over before the first cell arrives.
compileCell({ source: "import a from 'a'; for (const b of []) a;", realm, names: NO_NAMES });

parentPort?.on("message", (message: { port: MessagePort }) => serve(message.port));
parentPort?.postMessage("ready");

import { Console } from "node:console";
import { StringDecoder } from "node:string_decoder";
import { currentExecution, type CellExecution } from "./cellExecution.js";
import type { OutputBuffer } from "./outputBuffer.js";

type Callback = (error?: Error | null) => void;

/**
 * `process.stdout`, `process.stderr` and with them `console` write to the buffer, in the name of the execution that writes; `latest`: where that
 * is not known, as in what native code calls back.
 */
export function captureStreams(buffer: OutputBuffer, latest: () => CellExecution | undefined): void {
  for (const name of ["stdout", "stderr"] as const) {
    const stream = process[name];
    const decoder = new StringDecoder("utf8");
    stream.write = (
      chunk: string | Uint8Array,
      encoding?: BufferEncoding | Callback,
      callback?: Callback,
    ): boolean => {
      const text =
        typeof chunk === "string"
          ? textOf(chunk, encoding)
          : decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      buffer.write(currentExecution.getStore() ?? latest(), name, text);
      const done = typeof encoding === "function" ? encoding : callback;
      if (done) process.nextTick(done);
      return true;
    };
  }
  replaceConsole();
}

/**
 * With an inspector's session in this thread, Node's console also tells that session, at five times the cost of a line; and it gives each
 * line a callback, so that a million lines in a loop would be a million callbacks that wait for its end.
 */
function replaceConsole(): void {
  const { stdout, stderr } = process;
  const plain = new Console({ stdout, stderr, ignoreErrors: false });
  for (const [name, method] of Object.entries(plain))
    if (typeof method === "function") Reflect.set(console, name, method);
}

const textOf = (chunk: string, encoding: BufferEncoding | Callback | undefined): string =>
  typeof encoding === "string" && encoding !== "utf8" && encoding !== "utf-8"
    ? Buffer.from(chunk, encoding).toString("utf8")
    : chunk;

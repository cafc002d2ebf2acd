import {
  PROTOCOL,
  type KernelEvent,
  type ReplyResult,
  type RequestBody,
  type WireError,
} from "../protocol.js";
import { parseEvent } from "../protocol/parseEvent.js";
import {
  KernelProcess,
  type KernelExit,
  type KernelProcessEvents,
  type KernelProcessOptions,
  type KernelTransport,
  type OpenTransport,
} from "./kernelProcess.js";

/** Everything the kernel sends that answers nothing, and its end. */
export type ClientEvent =
  Exclude<KernelEvent, { type: "reply" }> | ({ readonly type: "exited" } & KernelExit);

/** The reply that belongs to a request. */
export type ResultOf<T extends RequestBody["type"]> = T extends keyof ResultTypes
  ? Extract<ReplyResult, { type: ResultTypes[T] }>
  : Extract<ReplyResult, { type: "done" }>;

interface ResultTypes {
  readonly hello: "hello";
  readonly execute: "executed";
  readonly await: "executed";
  readonly snapshot: "snapshot";
  readonly variables: "variables";
  readonly variable: "text" | "done";
  readonly debug: "debugging" | "done";
  readonly environment: "environment";
  readonly diagnose: "diagnosis";
}

/** The kernel refused; the message is for the reader. */
export class KernelError extends Error {
  constructor(readonly wire: WireError) {
    super(wire.message);
    this.name = wire.name;
  }
}

/** The kernel has gone, or was never there. */
export class KernelGone extends Error {
  override readonly name = "KernelGone";

  constructor(readonly exit: KernelExit) {
    super(exit.stderr ? `${exit.reason}\n${exit.stderr}` : exit.reason);
  }
}

interface Pending {
  readonly resolve: (result: ReplyResult) => void;
  readonly reject: (error: Error) => void;
}

/** A started kernel: typed requests out, events in. Every request ends: with its reply, or with the kernel. It serves one process; whoever needs another makes another client. */
export class KernelClient {
  readonly #process: KernelTransport;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Set<(event: ClientEvent) => void>();
  #next = 1;
  #exit: KernelExit | undefined;
  #complained = false;

  /** Starts a process that ends with this client, or talks to one that is there. */
  constructor(kernel: KernelProcessOptions | OpenTransport) {
    const on: KernelProcessEvents = {
      message: (value) => this.#receive(value),
      garbage: (reason) => this.#complain(reason),
      output: (text, name) =>
        this.#emit({ type: "log", level: name === "stderr" ? "warning" : "info", text }),
      exit: (exit) => this.#end(exit),
    };
    this.#process = typeof kernel === "function" ? kernel(on) : new KernelProcess(kernel, on);
  }

  /** Undefined while the kernel lives. */
  get exit(): KernelExit | undefined {
    return this.#exit;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Returns what ends the subscription. */
  onEvent(listener: (event: ClientEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Proves that the kernel runs and speaks this protocol. */
  hello(token?: string): Promise<ResultOf<"hello">> {
    return this.request({ type: "hello", protocol: PROTOCOL, ...(token !== undefined && { token }) });
  }

  /** Rejects with `KernelError` when the kernel refuses, with `KernelGone` when it ends first. */
  request<T extends RequestBody["type"]>(body: Extract<RequestBody, { type: T }>): Promise<ResultOf<T>> {
    return new Promise((resolve, reject) => {
      if (this.#exit) return reject(new KernelGone(this.#exit));
      const id = this.#next++;
      // SAFETY: the kernel answers each type of request with its type of result; `parseEvent` has checked that type's fields.
      this.#pending.set(id, { resolve: (result) => resolve(result as ResultOf<T>), reject });
      this.#process.send({ id, ...body });
    });
  }

  /** Ends the kernel; what is pending rejects. */
  dispose(): void {
    if (this.#exit) return;
    this.#process.stop();
    this.#end({ code: undefined, signal: undefined, reason: "The kernel was shut down.", stderr: "" });
  }

  /** The kernel goes on without this client, if it can; what is pending here rejects. */
  disconnect(): void {
    if (this.#exit) return;
    this.#process.leave();
    this.#end({ code: undefined, signal: undefined, reason: "The window has left the kernel.", stderr: "" });
  }

  /** At once, for a kernel that does not answer. */
  kill(): void {
    this.#process.kill();
  }

  #receive(value: unknown): void {
    let event: KernelEvent;
    try {
      event = parseEvent(value);
    } catch (error) {
      return this.#complain(error instanceof Error ? error.message : String(error));
    }
    if (event.type !== "reply") return this.#emit(event);
    const pending = this.#pending.get(event.id);
    this.#pending.delete(event.id);
    if (event.ok) pending?.resolve(event.result);
    else pending?.reject(new KernelError(event.error));
  }

  #end(exit: KernelExit): void {
    if (this.#exit) return;
    this.#exit = exit;
    for (const { reject } of this.#pending.values()) reject(new KernelGone(exit));
    this.#pending.clear();
    this.#emit({ type: "exited", ...exit });
    this.#listeners.clear();
  }

  #complain(reason: string): void {
    if (this.#complained) return;
    this.#complained = true;
    const text = `Dropped a malformed message of the kernel: ${reason}. Further ones are dropped silently.`;
    this.#emit({ type: "log", level: "warning", text });
  }

  #emit(event: ClientEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

import type { MessagePort } from "node:worker_threads";
import { InputError } from "../../search/index.js";
import type { FromEngine, ToEngine } from "../engine/messages.js";

interface Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly progress: CallOptions["progress"];
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((done: number, total: number) => void) | undefined;
  /** Memory of the message that goes over instead of being copied: the caller has it no more. */
  readonly transfer?: readonly ArrayBuffer[] | undefined;
}

/** Keyed by what the message says of itself. */
type Outgoing = ToEngine extends infer M ? (M extends { id: number } ? Omit<M, "id"> : never) : never;

/** The engine worker as a cells worker reaches it; asked for at the first call, so that cells without a model never start it. */
export class EnginePort {
  #port: MessagePort | undefined;
  #asked: Promise<MessagePort> | undefined;
  #connected: ((port: MessagePort) => void) | undefined;
  #next = 1;
  readonly #calls = new Map<number, Call>();

  /** `ask` makes the control thread send a port to `connect`; `notice` is told what the engine has to say to the user. */
  constructor(
    private readonly ask: () => void,
    private readonly notice: (text: string) => void,
  ) {}

  connect(port: MessagePort): void {
    port.on("message", (message: FromEngine) => {
      if (message.type === "notice") return this.notice(message.text);
      const call = this.#calls.get(message.id);
      if (message.type === "progress") return call?.progress?.(message.done, message.total);
      this.#calls.delete(message.id);
      if (message.type === "result") call?.resolve(message.value);
      else call?.reject(remoteError(message.name, message.message));
    });
    port.on("close", () => {
      this.#port = undefined;
      this.#asked = undefined;
      for (const { reject } of this.#calls.values())
        reject(new Error("The engine stopped, and with it the loaded models. Open the session again."));
      this.#calls.clear();
    });
    this.#port = port;
    this.#connected?.(port);
  }

  /** An abort is passed on to the engine, whose answer is waited for. */
  async call(message: Outgoing, { signal, progress, transfer = [] }: CallOptions = {}): Promise<unknown> {
    // Once there is a port the message leaves before the caller goes on: what it does next is done while the engine works.
    const port = this.#port ?? (await this.#connect());
    const id = this.#next++;
    const cancel = (): void => port.postMessage({ type: "cancel", id } satisfies ToEngine);
    try {
      return await new Promise((resolve, reject) => {
        this.#calls.set(id, { resolve, reject, progress });
        port.postMessage({ ...message, id }, transfer);
        if (signal?.aborted) cancel();
        else signal?.addEventListener("abort", cancel, { once: true });
      });
    } catch (error) {
      // Made anew here, where the stack leads back to the cell that asked.
      throw error instanceof Error ? remoteError(error.name, error.message) : error;
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  #connect(): Promise<MessagePort> {
    return (this.#asked ??= new Promise((resolve) => {
      this.#connected = resolve;
      this.ask();
    }));
  }
}

const remoteError = (name: string, message: string): Error =>
  name === "InputError" ? new InputError(message) : Object.assign(new Error(message), { name });

import type { MessagePort } from "node:worker_threads";
import { InputError } from "../../search/index.js";
import type { FromEngine, ToEngine } from "../engine/messages.js";

interface Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly progress: ((done: number, total: number) => void) | undefined;
}

/** Keyed by what the message says of itself. */
type Outgoing = ToEngine extends infer M ? (M extends { id: number } ? Omit<M, "id"> : never) : never;

/** The engine worker as a cells worker reaches it; asked for at the first call, so that cells without a model never start it. */
export class EnginePort {
  #port: Promise<MessagePort> | undefined;
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
      for (const { reject } of this.#calls.values())
        reject(new Error("The engine stopped, and with it the loaded models. Open the session again."));
      this.#calls.clear();
    });
    this.#connected?.(port);
  }

  /** An abort is passed on to the engine, whose answer is waited for. */
  async call(message: Outgoing, signal?: AbortSignal, progress?: Call["progress"]): Promise<unknown> {
    this.#port ??= new Promise((resolve) => {
      this.#connected = resolve;
      this.ask();
    });
    const port = await this.#port;
    const id = this.#next++;
    const cancel = (): void => port.postMessage({ type: "cancel", id } satisfies ToEngine);
    try {
      return await new Promise((resolve, reject) => {
        this.#calls.set(id, { resolve, reject, progress });
        port.postMessage({ ...message, id });
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
}

const remoteError = (name: string, message: string): Error =>
  name === "InputError" ? new InputError(message) : Object.assign(new Error(message), { name });

import type { MessagePort } from "node:worker_threads";
import type { LocalEngine } from "../../search/index.js";
import type { EngineOperation, FromEngine, OpenedEngine, ToEngine } from "./messages.js";
import type { ModelShelf } from "./modelShelf.js";
import type { Progress } from "./sharedLoading.js";
import { packReply, unpackRequest, type ScoreRequest } from "./scoreWire.js";
import type { ScorerShelf } from "./scorerShelf.js";

/**
 * Answers one cells worker until its port closes; then its calls are cut off and its sessions given up, and the models stay. `tell`: what
 * is called with sentences for the user, until then.
 */
export function serve(
  port: MessagePort,
  shelf: ModelShelf,
  scorers: ScorerShelf,
  tell: Set<(sentence: string) => void>,
): void {
  const calls = new Map<number, AbortController>();
  const opened: string[] = [];

  const controllerOf = (id: number): AbortController => {
    const controller = new AbortController();
    calls.set(id, controller);
    return controller;
  };

  /** Whoever waits for a loading, who may give up and is told how far it is. */
  const waiting = (id: number): { readonly signal: AbortSignal; readonly progress: Progress } => ({
    signal: controllerOf(id).signal,
    progress: (done, total) => port.postMessage({ type: "progress", id, done, total } satisfies FromEngine),
  });

  const perform = async (message: Exclude<ToEngine, { type: "cancel" }>): Promise<unknown> => {
    switch (message.type) {
      case "open": {
        const { model, options, directory } = message;
        const { key, engine } = await shelf.open(model, options, directory, waiting(message.id));
        opened.push(key);
        return { engine: key, model: engine.model, device: engine.device } satisfies OpenedEngine;
      }
      case "close": {
        const index = opened.indexOf(message.engine);
        if (index >= 0) opened.splice(index, 1);
        return index >= 0 ? shelf.release(message.engine, true) : undefined;
      }
      case "call": {
        const { signal } = controllerOf(message.id);
        return shelf.use(message.engine, (engine) =>
          call(engine, message.operation, [...message.parameters, signal]),
        );
      }
      case "openVerifier":
        return scorers.open(message.folder, message.options, message.directory, waiting(message.id));
      case "scoreImages": {
        const { signal } = controllerOf(message.id);
        const { verifier, images, conditions, references = [] } = message;
        return scorers.score(verifier, images, conditions, references, signal);
      }
    }
  };

  const answer = async (message: Exclude<ToEngine, { type: "cancel" }>): Promise<FromEngine> => {
    const { id } = message;
    try {
      return { type: "result", id, value: await perform(message) };
    } catch (error) {
      const { name, message: text } = error instanceof Error ? error : new Error(String(error));
      return { type: "error", id, name, message: text };
    } finally {
      calls.delete(id);
    }
  };

  const notice = (text: string): void => port.postMessage({ type: "notice", text } satisfies FromEngine);
  tell.add(notice);
  port.on("message", (message: ToEngine) => {
    if (message.type === "cancel") calls.get(message.id)?.abort();
    else void answer(message).then((reply) => port.postMessage(reply));
  });
  port.on("close", () => {
    tell.delete(notice);
    for (const controller of calls.values()) controller.abort();
    for (const key of opened) void shelf.release(key, false);
  });
}

/** Only what the interface names is callable from outside. */
function call(
  engine: LocalEngine,
  operation: EngineOperation,
  parameters: readonly unknown[],
): Promise<unknown> {
  const operations: Record<EngineOperation, (...parameters: never[]) => Promise<unknown>> = {
    noise: engine.noise.bind(engine),
    denoise: engine.denoise.bind(engine),
    decode: engine.decode.bind(engine),
    score: async (request: ScoreRequest, signal?: AbortSignal) => {
      const [jobs, images] = unpackRequest(request);
      return packReply(await engine.score(jobs, signal, images));
    },
    features: engine.features.bind(engine),
    remarks: engine.remarks.bind(engine),
    read: engine.read.bind(engine),
    image: engine.image.bind(engine),
    put: engine.put.bind(engine),
  };
  return operations[operation](...(parameters as never[]));
}

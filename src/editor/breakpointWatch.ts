import { isObject } from "./plainOutput.js";

/** What a breakpoint may take to be bound that stands where nothing ever will be: in a comment, or in a cell that has not run. */
const PATIENCE = 1000;

interface Adapter {
  /** Requests of which the answer tells breakpoints' numbers. */
  readonly asked: Set<unknown>;
  readonly unbound: Set<unknown>;
  /** It has been told of all breakpoints. */
  isConfigured: boolean;
  /** It has read the map of the cell that waits. */
  isLoaded: boolean;
}

/**
 * Listens to debug adapters until one of them has read the source map of a cell and bound the breakpoints in cells: a breakpoint takes effect
 * only then, and the cell has to wait for it.
 */
export class BreakpointWatch {
  readonly #adapters = new Map<string, Adapter>();
  #late: NodeJS.Timeout | undefined;
  #isDone = false;

  /** `file`: as which the debugger knows the cell that waits. `ready`: called once. */
  constructor(
    private readonly file: string,
    private readonly isCell: (path: string) => boolean,
    private readonly ready: () => void,
  ) {}

  /** A message to the adapter of that session, with the paths that it knows. */
  received(session: string, message: unknown): void {
    if (!isObject(message) || message["command"] !== "setBreakpoints") return;
    const path = pathIn(message["arguments"]);
    if (path !== undefined && this.isCell(path)) this.#adapter(session).asked.add(message["seq"]);
  }

  /** A message from it. */
  sent(session: string, message: unknown): void {
    if (!isObject(message)) return;
    const adapter = this.#adapter(session);
    const body = isObject(message["body"]) ? message["body"] : {};
    if (message["type"] === "response" && message["command"] === "configurationDone")
      adapter.isConfigured = true;
    else if (message["type"] === "response" && adapter.asked.delete(message["request_seq"])) {
      const { breakpoints } = body;
      for (const breakpoint of Array.isArray(breakpoints) ? breakpoints : []) hear(adapter, breakpoint);
    } else if (message["event"] === "breakpoint" && isObject(body["breakpoint"])) {
      if (body["breakpoint"]["verified"] === true) adapter.unbound.delete(body["breakpoint"]["id"]);
    } else if (message["event"] === "loadedSource" && pathIn(body) === this.file) adapter.isLoaded = true;
    // What it says of sources may come before it was asked for anything.
    if (!adapter.isLoaded || !adapter.isConfigured) return;
    if (!adapter.unbound.size) this.#end();
    else this.#late ??= setTimeout(() => this.#end(), PATIENCE);
  }

  dispose(): void {
    this.#isDone = true;
    clearTimeout(this.#late);
  }

  #adapter(session: string): Adapter {
    const known = this.#adapters.get(session);
    if (known) return known;
    const adapter = { asked: new Set(), unbound: new Set(), isConfigured: false, isLoaded: false };
    this.#adapters.set(session, adapter);
    return adapter;
  }

  #end(): void {
    if (this.#isDone) return;
    this.dispose();
    this.ready();
  }
}

function hear({ unbound }: Adapter, breakpoint: unknown): void {
  if (isObject(breakpoint) && breakpoint["verified"] !== true) unbound.add(breakpoint["id"]);
}

function pathIn(holder: unknown): string | undefined {
  const source = isObject(holder) ? holder["source"] : undefined;
  const path = isObject(source) ? source["path"] : undefined;
  return typeof path === "string" ? path : undefined;
}

import { currentExecution, type CellExecution } from "./cellExecution.js";

/**
 * `signal` of "dnb": one value that stands for the signal of whichever execution uses it. A cell imports it once, but each execution has its own,
 * and one that was interrupted stays aborted.
 */
export function liveSignal(latest: () => CellExecution | undefined): AbortSignal {
  const idle = new AbortController().signal;
  const signal = (): AbortSignal => (currentExecution.getStore() ?? latest())?.signal ?? idle;
  return new Proxy(idle, {
    get(_, key) {
      const own = signal();
      const value: unknown = Reflect.get(own, key, own);
      return typeof value === "function" ? (value.bind(own) as unknown) : value;
    },
    set: (_, key, value) => Reflect.set(signal(), key, value),
  });
}

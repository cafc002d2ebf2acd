import { currentExecution } from "./cellExecution.js";

type Dispose = () => unknown;

/** What cells hold with a top-level `using`: it lives on for later cells, and is disposed of when its cell runs again. */
export class Resources {
  readonly #held = new Map<string, Dispose[]>();

  readonly using = (value: unknown): unknown => {
    if (value === null || value === undefined) return value;
    const dispose = disposerOf(value);
    if (!dispose)
      throw new TypeError("The value of `using` has neither [Symbol.dispose] nor [Symbol.asyncDispose].");
    const cell = currentExecution.getStore()?.cell.id ?? "";
    this.#held.set(cell, [...(this.#held.get(cell) ?? []), dispose]);
    return value;
  };

  /** In reverse order, each one even if another fails; the first failure is thrown. */
  async release(cell: string): Promise<void> {
    const disposers = this.#held.get(cell) ?? [];
    this.#held.delete(cell);
    const failures: unknown[] = [];
    for (const dispose of disposers.reverse())
      try {
        await dispose();
      } catch (error) {
        failures.push(error);
      }
    if (failures.length) throw failures[0];
  }
}

function disposerOf(value: object): Dispose | undefined {
  const symbols = Symbol as { readonly dispose?: symbol; readonly asyncDispose?: symbol };
  for (const symbol of [symbols.asyncDispose, symbols.dispose]) {
    const method: unknown = symbol && Reflect.get(value, symbol);
    if (typeof method === "function") return () => method.call(value) as unknown;
  }
  return undefined;
}

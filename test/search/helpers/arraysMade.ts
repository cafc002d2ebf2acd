import { vi } from "vitest";

/** How many Float32Arrays and Uint16Arrays of at least `size` values `work` makes; views, and what the runtime gives, do not count. */
export async function arraysMade(size: number, work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const isLarge = (array: { length: number }, given: unknown): boolean =>
    array.length >= size && !(given instanceof ArrayBuffer);
  const [floats, halves] = [Float32Array, Uint16Array];
  class Floats extends floats {
    static override [Symbol.hasInstance](value: unknown): boolean {
      return Function.prototype[Symbol.hasInstance].call(floats, value);
    }
    constructor(...given: [length: number]) {
      super(...given);
      if (isLarge(this, given[0])) count++;
    }
  }
  class Halves extends halves {
    constructor(...given: [length: number]) {
      super(...given);
      if (isLarge(this, given[0])) count++;
    }
  }
  vi.stubGlobal("Float32Array", Floats);
  vi.stubGlobal("Uint16Array", Halves);
  try {
    await work();
  } finally {
    vi.unstubAllGlobals();
  }
  return count;
}

import { vi } from "vitest";

/** All in which numbers of states and of inputs are; not of bytes, which Node makes for itself too. */
const KINDS = [
  ...(["Float32Array", "Float64Array", "Uint16Array", "Uint32Array"] as const),
  ...(["Int32Array", "BigInt64Array"] as const),
] as const;
type Kind = (typeof KINDS)[number];
type AnyArray = new (...given: [number]) => { readonly length: number };

/** How many typed arrays of at least `size` values `work` makes; views, and what the runtime gives, do not count. `kinds`: by default all. */
export async function arraysMade(
  size: number,
  work: () => Promise<unknown>,
  kinds: readonly Kind[] = KINDS,
): Promise<number> {
  let count = 0;
  const counting = (plain: AnyArray): AnyArray =>
    class extends plain {
      static override [Symbol.hasInstance](value: unknown): boolean {
        return Function.prototype[Symbol.hasInstance].call(plain, value);
      }
      constructor(...given: [length: number]) {
        super(...given);
        if (this.length >= size && !((given[0] as unknown) instanceof ArrayBuffer)) count++;
      }
    };
  for (const kind of kinds) vi.stubGlobal(kind, counting(globalThis[kind]));
  try {
    await work();
  } finally {
    vi.unstubAllGlobals();
  }
  return count;
}

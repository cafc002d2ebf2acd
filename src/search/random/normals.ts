import { keyedBlocks, type Blocks, type Key } from "./keyedBlocks.js";

export type { Key } from "./keyedBlocks.js";

/**
 * `count` independent standard normals of `key`; the first k of them do not depend on `count`.
 * Box-Muller in double, stored as float32. 32-bit uniforms reach 6.6 standard deviations.
 */
export function normals(key: Key, count: number): Float32Array {
  return normalsOf(keyedBlocks(key), count);
}

/** The same of one stream of blocks. `into`: they are written there, from `at` on; of an odd count one value behind them is written too. */
export function normalsOf(
  blocks: Blocks,
  count: number,
  stream = 0,
  into: Float32Array = new Float32Array(count),
  at = 0,
): Float32Array {
  for (let start = 0, block = 0; start < count; start += 4, block++) {
    const [a, b, c, d] = blocks(block, stream);
    pair(into, at + start, a, b);
    if (start + 2 < count) pair(into, at + start + 2, c, d);
  }
  return into;
}

/** Box-Muller: two words to two normals; what falls behind the end is dropped. */
function pair(values: Float32Array, at: number, a: number, b: number): void {
  // Half a unit up, so that the logarithm never sees 0.
  const radius = Math.sqrt(-2 * Math.log((a + 0.5) * 2 ** -32));
  const angle = 2 * Math.PI * ((b + 0.5) * 2 ** -32);
  values[at] = radius * Math.cos(angle);
  values[at + 1] = radius * Math.sin(angle);
}

import { keyedBlocks, type Blocks, type Key } from "./keyedBlocks.js";

/** `count` independent uniform numbers in [0, 1) of `key`, 53 bits each; the first k of them do not depend on `count`. */
export function uniforms(key: Key, count: number): number[] {
  return uniformsOf(keyedBlocks(key), count);
}

/** The same of one stream of blocks. */
export function uniformsOf(blocks: Blocks, count: number, stream = 0): number[] {
  const values: number[] = [];
  for (let block = 0; values.length < count; block++) {
    const [a, b, c, d] = blocks(block, stream);
    values.push(unit(a, b), unit(c, d));
  }
  values.length = count;
  return values;
}

/** The upper 53 bits of two words. */
function unit(high: number, low: number): number {
  return (high * 2 ** 21 + (low >>> 11)) * 2 ** -53;
}

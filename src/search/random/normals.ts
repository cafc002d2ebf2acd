import { createHash } from "node:crypto";
import { philox } from "./philox.js";

/** What a draw is for. Two draws with the same key are the same numbers, in any order, batch and process. */
export interface Key {
  /** Whole number from 0 to 2^53 - 1. */
  readonly seed: number;
  /** Node path and purpose, e.g. "noise/3". */
  readonly path: string;
}

/**
 * `count` independent standard normals of `key`; the first k of them do not depend on `count`.
 * sha256 of the key gives Philox its key and the upper half of its counter, the lower half counts blocks of four words;
 * Box-Muller in double, stored as float32. 32-bit uniforms reach 6.6 standard deviations.
 */
export function normals(key: Key, count: number): Float32Array {
  const digest = createHash("sha256").update(`${key.seed}/${key.path}`).digest();
  const philoxKey = [digest.readUInt32LE(0), digest.readUInt32LE(4)] as const;
  const high0 = digest.readUInt32LE(8);
  const high1 = digest.readUInt32LE(12);
  const values = new Float32Array(count);
  for (let start = 0, block = 0; start < count; start += 4, block++) {
    const [a, b, c, d] = philox([block >>> 0, Math.floor(block / 2 ** 32), high0, high1], philoxKey);
    pair(values, start, a, b);
    pair(values, start + 2, c, d);
  }
  return values;
}

/** Box-Muller: two words to two normals; what falls behind the end is dropped. */
function pair(values: Float32Array, at: number, a: number, b: number): void {
  // Half a unit up, so that the logarithm never sees 0.
  const radius = Math.sqrt(-2 * Math.log((a + 0.5) * 2 ** -32));
  const angle = 2 * Math.PI * ((b + 0.5) * 2 ** -32);
  values[at] = radius * Math.cos(angle);
  values[at + 1] = radius * Math.sin(angle);
}

import { sha256 } from "../sha256.js";
import { philox, type Words } from "./philox.js";

/** What a draw is for. Two draws with the same key are the same numbers, in any order, batch and process. */
export interface Key {
  /** Whole number from 0 to 2^53 - 1, beyond that its decimal digits. */
  readonly seed: number | string;
  /** Node path and purpose, e.g. "noise/3". */
  readonly path: string;
}

/** The random words of one key: any block of four, of 2^32 in each of 2^20 streams. */
export type Blocks = (block: number, stream?: number) => Words;

/** sha256 of the key gives Philox its key and the upper half of its counter. */
export function keyedBlocks(key: Key): Blocks {
  const digest = sha256(`${key.seed}/${key.path}`);
  const philoxKey = [digest.readUInt32LE(0), digest.readUInt32LE(4)] as const;
  const high0 = digest.readUInt32LE(8);
  const high1 = digest.readUInt32LE(12);
  return (block, stream = 0) => philox([block >>> 0, stream, high0, high1], philoxKey);
}

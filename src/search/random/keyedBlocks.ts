import { createHash } from "node:crypto";
import { philox, type Words } from "./philox.js";

/** What a draw is for. Two draws with the same key are the same numbers, in any order, batch and process. */
export interface Key {
  /** Whole number from 0 to 2^53 - 1. */
  readonly seed: number;
  /** Node path and purpose, e.g. "noise/3". */
  readonly path: string;
}

/** The random words of `key`, four at a time: sha256 of the key gives Philox its key and the upper half of its counter. */
export function keyedBlocks(key: Key): (block: number) => Words {
  const digest = createHash("sha256").update(`${key.seed}/${key.path}`).digest();
  const philoxKey = [digest.readUInt32LE(0), digest.readUInt32LE(4)] as const;
  const high0 = digest.readUInt32LE(8);
  const high1 = digest.readUInt32LE(12);
  return (block) => philox([block >>> 0, Math.floor(block / 2 ** 32), high0, high1], philoxKey);
}

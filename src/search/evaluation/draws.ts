import { createHash } from "node:crypto";
import type { Key } from "../random/normals.js";
import { philox } from "../random/philox.js";

/** `count` independent whole numbers from 0 to `below` - 1, all equally likely to within `below` / 2^32; the first k do not depend on `count`. */
export function wholeDraws(key: Key, count: number, below: number): Int32Array {
  const digest = createHash("sha256").update(`${key.seed}/${key.path}`).digest();
  const philoxKey = [digest.readUInt32LE(0), digest.readUInt32LE(4)] as const;
  const high0 = digest.readUInt32LE(8);
  const high1 = digest.readUInt32LE(12);
  const draws = new Int32Array(count);
  for (let start = 0, block = 0; start < count; start += 4, block++) {
    const words = philox([block >>> 0, Math.floor(block / 2 ** 32), high0, high1], philoxKey);
    for (let i = 0; i < 4 && start + i < count; i++) {
      draws[start + i] = Math.floor((words[i]! / 2 ** 32) * below);
    }
  }
  return draws;
}

/** `size` different whole numbers from 0 to `below` - 1 in a random order: the start of a Fisher-Yates shuffle. */
export function sampleWithoutReplacement(key: Key, size: number, below: number): Int32Array {
  const all = Int32Array.from({ length: below }, (_, i) => i);
  const words = wholeDraws(key, size, 2 ** 31 - 1);
  for (let i = 0; i < size; i++) {
    const other = i + Math.floor((words[i]! / (2 ** 31 - 1)) * (below - i));
    [all[i], all[other]] = [all[other]!, all[i]!];
  }
  return all.slice(0, size);
}

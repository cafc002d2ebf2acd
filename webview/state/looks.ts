import type { AtlasChunk } from "../../src/search/record.js";

/** Characters of base64 that are kept, some thousand thumbnails; the oldest go. */
const MOST = 24_000_000;

/** The answers to `look`, and one more. */
export function withLooks(
  before: readonly AtlasChunk[],
  answer: readonly AtlasChunk[],
): readonly AtlasChunk[] {
  if (answer.length === 0) return before;
  const looks = [...before, ...answer];
  let size = looks.reduce((sum, { png }) => sum + png.length, 0);
  while (size > MOST && looks.length > answer.length) size -= looks.shift()!.png.length;
  return looks;
}

import { createHash } from "node:crypto";

/**
 * A file of many entries: magic, length and checksum of the index, the index, then the data. Each entry has a checksum of its own, so that
 * damage costs no more than what it hit.
 */
export interface SegmentEntry {
  readonly key: string;
  /** From the beginning of the file. */
  readonly offset: number;
  readonly length: number;
  readonly checksum: string;
}

const MAGIC = Buffer.from("dnbseg1\n");
/** Magic, index length (4 bytes) and checksum of the index. */
export const HEAD = MAGIC.length + 4 + 8;
/** An index larger than this is damage. */
const MOST = 1 << 28;

/** The parts of a segment file with these entries, and where each of them is in it. */
export function encodeSegment(entries: ReadonlyMap<string, Uint8Array>): {
  readonly parts: readonly Uint8Array[];
  readonly index: readonly SegmentEntry[];
} {
  let at = 0;
  const relative = [...entries].map(([key, data]) => {
    const entry = { key, offset: at, length: data.length, checksum: checksumOf(data) };
    at += data.length;
    return entry;
  });
  const text = Buffer.from(
    relative.map(({ key, length, checksum }) => `${length} ${checksum} ${key}`).join("\n"),
  );
  const head = Buffer.alloc(HEAD);
  MAGIC.copy(head);
  head.writeUInt32LE(text.length, MAGIC.length);
  head.write(checksumOf(text), MAGIC.length + 4, "hex");
  const start = HEAD + text.length;
  const index = relative.map((entry) => ({ ...entry, offset: entry.offset + start }));
  return { parts: [head, text, ...entries.values()], index };
}

/** The index of a file that `read` reads; undefined if it is none of ours, damaged or cut short. */
export function decodeIndex(
  read: (offset: number, length: number) => Uint8Array | undefined,
): SegmentEntry[] | undefined {
  const bytes = read(0, HEAD);
  if (bytes?.length !== HEAD) return undefined;
  const head = Buffer.from(bytes);
  const length = head.readUInt32LE(MAGIC.length);
  if (!head.subarray(0, MAGIC.length).equals(MAGIC) || length > MOST) return undefined;
  const text = read(HEAD, length);
  if (text?.length !== length || checksumOf(text) !== head.toString("hex", MAGIC.length + 4))
    return undefined;
  let offset = HEAD + length;
  return Buffer.from(text)
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [size, checksum, ...key] = line.split(" ");
      const entry = { key: key.join(" "), offset, length: Number(size), checksum: checksum! };
      offset += entry.length;
      return entry;
    });
}

/** 64 bits of the sha256, hex. */
export function checksumOf(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex").slice(0, 16);
}

import { createHash } from "node:crypto";

/**
 * Where the entries of one file are. The file: magic, length and checksum of the index, the index, then the data; each entry has a checksum
 * of its own, so that damage costs no more than what it hit. A long search has hundreds of thousands of entries: 24 bytes each beside the key.
 */
export interface SegmentIndex {
  readonly keys: readonly string[];
  /** From the beginning of the file. */
  readonly offsets: Float64Array;
  readonly lengths: Float64Array;
  readonly checksums: BigUint64Array;
}

const MAGIC = Buffer.from("dnbseg1\n");
/** Magic, index length (4 bytes) and checksum of the index. */
export const HEAD = MAGIC.length + 4 + 8;
/** An index larger than this is damage. */
const MOST = 1 << 28;

/** What one file is made of. It may be written more than once, so what it says of itself is kept. */
export class SegmentEntry {
  #checksum: bigint | undefined;

  constructor(
    readonly key: string,
    readonly data: Uint8Array,
  ) {}

  get checksum(): bigint {
    return (this.#checksum ??= checksumOf(this.data));
  }

  /** In bytes, about. */
  get size(): number {
    return this.key.length + this.data.length;
  }
}

/** The parts of a segment file with these entries, and where each of them is in it. */
export function encodeSegment(entries: readonly SegmentEntry[]): {
  readonly parts: readonly Uint8Array[];
  readonly index: SegmentIndex;
} {
  const keys = entries.map(({ key }) => key);
  const data = entries.map((entry) => entry.data);
  const lengths = Float64Array.from(data, ({ length }) => length);
  const checksums = BigUint64Array.from(entries, ({ checksum }) => checksum);
  const lines = keys.map((key, i) => `${lengths[i]} ${hex(checksums[i]!)} ${key}`);
  const text = Buffer.from(lines.join("\n"));
  const head = Buffer.alloc(HEAD);
  MAGIC.copy(head);
  head.writeUInt32LE(text.length, MAGIC.length);
  head.writeBigUInt64BE(checksumOf(text), MAGIC.length + 4);
  const offsets = offsetsOf(lengths, HEAD + text.length);
  return { parts: [head, text, ...data], index: { keys, offsets, lengths, checksums } };
}

/** The index of a file that `read` reads; undefined if it is none of ours, damaged or cut short. */
export function decodeIndex(
  read: (offset: number, length: number) => Uint8Array | undefined,
): SegmentIndex | undefined {
  const bytes = read(0, HEAD);
  if (bytes?.length !== HEAD) return undefined;
  const head = Buffer.from(bytes);
  const length = head.readUInt32LE(MAGIC.length);
  if (!head.subarray(0, MAGIC.length).equals(MAGIC) || length > MOST) return undefined;
  const text = read(HEAD, length);
  if (text?.length !== length || checksumOf(text) !== head.readBigUInt64BE(MAGIC.length + 4))
    return undefined;
  const lines = Buffer.from(text)
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split(" "));
  const lengths = Float64Array.from(lines, ([size]) => Number(size));
  return {
    keys: lines.map(([, , ...key]) => key.join(" ")),
    offsets: offsetsOf(lengths, HEAD + length),
    lengths,
    checksums: BigUint64Array.from(lines, ([, checksum]) => BigInt(`0x${checksum}`)),
  };
}

/** The first 64 bits of the sha256. */
export function checksumOf(data: Uint8Array): bigint {
  return createHash("sha256").update(data).digest().readBigUInt64BE();
}

function hex(checksum: bigint): string {
  return checksum.toString(16).padStart(16, "0");
}

function offsetsOf(lengths: Float64Array, start: number): Float64Array {
  let at = start;
  return lengths.map((length) => {
    const offset = at;
    at += length;
    return offset;
  });
}

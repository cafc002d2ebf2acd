import { inflateSync } from "node:zlib";

/** One chunk of a PNG, its content still in the file's bytes. */
export interface PngChunk {
  readonly type: string;
  readonly content: Uint8Array;
}

/** The chunks of a PNG in order. Throws where the file ends within one, or a checksum is wrong. */
export function pngChunks(bytes: Uint8Array): PngChunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: PngChunk[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const end = at + 8 + length;
    if (end + 4 > bytes.length) throw new Error(`it ends within its chunk ${type}`);
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) {
      throw new Error(`the checksum of its chunk ${type} is wrong`);
    }
    chunks.push({ type, content: bytes.subarray(at + 8, end) });
    if (type === "IEND") return chunks;
    at = end + 4;
  }
  throw new Error("it ends without its last chunk");
}

/** A PNG of these chunks. */
export function pngOf(chunks: readonly PngChunk[]): Uint8Array {
  const parts = chunks.map(({ type, content }) => {
    const part = Buffer.alloc(content.length + 12);
    part.writeUInt32BE(content.length, 0);
    part.write(type, 4, "latin1");
    part.set(content, 8);
    part.writeUInt32BE(crc32(part.subarray(4, content.length + 8)), content.length + 8);
    return part;
  });
  return new Uint8Array(Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), ...parts]));
}

/** The decompressed picture data, of at most `most` bytes. */
export function pictureData(chunks: readonly PngChunk[], most: number): Uint8Array {
  const parts = chunks.filter(({ type }) => type === "IDAT").map(({ content }) => content);
  return inflateSync(Buffer.concat(parts), { maxOutputLength: most });
}

/** The checksum of PNG chunks (PNG specification, annex D). */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

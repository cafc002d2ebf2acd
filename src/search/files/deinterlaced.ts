import { decode } from "fast-png";
import { deflateSync } from "node:zlib";
import { pictureData, pngChunks, pngOf, type PngChunk } from "./pngChunks.js";

/** Adam7 (PNG specification, 8.2): where each pass begins, and its distances between columns and rows. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/**
 * An interlaced PNG of one channel and 1, 2 or 4 bits as the same PNG row by row. Each pass is a small picture of its own, with filters of its
 * own, and is decoded as one.
 */
export function deinterlaced(bytes: Uint8Array): Uint8Array {
  const chunks = pngChunks(bytes);
  const header = chunks[0]!.content;
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const [width, height, depth] = [view.getUint32(0), view.getUint32(4), header[8]!];
  const perByte = 8 / depth;
  const stride = (wide: number): number => 1 + Math.ceil(wide / perByte);
  const rows = new Uint8Array(stride(width) * height);
  const data = pictureData(chunks, 2 * rows.length + 1024);
  let at = 0;
  for (const [left, top, across, down] of PASSES) {
    const wide = Math.ceil((width - left) / across);
    const high = Math.ceil((height - top) / down);
    if (wide <= 0 || high <= 0) continue;
    const length = stride(wide) * high;
    const pass = decoded(data.subarray(at, at + length), wide, high, depth);
    at += length;
    for (let i = 0; i < wide * high; i++) {
      const [column, row] = [i % wide, Math.floor(i / wide)];
      const value = sample(pass, row * (stride(wide) - 1), column, depth);
      const x = left + column * across;
      const place = (top + row * down) * stride(width) + 1 + Math.floor(x / perByte);
      rows[place] = rows[place]! | (value << (8 - depth - (x % perByte) * depth));
    }
  }
  const plain = Uint8Array.from(header);
  plain[12] = 0;
  const between = chunks.slice(1, -1).filter(({ type }) => type !== "IDAT");
  return pngOf([{ type: "IHDR", content: plain }, ...between, packed(rows), END]);
}

const END: PngChunk = { type: "IEND", content: new Uint8Array(0) };

const packed = (rows: Uint8Array): PngChunk => ({ type: "IDAT", content: deflateSync(rows, { level: 1 }) });

/** One pass as a grey picture: its packed rows without filters. */
function decoded(rows: Uint8Array, width: number, height: number, depth: number): ArrayLike<number> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = depth;
  return decode(pngOf([{ type: "IHDR", content: header }, packed(rows), END])).data;
}

function sample(data: ArrayLike<number>, row: number, column: number, depth: number): number {
  const bit = column * depth;
  return (data[row + (bit >> 3)]! >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
}

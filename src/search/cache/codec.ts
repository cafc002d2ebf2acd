import type { ImageData8 } from "../engine/engine.js";
import type { Tensor } from "../tensor.js";

/** Tensors, images and scores as bytes: a line of JSON that says the shape, then the values. */

export function encodeTensor({ data, shape }: Tensor): Uint8Array {
  return withHead(shape, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

export function decodeTensor(bytes: Uint8Array): Tensor {
  const { head, body } = split(bytes);
  // A copy: the values must be aligned, and own their memory.
  const data = new Float32Array(body.slice().buffer);
  return { data, shape: head as readonly number[] };
}

export function encodeImage({ width, height, channels, data }: ImageData8): Uint8Array {
  return withHead([width, height, channels], data);
}

export function decodeImage(bytes: Uint8Array): ImageData8 {
  const { head, body } = split(bytes);
  const [width, height, channels] = head as [number, number, 1 | 3];
  return { width, height, channels, data: body.slice() };
}

export function encodeScore(score: number): Uint8Array {
  return withHead(score, new Uint8Array(0));
}

export function decodeScore(bytes: Uint8Array): number {
  return split(bytes).head as number;
}

const END = 10;

function withHead(head: unknown, body: Uint8Array): Uint8Array {
  const text = Buffer.from(`${JSON.stringify(head)}\n`);
  if (body.length === 0) return text;
  const bytes = new Uint8Array(text.length + body.length);
  bytes.set(text);
  bytes.set(body, text.length);
  return bytes;
}

/** Checksums have been compared before: the bytes are what was put. */
function split(bytes: Uint8Array): { readonly head: unknown; readonly body: Uint8Array } {
  const end = bytes.indexOf(END);
  return { head: JSON.parse(Buffer.from(bytes.subarray(0, end)).toString()), body: bytes.subarray(end + 1) };
}

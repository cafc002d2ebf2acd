import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import decode, { init } from "@jsquash/webp/decode.js";
import { checkPixels, type RawPicture } from "./rawPicture.js";

/** As much of the decoder as is used: its own types ask for those of a browser. */
const codec: {
  readonly decode: (
    bytes: ArrayBuffer,
  ) => Promise<{ readonly width: number; readonly height: number; readonly data: Uint8ClampedArray }>;
  readonly init: (module: object) => Promise<void>;
} = { decode, init };
const world = globalThis as unknown as {
  WebAssembly: { Module: new (bytes: Uint8Array) => object };
  ImageData?: unknown;
};

/** A WebP, lossy or lossless, by libwebp itself (as WebAssembly). Animations are not read. */
export async function webpPixels(bytes: Uint8Array): Promise<RawPicture> {
  const { exif, animated } = chunksOf(bytes);
  if (animated) throw new Error("it is an animation, and single pictures are read");
  ready ??= load();
  await ready;
  const { width, height, data } = await codec.decode(bytes.slice().buffer);
  checkPixels(width, height);
  return { width, height, channels: 4, data: new Uint8Array(data), ...(exif ? { exif } : {}) };
}

let ready: Promise<void> | undefined;

async function load(): Promise<void> {
  // What the decoder makes its answer with; browsers have it.
  world.ImageData ??= Pixels;
  await codec.init(new world.WebAssembly.Module(readFileSync(wasmFile())));
}

class Pixels {
  constructor(
    readonly data: Uint8ClampedArray,
    readonly width: number,
    readonly height: number,
  ) {}
}

/** Beside the bundle, or in the package while nothing is bundled. */
function wasmFile(): string {
  const bundled = typeof __dirname === "string" ? join(__dirname, "webp_dec.wasm") : "";
  if (bundled !== "" && existsSync(bundled)) return bundled;
  return createRequire(__filename).resolve("@jsquash/webp/codec/dec/webp_dec.wasm");
}

interface Chunks {
  readonly exif: Uint8Array | undefined;
  readonly animated: boolean;
}

function chunksOf(bytes: Uint8Array): Chunks {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 20) throw new Error("it ends within its header");
  if (view.getUint32(4, true) + 8 > bytes.length) {
    throw new Error(`it says it has ${view.getUint32(4, true) + 8} bytes, but it has ${bytes.length}`);
  }
  let exif: Uint8Array | undefined;
  let animated = false;
  for (let at = 12; at + 8 <= bytes.length;) {
    const type = String.fromCharCode(...bytes.subarray(at, at + 4));
    const length = view.getUint32(at + 4, true);
    const content = bytes.subarray(at + 8, at + 8 + length);
    if (type === "VP8X") {
      const side = (from: number): number =>
        content[from]! + 256 * content[from + 1]! + 65536 * content[from + 2]! + 1;
      checkPixels(side(4), side(7));
    }
    if (type === "ANIM") animated = true;
    // Some writers put JPEG's "Exif\0\0" before it.
    if (type === "EXIF") exif = content[0] === 0x45 ? content.subarray(6) : content;
    at += 8 + length + (length % 2);
  }
  return { exif, animated };
}

import { decode } from "jpeg-js";
import { checkPixels, MOST_PIXELS, type RawPicture } from "./rawPicture.js";

/**
 * A JPEG, baseline or progressive, grey, YCbCr, RGB or CMYK. The decoder is jpeg-js: it repeats subsampled colour where libjpeg interpolates it,
 * so pixels differ a little from Pillow's at edges of colour; brightness differs by rounding alone.
 */
export function jpegPixels(bytes: Uint8Array): RawPicture {
  const { width, height, components, exif } = headerOf(bytes);
  checkPixels(width, height);
  const { data } = decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: MOST_PIXELS / 1e6,
    maxMemoryUsageInMB: 4096,
  });
  const size = width * height;
  const more = exif ? { exif } : {};
  if (components !== 1) return { width, height, channels: 3, data: data.subarray(0, 3 * size), ...more };
  const grey = Uint8Array.from({ length: size }, (_, i) => data[3 * i]!);
  return { width, height, channels: 1, data: grey, ...more };
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly exif: Uint8Array | undefined;
}

/** Walks the segments up to the frame header. */
function headerOf(bytes: Uint8Array): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let exif: Uint8Array | undefined;
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) throw new Error(`there is no marker at byte ${at}`);
    const marker = bytes[at + 1]!;
    if (marker === 0xff || (marker >= 0xd0 && marker <= 0xd7)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    const length = view.getUint16(at + 2);
    const content = bytes.subarray(at + 4, at + 2 + length);
    if (marker === 0xe1 && content[0] === 0x45 && content[1] === 0x78) exif ??= content.subarray(6);
    // Frame headers are C0 to CF, but for C4 (tables), C8 (reserved) and CC (arithmetic coding's tables).
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      if (content.length < 6) break;
      if (content[0] !== 8) throw new Error(`it has ${content[0]} bits a sample, and 8 are read`);
      if (marker > 0xc2) throw new Error("it is lossless or arithmetically coded, which is not read");
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
      return { width, height, components: content[5]!, exif };
    }
    at += 2 + length;
  }
  throw new Error("it ends before its picture begins");
}

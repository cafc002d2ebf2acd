import type { ImageData8 } from "../engine/engine.js";

/** Tag 0x0112 of an EXIF block, 1 (upright) to 8; 1 where there is none or it is damaged. */
export function orientationOf(exif: Uint8Array | undefined): number {
  if (!exif || exif.length < 14) return 1;
  const view = new DataView(exif.buffer, exif.byteOffset, exif.byteLength);
  const little = view.getUint16(0) === 0x4949;
  const first = view.getUint32(4, little);
  if (first + 2 > exif.length) return 1;
  const count = view.getUint16(first, little);
  for (let entry = 0; entry < count; entry++) {
    const at = first + 2 + 12 * entry;
    if (at + 12 > exif.length) return 1;
    if (view.getUint16(at, little) !== 0x0112) continue;
    const value = view.getUint16(at + 8, little);
    return value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}

/** The picture upright: 2 is mirrored, 3 upside down, 6 and 8 lie on a side, 4, 5 and 7 are those mirrored. */
export function upright(image: ImageData8, orientation: number): ImageData8 {
  if (orientation === 1) return image;
  const { width, height, channels, data } = image;
  const turned = orientation >= 5;
  const [wide, high] = turned ? [height, width] : [width, height];
  const out = new Uint8Array(data.length);
  for (let y = 0; y < high; y++) {
    for (let x = 0; x < wide; x++) {
      const [fromX, fromY] = source(orientation, x, y, width, height);
      const [to, from] = [(y * wide + x) * channels, (fromY * width + fromX) * channels];
      for (let channel = 0; channel < channels; channel++) out[to + channel] = data[from + channel]!;
    }
  }
  return { width: wide, height: high, channels, data: out };
}

/** Where the pixel that stands at (x, y) upright lies in the file. */
function source(
  orientation: number,
  x: number,
  y: number,
  width: number,
  height: number,
): readonly [x: number, y: number] {
  const [right, bottom] = [width - 1, height - 1];
  switch (orientation) {
    case 2:
      return [right - x, y];
    case 3:
      return [right - x, bottom - y];
    case 4:
      return [x, bottom - y];
    case 5:
      return [y, x];
    case 6:
      return [y, bottom - x];
    case 7:
      return [right - y, bottom - x];
    default:
      return [right - y, x];
  }
}

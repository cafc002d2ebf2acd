import { convertIndexedToRgb, decode, type DecodedPng } from "fast-png";
import { deinterlaced } from "./deinterlaced.js";
import { pngChunks } from "./pngChunks.js";
import { checkPixels, type RawPicture } from "./rawPicture.js";

/**
 * A PNG of any colour type and depth, interlaced or not. 16 bits keep their upper 8, as libpng's strip; 1, 2 and 4 bits are spread over
 * 0..255; a colour that the file calls transparent (tRNS) gets alpha 0. Of an animation the first picture.
 */
export function pngPixels(bytes: Uint8Array): RawPicture {
  const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 33) throw new Error("it ends within its header");
  checkPixels(header.getUint32(16), header.getUint32(20));
  const exif = pngChunks(bytes).find(({ type }) => type === "eXIf")?.content;
  const [depth, isInterlaced] = [bytes[24]!, bytes[28] === 1];
  // fast-png mistakes the packed rows of interlaced pictures of less than 8 bits.
  const png = decode(isInterlaced && depth < 8 ? deinterlaced(bytes) : bytes);
  return { ...pixels(png), ...(exif ? { exif } : {}) };
}

function pixels(png: DecodedPng): RawPicture {
  const { width, height, palette, transparency } = png;
  if (palette) {
    const data = convertIndexedToRgb(png);
    return { width, height, channels: palette[0]!.length === 4 ? 4 : 3, data };
  }
  const channels = png.channels as RawPicture["channels"];
  const samples = unpacked(png);
  const whole = samples.length;
  if (whole !== width * height * channels) throw new Error("its data end too early");
  const data = new Uint8Array(whole);
  const scale = png.depth < 8 ? 255 / (2 ** png.depth - 1) : 1;
  for (let i = 0; i < whole; i++) data[i] = png.depth === 16 ? samples[i]! >> 8 : samples[i]! * scale;
  if (!transparency || transparency.length !== channels) return { width, height, channels, data };
  return { width, height, ...withKey(data, samples, channels, transparency) };
}

/** Samples one by one: rows of less than 8 bits are packed, each row beginning at a byte. */
function unpacked({ data, depth, width, height, channels }: DecodedPng): ArrayLike<number> {
  if (depth >= 8) return data;
  const stride = Math.ceil((width * channels * depth) / 8);
  const samples = new Uint8Array(width * channels * height);
  for (let i = 0; i < samples.length; i++) {
    const row = Math.floor(i / (width * channels));
    const bit = (i - row * width * channels) * depth;
    const byte = data[row * stride + (bit >> 3)]!;
    samples[i] = (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  }
  return samples;
}

/** The same with an alpha channel that is 0 where a pixel has the transparent colour. */
function withKey(
  data: Uint8Array,
  samples: ArrayLike<number>,
  channels: number,
  key: ArrayLike<number>,
): { channels: 2 | 4; data: Uint8Array } {
  const count = data.length / channels;
  const out = new Uint8Array(count * (channels + 1));
  for (let i = 0; i < count; i++) {
    let same = true;
    for (let channel = 0; channel < channels; channel++) {
      out[i * (channels + 1) + channel] = data[i * channels + channel]!;
      same &&= samples[i * channels + channel] === key[channel];
    }
    out[i * (channels + 1) + channels] = same ? 0 : 255;
  }
  return { channels: channels === 1 ? 2 : 4, data: out };
}

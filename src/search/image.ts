import { encodePng } from "./png.js";
import type { ImageData8 } from "./engine/engine.js";
import { InputError } from "./inputError.js";
import { resize, type Filter } from "./pictures/index.js";
import { oneOf, shown, wholeNumber } from "./check.js";

/** 8-bit grey (1 channel) or sRGB (3 channels), row by row, channels interleaved. */
export class Image implements ImageData8 {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;

  constructor(pixels: ImageData8) {
    this.width = pixels.width;
    this.height = pixels.height;
    this.channels = pixels.channels;
    this.data = pixels.data;
  }

  /** Three planes red, green, blue of height x width values in 0..1; the three are equal for a grey image. */
  get rgb(): readonly Float32Array[] {
    const count = this.width * this.height;
    const planes = Array.from({ length: this.channels }, (_, channel) =>
      Float32Array.from({ length: count }, (_, i) => this.data[i * this.channels + channel]! / 255),
    );
    return planes.length === 3 ? planes : [planes[0]!, planes[0]!.slice(), planes[0]!.slice()];
  }

  toPNG(): Uint8Array {
    return encodePng(this);
  }

  /** At another size, equal to Pillow byte for byte. */
  resize(width: number, height: number, filter: Filter = "bicubic"): Image {
    return new Image(resize(this, width, height, filter));
  }
}

/** An image of `data`, row by row, channels interleaved (1 or 3; by default what the length says), 8 bit. The data are copied. */
export function imageFrom(data: Uint8Array, width: number, height: number, channels?: 1 | 3): Image {
  wholeNumber(width, "width", 1);
  wholeNumber(height, "height", 1);
  if (!(data instanceof Uint8Array || (data as unknown) instanceof Uint8ClampedArray)) {
    throw new InputError(`imageFrom needs a Uint8Array of pixels, but got ${shown(data)}.`);
  }
  const planes = channels ?? (data.length === width * height * 3 ? 3 : 1);
  oneOf(String(planes), "channels", ["1", "3"]);
  if (data.length !== width * height * planes) {
    throw new InputError(
      `An image of ${width} x ${height} with ${planes} channel(s) has ${width * height * planes} values, but the data have ${data.length}.`,
    );
  }
  return new Image({ width, height, channels: planes, data: Uint8Array.from(data) });
}

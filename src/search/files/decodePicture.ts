import { messageOf } from "../check.js";
import type { ImageData8 } from "../engine/engine.js";
import { InputError } from "../inputError.js";
import { flatten } from "./flatten.js";
import { jpegPixels } from "./jpegPixels.js";
import { orientationOf, upright } from "./orientation.js";
import { PICTURE_KINDS, pictureKind, type PictureKind } from "./pictureKind.js";
import { pngPixels } from "./pngPixels.js";
import type { RawPicture } from "./rawPicture.js";
import { webpPixels } from "./webpPixels.js";

/**
 * The pixels of a PNG, JPEG or WebP file: 8 bit, grey or RGB, alpha laid on white, turned upright as its EXIF data say. Colour profiles are not
 * applied: the numbers are those of the file, as Pillow reads them. `file` is its name for messages; what it is, its first bytes say.
 */
export async function decodePicture(bytes: Uint8Array, file: string): Promise<ImageData8> {
  const kind = pictureKind(bytes);
  if (typeof kind !== "string") {
    throw new InputError(
      `${file} is no picture that is read here: it is ${kind.found}. There is: ${PICTURE_KINDS.join(", ")}. Convert it to one of them.`,
    );
  }
  let picture: RawPicture;
  try {
    picture = await READERS[kind](bytes);
  } catch (error) {
    throw new InputError(
      `${file} begins as a ${kind}, but cannot be read: ${messageOf(error)}. It may be cut off or damaged: fetch or save it again.`,
    );
  }
  return upright(flatten(picture), orientationOf(picture.exif));
}

const READERS: Readonly<Record<PictureKind, (bytes: Uint8Array) => RawPicture | Promise<RawPicture>>> = {
  PNG: pngPixels,
  JPEG: jpegPixels,
  WebP: webpPixels,
};

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Image, InputError } from "../../search/index.js";
import type * as PicturesBundle from "../pictures/main.js";

/**
 * The picture in a PNG, JPEG or WebP file. A relative path starts at the notebook's folder. 8 bit, grey or RGB: alpha is laid on white, 16 bits
 * keep their upper 8, EXIF orientation is applied. PNG and WebP give Pillow's pixels; a JPEG with halved colour differs from them by up to 24 of 255
 * at edges of colour, because jpeg-js repeats what libjpeg interpolates: for exact scores of such files, save them as PNG first. What is no such file is said with its name and what was found in it.
 */
export async function loadImage(path: unknown, directory: string): Promise<Image> {
  if (typeof path !== "string" || path === "") {
    throw new InputError(
      `loadImage needs the path of a PNG, JPEG or WebP file, but got ${path === "" ? "an empty text" : typeof path}.`,
    );
  }
  const file = path.startsWith("file:") ? fileURLToPath(path) : resolve(directory, path);
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`loadImage cannot read ${path}: ${reason(error)} (looked for ${file}).`);
  });
  return new Image(await bundle().decodePicture(bytes, path));
}

function reason({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a folder";
  return code === "EACCES" ? "it may not be read by this user" : message;
}

let loaded: typeof PicturesBundle | undefined;

function bundle(): typeof PicturesBundle {
  loaded ??= createRequire(__filename)(join(__dirname, "pictures.js")) as typeof PicturesBundle;
  return loaded;
}

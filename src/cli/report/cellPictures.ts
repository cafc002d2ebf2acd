import { readFileSync, statSync } from "node:fs";
import type { Cell } from "../../document/notebook.js";
import { isObject } from "../../document/shape.js";
import { placeOf } from "../folderFile.js";
import { pathIn } from "./pathIn.js";

/** What stands for a picture in a page that loads nothing: its bytes as a data: URI, or a sentence that says why they are not there. */
export type Picture = { readonly data: string } | { readonly missing: string };

/** A file of more bytes would make a page that no browser opens with pleasure. */
const LARGEST = 20_000_000;

/**
 * The pictures that a Markdown cell names, as data: files of the notebook's folder, and attachments that came with a Jupyter notebook. Nothing
 * else is read: what lies outside of the folder or is no picture stays where it is, and an address on the network is not asked.
 */
export function cellPictures(cell: Cell, folder: string): (address: string) => Picture {
  return (address) => {
    if (address.startsWith("data:image/")) return { data: address };
    if (address.startsWith("attachment:")) return attachedPicture(cell, address.slice("attachment:".length));
    const path = pathIn(address);
    return path === undefined
      ? { missing: `${address} is not loaded, because this page asks nothing of the network` }
      : fromFolder(path, folder);
  };
}

function fromFolder(path: string, folder: string): Picture {
  const place = placeOf(path, folder);
  if (place === "outside") return { missing: `${path} lies outside of the notebook's folder` };
  if (typeof place !== "object") return { missing: `there was no file ${path}` };
  if (statSync(place.path).size > LARGEST) return { missing: `${path} has more than ${LARGEST / 1e6} MB` };
  const bytes = readFileSync(place.path);
  const mime = mimeOf(bytes);
  if (!mime) return { missing: `${path} is no PNG, JPEG, GIF, WebP or SVG file` };
  return { data: `data:${mime};base64,${bytes.toString("base64")}` };
}

/** `encoded`: the attachment's name as an address has it, with %20 for a space. */
export function attachedPicture({ extra }: Cell, encoded: string): Picture {
  const name = pathIn(encoded) ?? encoded;
  const jupyter = extra["x-ipynb"];
  const attachments = isObject(jupyter) ? jupyter["attachments"] : undefined;
  const kinds = isObject(attachments) && Object.hasOwn(attachments, name) ? attachments[name] : undefined;
  for (const [mime, data] of Object.entries(isObject(kinds) ? kinds : {}))
    if (
      /^image\/[\w.+-]+$/.test(mime) &&
      typeof data === "string" &&
      /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(data)
    )
      return { data: `data:${mime};base64,${data.replace(/\s/g, "")}` };
  return { missing: `the cell has no attachment ${name}` };
}

/** By how the file begins: its name says nothing. An SVG is shown as a picture, in which no script runs and nothing is loaded. */
function mimeOf(bytes: Buffer): string | undefined {
  const begins = (text: string, at = 0): boolean => bytes.toString("latin1", at, at + text.length) === text;
  if (begins("\x89PNG\r\n\x1a\n")) return "image/png";
  if (begins("\xff\xd8\xff")) return "image/jpeg";
  if (begins("GIF87a") || begins("GIF89a")) return "image/gif";
  if (begins("RIFF") && begins("WEBP", 8)) return "image/webp";
  const head = bytes
    .toString("utf8", 0, 1000)
    .replace(/^\uFEFF?(?:\s|<\?xml[^>]*>|<!--[^]*?-->|<!DOCTYPE[^>]*>)*/i, "");
  return /^<svg[\s>]/i.test(head) ? "image/svg+xml" : undefined;
}

/** Formats that are read. */
export const PICTURE_KINDS = ["PNG", "JPEG", "WebP"] as const;
export type PictureKind = (typeof PICTURE_KINDS)[number];

/** What the first bytes of a file say it is: one of `PICTURE_KINDS`, or in words what was found instead. */
export function pictureKind(bytes: Uint8Array): PictureKind | { readonly found: string } {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 64)).toString("latin1");
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "PNG";
  if (text.startsWith("\xff\xd8\xff")) return "JPEG";
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") return "WebP";
  return { found: otherKind(bytes, text) };
}

function otherKind(bytes: Uint8Array, text: string): string {
  if (bytes.length === 0) return "nothing: the file is empty";
  const brand = text.slice(8, 12);
  if (text.slice(4, 8) === "ftyp") return /^avi/.test(brand) ? "an AVIF picture" : `a file of type ${brand}`;
  const known = KNOWN.find(([start]) => text.startsWith(start));
  if (known) return known[1];
  if (/^\s*(<\?xml|<svg|<!doctype|<html)/i.test(text)) return "a text in XML or HTML";
  const start = [...bytes.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `a file that begins with ${start}`;
}

const KNOWN: readonly (readonly [start: string, name: string])[] = [
  ["GIF8", "a GIF picture"],
  ["BM", "a BMP picture"],
  ["II*\0", "a TIFF picture"],
  ["MM\0*", "a TIFF picture"],
  ["\0\0\x01\0", "an icon (ICO)"],
  ["\xff\x0a", "a JPEG XL picture"],
  ["\0\0\0\x0cJXL", "a JPEG XL picture"],
  ["8BPS", "a Photoshop document"],
  ["%PDF", "a PDF document"],
  ["PK\x03\x04", "a ZIP archive"],
  ["version https://git-lfs", "a Git LFS pointer instead of the file itself: run git lfs pull"],
];

import { Image, Samples } from "../../search/index.js";
import { MIME, type WireItem } from "../protocol.js";
import { contactSheet } from "./contactSheet.js";
import type { Formatter } from "./formatValue.js";

export const pngItem = (image: Image): WireItem => ({
  mime: MIME.png,
  base64: Buffer.from(image.toPNG()).toString("base64"),
});

const plainItem = (text: string): WireItem => ({ mime: MIME.plain, text });

const sized = ({ width, height, channels }: Image): string =>
  `${width} x ${height}, ${channels === 1 ? "grey" : "colour"}`;

const formatImage: Formatter = (value) =>
  value instanceof Image ? [pngItem(value), plainItem(`Image ${sized(value)}`)] : undefined;

/** Plain samples, or an array of nothing but images. */
const formatImages: Formatter = (value) => {
  // The first one tells soon enough of a billion others that they are none.
  const isList =
    Array.isArray(value) && value[0] instanceof Image && value.every((item) => item instanceof Image);
  if (!isList && !(value instanceof Samples)) return undefined;
  const images: readonly Image[] = value instanceof Samples ? value.images : value;
  const sheet = contactSheet(images);
  const [first] = images;
  if (!sheet || !first) return [plainItem("No images")];
  const seeds = value instanceof Samples ? `, seeds ${shortList(value.seeds)}` : "";
  const count = `${images.length} ${images.length === 1 ? "image" : "images"}`;
  return [pngItem(sheet), plainItem(`${count} of ${sized(first)}${seeds}`)];
};

const shortList = (values: readonly (number | bigint)[]): string =>
  values.length > 12 ? `${values.slice(0, 12).join(", ")}, … (${values.length})` : values.join(", ");

export const imageFormats: readonly Formatter[] = [formatImage, formatImages];

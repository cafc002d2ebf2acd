import { drawAtlas, encodePng, Image, Samples } from "../../search/index.js";
import { MIME, type SamplesOutput, type WireItem } from "../protocol.js";
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
  const json = samplesOutput(images, value instanceof Samples ? value.seeds : undefined);
  const seeds = value instanceof Samples ? `, seeds ${shortList(value.seeds)}` : "";
  const count = `${images.length} ${images.length === 1 ? "image" : "images"}`;
  return [{ mime: MIME.samples, json }, pngItem(sheet), plainItem(`${count} of ${sized(first)}${seeds}`)];
};

/** More are on the disk, not to be looked at. */
const MOST = 64;
/** Pixels of all tiles: as many as are read and saved at once. */
const PIXELS = 2_000_000;
const LONGEST_SIDE = 512;

/** For the view of images: as they are where there are few, smaller where there are many. */
function samplesOutput(
  images: readonly Image[],
  seeds: readonly (number | bigint)[] | undefined,
): SamplesOutput {
  const kept = images.slice(0, MOST);
  const { width, height } = images[0]!;
  // An atlas has tiles of one size and kind: what differs from the first begins another one.
  const side = Math.min(LONGEST_SIDE, Math.floor(Math.sqrt(PIXELS / kept.length)));
  const groups: Image[][] = [];
  for (const image of kept) {
    const group = groups.at(-1);
    const same = group?.[0];
    const fits =
      same?.width === image.width && same.height === image.height && same.channels === image.channels;
    if (group && fits) group.push(image);
    else groups.push([image]);
  }
  const atlas = groups.flatMap((group) =>
    drawAtlas(
      group.map((image, i) => ({ id: String(i), image })),
      encodePng,
      side,
    ),
  );
  const digits = seeds?.slice(0, MOST).map(String);
  return { version: 1, count: images.length, size: [width, height], ...(digits && { seeds: digits }), atlas };
}

const shortList = (values: readonly (number | bigint)[]): string =>
  values.length > 12 ? `${values.slice(0, 12).join(", ")}, … (${values.length})` : values.join(", ");

export const imageFormats: readonly Formatter[] = [formatImage, formatImages];

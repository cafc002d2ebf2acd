import type { AtlasChunk } from "../../src/search/record.js";
import { isDictionary, list, number } from "./fields.js";
import type { Oddities } from "./oddities.js";

/** Of one PNG: those of this project have a sixteenth. */
const MOST_PIXELS = 4096 * 4096;

/** A picture is shown only when it says that it is a PNG: no other kind of data ever reaches an image element. */
export function parseAtlas(value: unknown, odd: Oddities): AtlasChunk[] {
  const chunks: AtlasChunk[] = [];
  for (const entry of list(value)) {
    const chunk = isDictionary(entry) ? entry : {};
    const [width, height] = list(chunk["tile"]).map(number);
    const columns = number(chunk["columns"]);
    const png = chunk["png"];
    if (!width || !height || !columns || !sane(width) || !sane(height) || !sane(columns) || !isPng(png))
      odd.pictures++;
    else {
      const ids = list(chunk["ids"]).filter((id): id is string => typeof id === "string");
      chunks.push({ ids, tile: [width, height], columns, png });
    }
  }
  return chunks;
}

const sane = (side: number): boolean => Number.isInteger(side) && side > 0 && side <= 4096;
const isPng = (value: unknown): value is string =>
  typeof value === "string" &&
  value.startsWith("iVBORw0KGgo") &&
  /^[A-Za-z0-9+/]+=*$/.test(value) &&
  pixelsOf(value) <= MOST_PIXELS;

/** By its header: a few bytes may say that they unfold to more than a window can draw in time. */
function pixelsOf(png: string): number {
  const bytes = atob(png.slice(0, 32));
  const side = (at: number): number =>
    [0, 1, 2, 3].reduce((sum, i) => 256 * sum + (bytes.charCodeAt(at + i) || 0), 0);
  return side(16) * side(20);
}

import type * as Png from "fast-png";
import { fromBase64, toBase64 } from "../base64.js";

let codec: typeof Png | undefined;

/** To be awaited before a summary is made. Apart, because reading it would double the time that VS Code waits for the extension to start. */
export async function loadCodec(): Promise<void> {
  codec ??= await import("fast-png");
}

/** One thumbnail: width x height x channels bytes, row by row. */
export interface Tile {
  readonly id: string;
  readonly data: Uint8Array;
}

export interface TileShape {
  readonly width: number;
  readonly height: number;
  /** 1 to 4. */
  readonly channels: number;
}

/** An atlas chunk as a search's output stores it. */
export interface Chunk {
  readonly ids: readonly string[];
  readonly tile: readonly [width: number, height: number];
  readonly columns: number;
  /** base64 */
  readonly png: string;
}

/** The thumbnails of a chunk. Undefined where the picture is no 8-bit PNG of the size that the chunk claims, and before `loadCodec`. */
export function tilesOf({
  ids,
  tile: [width, height],
  columns,
  png,
}: Chunk): { shape: TileShape; tiles: Tile[] } | undefined {
  if (!codec) return undefined;
  let image: Png.DecodedPng;
  try {
    image = codec.decode(fromBase64(png));
  } catch {
    return undefined;
  }
  const { channels } = image;
  const rows = Math.ceil(ids.length / columns);
  if (image.depth !== 8 || image.palette || image.width < columns * width || image.height < rows * height)
    return undefined;
  const tiles = ids.map((id, index) => {
    const data = new Uint8Array(width * height * channels);
    const left = (index % columns) * width;
    const top = Math.floor(index / columns) * height;
    for (let y = 0; y < height; y++) {
      const start = ((top + y) * image.width + left) * channels;
      data.set(image.data.subarray(start, start + width * channels), y * width * channels);
    }
    return { id, data };
  });
  return { shape: { width, height, channels }, tiles };
}

/** The same bytes for the same tiles. */
export function chunkOf(tiles: readonly Tile[], { width, height, channels }: TileShape): Chunk {
  const columns = Math.min(16, Math.max(1, tiles.length));
  const rows = Math.max(1, Math.ceil(tiles.length / columns));
  const data = new Uint8Array(columns * width * rows * height * channels);
  tiles.forEach(({ data: pixels }, index) => {
    const left = (index % columns) * width;
    const top = Math.floor(index / columns) * height;
    for (let y = 0; y < height; y++)
      data.set(
        pixels.subarray(y * width * channels, (y + 1) * width * channels),
        ((top + y) * columns * width + left) * channels,
      );
  });
  if (!codec) throw new Error("loadCodec was not awaited");
  const png = codec.encode({ width: columns * width, height: rows * height, channels, data, depth: 8 });
  return { ids: tiles.map(({ id }) => id), tile: [width, height], columns, png: toBase64(png) };
}

import type { ImageData8 } from "../engine/engine.js";
import type { AtlasChunk, CandidateId } from "../record.js";

export interface Thumbnail {
  readonly id: CandidateId;
  readonly image: ImageData8;
}

/** Longest side of a thumbnail. */
const SIDE = 64;
const COLUMNS = 16;
/** In one PNG: keeps a chunk small enough to be decoded between two frames. */
const TILES = 256;

/** Thumbnails of one size, in order, 16 in a row, at most 256 in a PNG; no side of one longer than `side` pixels. */
export function drawAtlas(
  thumbnails: readonly Thumbnail[],
  encode: (image: ImageData8) => Uint8Array,
  side = SIDE,
): AtlasChunk[] {
  const chunks: AtlasChunk[] = [];
  for (let start = 0; start < thumbnails.length; start += TILES) {
    const part = thumbnails.slice(start, start + TILES);
    const tiles = part.map(({ image }) => shrink(image, side));
    const { width, height, channels } = tiles[0]!;
    const columns = Math.min(COLUMNS, tiles.length);
    const rows = Math.ceil(tiles.length / columns);
    const data = new Uint8Array(rows * height * columns * width * channels);
    tiles.forEach((tile, i) => {
      const left = (i % columns) * width;
      const top = Math.floor(i / columns) * height;
      for (let y = 0; y < height; y++) {
        const row = tile.data.subarray(y * width * channels, (y + 1) * width * channels);
        data.set(row, ((top + y) * columns * width + left) * channels);
      }
    });
    const png = encode({ width: columns * width, height: rows * height, channels, data });
    chunks.push({
      ids: part.map(({ id }) => id),
      tile: [width, height],
      columns,
      png: Buffer.from(png).toString("base64"),
    });
  }
  return chunks;
}

/** Characters of base64 that a picture at full size may have. */
const WHOLE = 700_000;

/**
 * A chunk with one picture at full size, for the one that a thumbnail would not do justice: with at most 1024 pixels a side, or half as many as
 * often as it takes to stay below 700,000 characters. None for a picture that is no larger than a thumbnail.
 */
export function drawWhole(
  thumbnail: Thumbnail,
  encode: (image: ImageData8) => Uint8Array,
): readonly AtlasChunk[] {
  const { width, height } = thumbnail.image;
  for (let side = Math.min(1024, Math.max(width, height)); side > SIDE; side = Math.floor(side / 2)) {
    const chunks = drawAtlas([thumbnail], encode, side);
    if (chunks.every(({ png }) => png.length <= WHOLE)) return chunks;
  }
  return [];
}

/** Means over blocks of a whole number of pixels. */
function shrink(image: ImageData8, side: number): ImageData8 {
  const factor = Math.ceil(Math.max(image.width, image.height) / side);
  if (factor <= 1) return image;
  const width = Math.floor(image.width / factor);
  const height = Math.floor(image.height / factor);
  const { channels } = image;
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    const channel = i % channels;
    const x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    let sum = 0;
    for (let dy = 0; dy < factor; dy++) {
      for (let dx = 0; dx < factor; dx++) {
        sum += image.data[((y * factor + dy) * image.width + x * factor + dx) * channels + channel]!;
      }
    }
    data[i] = Math.round(sum / (factor * factor));
  }
  return { width, height, channels, data };
}

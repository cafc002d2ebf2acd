import { isObject } from "../shape.js";
import { chunkOf, tilesOf, type Chunk, type Tile, type TileShape } from "./tiles.js";

/** Characters of base64 that the thumbnails of one search may have. */
const ATLAS = 140_000;
/** Longest side of a thumbnail in pixels. */
const THUMBNAIL = 64;
/** The same for the picture that machines without this extension show. */
const SHEET = 24_000;

export interface SearchSummary {
  /** The search's output with its record whole and the thumbnails that matter. */
  readonly json: unknown;
  /** base64 of a PNG of the best of each round, as many as fit; absent while there are no thumbnails. */
  readonly sheet?: string;
}

/** Of outputs that are the same object as at an earlier save. */
const ofOutputs = new WeakMap<object, SearchSummary>();
/** By the pictures and by who of them is wanted, also of outputs that were read anew. */
const summaries = new Map<string, SearchSummary>();
/** Characters of the pictures whose summaries are remembered: those of some hundred searches. */
const REMEMBERED = 30_000_000;
let remembered = 0;

/**
 * What a reader looks at: all numbers, and of the pictures the best of each round first, then what they come from, then the others from
 * the newest. Undefined for an output that is small as it is, or whose pictures cannot be read.
 */
export function summariseSearch(json: unknown): SearchSummary | undefined {
  if (!isObject(json) || !isObject(json["record"]) || !Array.isArray(json["atlas"])) return undefined;
  const made = ofOutputs.get(json);
  if (made) return made;
  const all = json["atlas"].filter(isChunk);
  const chunks = all.filter((chunk) => !isWhole(chunk));
  const size = chunks.reduce((sum, { png }) => sum + png.length, 0);
  if (size <= ATLAS || all.length < json["atlas"].length) return undefined;
  // VS Code saves often, and packing pictures takes longer than all the rest of a save.
  const wanted = priorities(json["record"]);
  const key = JSON.stringify([
    wanted,
    chunks.map(({ ids, tile, columns, png }) => [ids, tile, columns, png]),
  ]);
  const known = summaries.get(key);
  const summary = known ?? packed(wanted, chunks);
  if (!summary) return undefined;
  remember(key, summary);
  const { atlas } = summary.json as { atlas: readonly Chunk[] };
  const whole = { ...summary, json: { ...json, atlas: [...atlas, ...all.filter(isWhole)] } };
  ofOutputs.set(json, whole);
  return whole;
}

/** One picture at full size, beside its thumbnail: the best of the run. */
const isWhole = ({ ids, tile }: Chunk): boolean => ids.length === 1 && Math.max(...tile) > THUMBNAIL;

/** Characters of the search's pictures at full size. */
export function sizeOfWhole(json: unknown): number {
  if (!isObject(json) || !Array.isArray(json["atlas"])) return 0;
  return json["atlas"]
    .filter(isChunk)
    .filter(isWhole)
    .reduce((sum, { png }) => sum + png.length, 0);
}

/** The search's output without pictures at full size; undefined for one that has none. */
export function withoutWhole(json: unknown): unknown {
  if (!isObject(json) || !Array.isArray(json["atlas"])) return undefined;
  const small = json["atlas"].filter((chunk) => !isChunk(chunk) || !isWhole(chunk));
  return small.length < json["atlas"].length ? { ...json, atlas: small } : undefined;
}

/** base64 of a PNG of the thumbnails, the best first, as many as fit; undefined where they cannot be read. */
export function sheetOf(json: unknown): string | undefined {
  if (!isObject(json) || !isObject(json["record"]) || !Array.isArray(json["atlas"])) return undefined;
  const chunks = json["atlas"].filter(isChunk).filter((chunk) => !isWhole(chunk));
  return packed(priorities(json["record"]), chunks)?.sheet;
}

/** As the one used last; those used longest ago make way. */
function remember(key: string, summary: SearchSummary): void {
  if (!summaries.delete(key)) remembered += key.length;
  summaries.set(key, summary);
  for (const oldest of summaries.keys()) {
    if (remembered <= REMEMBERED || oldest === key) break;
    summaries.delete(oldest);
    remembered -= oldest.length;
  }
}

function packed({ first, all }: Priorities, chunks: readonly Chunk[]): SearchSummary | undefined {
  const decoded = chunks.map(tilesOf);
  const shape = decoded[0]?.shape;
  if (
    !shape ||
    decoded.some(
      (one) =>
        one?.shape.width !== shape.width ||
        one.shape.height !== shape.height ||
        one.shape.channels !== shape.channels,
    )
  )
    return undefined;
  // Of a picture that was replaced the later one counts.
  const tiles = new Map(decoded.flatMap((one) => one?.tiles ?? []).map((tile) => [tile.id, tile]));
  const order = [...new Set([...all, ...[...tiles.keys()].reverse()])].flatMap((id) => tiles.get(id) ?? []);
  const atlas = fitting(order, shape, ATLAS);
  if (!atlas) return undefined;
  const sheet = fitting(spread(first.flatMap((id) => tiles.get(id) ?? [])), shape, SHEET);
  return { json: { atlas: [atlas] }, ...(sheet && { sheet: sheet.png }) };
}

/** Ids of candidates, those first that a reader looks for. */
interface Priorities {
  /** The best of the run and of each round. */
  readonly first: readonly string[];
  /** Also what they come from. */
  readonly all: readonly string[];
}

function priorities(record: Readonly<Record<string, unknown>>): Priorities {
  const rounds = list(record["rounds"]).flatMap((round) =>
    typeof round["best"] === "string" ? [round["best"]] : [],
  );
  const best = typeof record["best"] === "string" ? [record["best"]] : [];
  const first = [...new Set([...best, ...rounds])];
  const wanted = new Set(first);
  const candidates = list(record["candidates"]);
  const parents = candidates
    .filter(({ id }) => typeof id === "string" && wanted.has(id))
    .flatMap(({ parents: above }) => (Array.isArray(above) ? (above as unknown[]) : []))
    .filter((id) => typeof id === "string");
  const kept = candidates
    .filter(({ status }) => status === "kept" || status === "final")
    .flatMap(({ id }) => (typeof id === "string" ? [id] : []));
  return { first, all: [...first, ...parents, ...kept] };
}

/** As many of the tiles, from the front, as fit into so many characters of base64. */
function fitting(tiles: readonly Tile[], shape: TileShape, characters: number): Chunk | undefined {
  let count = tiles.length;
  while (count > 0) {
    const chunk = chunkOf(tiles.slice(0, count), shape);
    if (chunk.png.length <= characters) return chunk;
    // A little less than in proportion: pictures differ.
    count = Math.min(count - 1, Math.floor((count * characters * 0.95) / chunk.png.length));
  }
  return undefined;
}

/** The first, then 31 others evenly from all. */
function spread(tiles: readonly Tile[]): Tile[] {
  const most = Math.min(32, tiles.length);
  const chosen = Array.from({ length: most }, (_, index) => tiles[Math.floor((index * tiles.length) / most)]);
  return chosen.flatMap((tile) => tile ?? []);
}

const list = (value: unknown): Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

function isChunk(value: unknown): value is Chunk {
  if (!isObject(value)) return false;
  const { ids, tile, columns, png } = value;
  return (
    Array.isArray(ids) &&
    ids.every((id) => typeof id === "string") &&
    Array.isArray(tile) &&
    tile.length === 2 &&
    tile.every(isSize) &&
    isSize(columns) &&
    typeof png === "string"
  );
}

/** A picture that claims to be larger is not unpacked. */
const isSize = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) > 0 && Number(value) <= 4096;

import type { AtlasChunk, CandidateId } from "../src/search/record.js";
import type { Pen } from "./pen.js";

interface Tile {
  readonly image: HTMLImageElement;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The thumbnails of a run, decoded by the browser once for each picture; `loaded` is called when one is ready to be drawn. */
export class Atlas {
  /** Grows whenever something can be drawn that could not before. */
  version = 0;
  private readonly images = new Map<string, HTMLImageElement>();
  private tiles = new Map<CandidateId, Tile>();
  private chunks: readonly (readonly AtlasChunk[])[] = [];

  constructor(private readonly loaded: () => void) {}

  /** `sources`: of the record, and what was asked for besides. */
  update(...sources: readonly (readonly AtlasChunk[])[]): void {
    if (sources.length === this.chunks.length && sources.every((source, i) => source === this.chunks[i]))
      return;
    this.chunks = sources;
    const chunks = sources.flat();
    this.version++;
    const used = new Set(chunks.map(({ png }) => png));
    for (const png of this.images.keys()) if (!used.has(png)) this.images.delete(png);
    this.tiles = new Map();
    for (const { ids, tile, columns, png } of chunks) {
      const image = this.image(png);
      const [width, height] = tile;
      ids.forEach((id, i) => {
        const known = this.tiles.get(id);
        // The best may be there twice, small and whole.
        if (known && known.width > width) return;
        this.tiles.set(id, {
          image,
          x: (i % columns) * width,
          y: Math.floor(i / columns) * height,
          width,
          height,
        });
      });
    }
  }

  /** There is a picture, though it may not be decoded yet. */
  has(id: CandidateId): boolean {
    return this.tiles.has(id);
  }

  size(id: CandidateId): readonly [width: number, height: number] | undefined {
    const tile = this.tiles.get(id);
    return tile && ready(tile) ? [tile.width, tile.height] : undefined;
  }

  /** False when there is no picture (yet): the caller draws what stands for it. */
  draw(context: Pen, id: CandidateId, x: number, y: number, width: number, height: number): boolean {
    const tile = this.tiles.get(id);
    if (!tile || !ready(tile)) return false;
    const scale = Math.min(width / tile.width, height / tile.height);
    const [w, h] = [tile.width * scale, tile.height * scale];
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "high";
    context.drawImage(
      tile.image,
      tile.x,
      tile.y,
      tile.width,
      tile.height,
      x + (width - w) / 2,
      y + (height - h) / 2,
      w,
      h,
    );
    return true;
  }

  private image(png: string): HTMLImageElement {
    const known = this.images.get(png);
    if (known) return known;
    const image = new Image();
    image.onload = () => {
      this.version++;
      this.loaded();
    };
    image.src = `data:image/png;base64,${png}`;
    this.images.set(png, image);
    return image;
  }
}

function ready({ image, x, y }: Tile): boolean {
  return image.complete && x < image.naturalWidth && y < image.naturalHeight;
}

/** The same for a picture that is looked at closely: whole, where it was asked for. */
export function wholeAt(atlas: Atlas, id: CandidateId, cursor: number | undefined): string | undefined {
  const whole = `${id}@full`;
  return cursor === undefined && atlas.has(whole) ? whole : pictureAt(atlas, id, cursor);
}

/** The picture of a candidate at the cursor's level, if there is one; without a cursor as it ended. */
export function pictureAt(atlas: Atlas, id: CandidateId, cursor: number | undefined): string | undefined {
  const at = `${id}@${cursor}`;
  if (cursor !== undefined && atlas.has(at)) return at;
  return atlas.has(id) ? id : undefined;
}

import { imageFrom, type Image } from "../../search/index.js";

const GAP = 4;
const FRAME = 3;
/** Small images are enlarged by a whole number until they are about this wide. */
const TILE = 84;
const MOST = 64;
const COLUMNS = 8;
const ACCENT = [0xff, 0x8c, 0x00] as const;

/** Images side by side on white, at most 64, the one at `framed` with a frame of the accent colour. */
export function contactSheet(all: readonly Image[], framed = -1): Image | undefined {
  const kept = all.map((image, index) => ({ image, index })).slice(0, MOST);
  const best = all[framed];
  // The best one is what the sheet is for: it stays in sight.
  if (best && framed >= MOST) kept[MOST - 1] = { image: best, index: framed };
  const first = kept[0]?.image;
  if (!first) return undefined;
  const scale = Math.max(1, Math.floor(TILE / Math.max(first.width, first.height)));
  const columns = Math.min(COLUMNS, kept.length);
  const cell = { width: first.width * scale + 2 * FRAME, height: first.height * scale + 2 * FRAME };
  const width = columns * (cell.width + GAP) + GAP;
  const height = Math.ceil(kept.length / columns) * (cell.height + GAP) + GAP;
  const data = new Uint8Array(width * height * 3).fill(0xff);
  const put = (x: number, y: number, colour: readonly number[]): void =>
    data.set(colour, (y * width + x) * 3);

  kept.forEach(({ image, index }, position) => {
    const left = GAP + (position % columns) * (cell.width + GAP);
    const top = GAP + Math.floor(position / columns) * (cell.height + GAP);
    if (index === framed)
      for (let y = 0; y < cell.height; y++)
        for (let x = 0; x < cell.width; x++) put(left + x, top + y, ACCENT);
    for (let y = 0; y < first.height * scale; y++)
      for (let x = 0; x < first.width * scale; x++)
        put(left + FRAME + x, top + FRAME + y, pixel(image, Math.floor(x / scale), Math.floor(y / scale)));
  });
  return imageFrom(data, width, height, 3);
}

function pixel({ width, height, channels, data }: Image, x: number, y: number): readonly number[] {
  if (x >= width || y >= height) return [0xff, 0xff, 0xff];
  const at = (y * width + x) * channels;
  const first = data[at] ?? 0;
  return channels === 1 ? [first, first, first] : [first, data[at + 1] ?? 0, data[at + 2] ?? 0];
}

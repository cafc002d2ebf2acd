import type { CandidateRecord } from "../../src/search/record.js";
import type { Box } from "./layout.js";

/** Sizes, in pixels between one node and the next: above, thumbnails; below, only colours. */
export const PICTURE = 24;
export const CELL = 4;
export const LARGEST = 53;

/** The candidates of one round (or level), and the room for them. */
export interface Block {
  readonly index: number;
  /** Of its candidates, how many are folded. */
  readonly hidden: number;
  readonly candidates: readonly CandidateRecord[];
  /** Places: of candidates, those that are expected, and one for what is folded. */
  readonly count: number;
  /** Of the places, how many each generation has: candidates whose parents are of the same round stand after them. */
  readonly generations: readonly number[];
  readonly start: number;
  readonly end: number;
}

type MovableBox = { -readonly [Key in keyof Box]: Box[Key] };

/** Part of a round's width that nodes may take: links need room to be read. */
const share = (linked: boolean): number => (linked ? 0.68 : 1);

/** The size at which all of a round fits into its width and the height, column by column. */
export function largestSize(block: Block, height: number, linked: boolean): number {
  const { count, generations, start, end } = block;
  if (generations.length > 1) return largestOfSeveral(block, height, linked);
  const room = (end - start) * share(linked);
  let largest = 0;
  for (let columns = 1; columns <= count; columns++) {
    const size = Math.min(room / columns, height / Math.ceil(count / columns));
    if (size > largest) largest = size;
    // From here on the width is what limits: more columns only make it smaller.
    if (room / columns < height / Math.ceil(count / columns)) break;
  }
  return largest;
}

/** The same where each generation begins a column of its own. */
function largestOfSeveral({ generations, start, end }: Block, height: number, linked: boolean): number {
  const room = (end - start) * share(linked);
  const most = Math.max(...generations);
  let largest = 0;
  for (let rows = 1; rows <= most; rows++) {
    const across = room / columnsOf(generations, rows).total;
    largest = Math.max(largest, Math.min(across, height / rows));
    if (height / rows < across) break;
  }
  return largest;
}

/** Between generations, in columns: room for the lines. */
const GAP = 0.6;

/** Where each generation's columns begin, and how many there are in all, with the gaps. */
function columnsOf(generations: readonly number[], rows: number) {
  let total = 0;
  const starts = generations.map((size, i) => {
    const start = total + (i === 0 ? 0 : GAP);
    total = start + Math.ceil(size / rows);
    return start;
  });
  return { starts, total };
}

/**
 * Column by column in the order of creation, the last column at the compute where the round ended: so a candidate stands about
 * where it was paid for, and a round of one column exactly there.
 */
export function grid(
  block: Block,
  pitch: number,
  tier: "pictures" | "cells",
  height: number,
  linked: boolean,
): MovableBox[] {
  const { count, generations, start, end } = block;
  const most = Math.max(1, Math.min(count, Math.floor(height / pitch + 1e-9)));
  const { starts, total } = columnsOf(generations, most);
  const size = tier === "pictures" ? pitch * 0.8 : pitch > 8 ? pitch * 0.86 : pitch - (pitch > 5 ? 1 : 0.5);
  const across = linked ? pitch : Math.min((end - start) / total, pitch * 1.6);
  return generations.flatMap((members, g) => {
    // As even as can be: two columns of two, not three and one.
    const rows = Math.ceil(members / Math.ceil(members / most));
    // Few rows may stand apart: a lineage is read by its ups and downs.
    const down = Math.min(height / rows, Math.max(pitch * 1.25, 36));
    return Array.from({ length: members }, (_, i) => ({
      x: end - (total - 1 - starts[g]! - Math.floor(i / rows)) * across,
      y: height / 2 + ((i % rows) - (rows - 1) / 2) * down,
      width: size,
      height: size,
    }));
  });
}

/** A round as one column of colours; a long one as several, in the order of creation. */
export function strips(block: Block, height: number): MovableBox[] {
  const boxes: MovableBox[] = [];
  for (const { from, to, x, width } of bands(block)) {
    for (let i = from; i < to; i++) {
      const each = height / (to - from);
      boxes.push({ x, y: (i - from + 0.5) * each, width, height: each });
    }
  }
  return boxes;
}

/** Columns narrower than this touch, in CSS pixels. */
export const NARROW = 5;

export function bands({ count, start, end }: Block) {
  const many = Math.max(1, Math.min(count, Math.round((end - start) / 14)));
  const across = (end - start) / many;
  return Array.from({ length: many }, (_, i) => ({
    from: Math.floor((i * count) / many),
    to: Math.floor(((i + 1) * count) / many),
    x: end - (many - 1 - i) * across,
    // Gaps of a fraction of a pixel between many columns would be seen as stripes.
    width: Math.max(1, across < NARROW ? across : across * 0.86),
  }));
}

import { decode, encode } from "fast-png";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Notebook, OutputItem } from "../../../src/document/notebook.js";
import { SEARCH, textOf } from "../../../src/document/outputs.js";
import { keepOutputs } from "../../../src/document/summary/keepOutputs.js";
import { loadCodec } from "../../../src/document/summary/tiles.js";
import { writeNotebook } from "../../../src/document/writeNotebook.js";
import { anyNotebook } from "../arbitraries.js";

const STDOUT = "application/vnd.code.notebook.stdout";
const holding = (items: readonly OutputItem[], meta = {}): Notebook => ({
  dnb: 1,
  meta,
  cells: [{ id: "a", kind: "code", source: [], outputs: [{ items, extra: {} }], extra: {} }],
  extra: {},
});
const itemsOf = (notebook: Notebook): readonly OutputItem[] => notebook.cells[0]?.outputs[0]?.items ?? [];

/** Pictures that do not compress: every pixel of tile i depends on i. */
function chunk(first: number, count: number, side = 28) {
  const columns = 16;
  const rows = Math.ceil(count / columns);
  const data = new Uint8Array(columns * side * rows * side);
  const place = (tile: number, pixel: number): number =>
    (Math.floor(tile / columns) * side + Math.floor(pixel / side)) * columns * side +
    (tile % columns) * side +
    (pixel % side);
  for (let tile = 0; tile < count; tile++)
    for (let pixel = 0; pixel < side * side; pixel++) data[place(tile, pixel)] = hash(first + tile, pixel);
  const png = encode({ width: columns * side, height: rows * side, channels: 1, data, depth: 8 });
  return {
    ids: Array.from({ length: count }, (_, index) => idOf(first + index)),
    tile: [side, side],
    columns,
    png: Buffer.from(png).toString("base64"),
  };
}
const idOf = (index: number): string => `r${Math.floor(index / 4)}-c${index % 4}`;
/** The last bits of a multiplication alone would repeat themselves from row to row. */
const hash = (a: number, b: number): number => {
  const mixed = Math.imul((a * 784 + b + 1) ^ ((a * 784 + b + 1) >>> 7), 2654435761);
  return (Math.imul(mixed ^ (mixed >>> 15), 2246822519) >>> 24) & 255;
};

function search(rounds: number) {
  const candidates = Array.from({ length: rounds * 4 }, (_, index) => ({
    id: idOf(index),
    parents: index < 4 ? [] : [idOf(index - 4)],
    status: index === 7 ? "kept" : "dropped",
    scores: { classifier: index / 1000 },
  }));
  return {
    record: {
      version: 1,
      candidates,
      rounds: Array.from({ length: rounds }, (_, index) => ({ index: index + 1, best: `r${index}-c3` })),
      best: "r5-c3",
    },
    atlas: [chunk(0, 256), chunk(256, rounds * 4 - 256)],
  };
}

beforeAll(loadCodec);

describe("what a save keeps", () => {
  it.each([
    ["none", 0],
    ["summary", 1],
    ["embed", 1],
    [undefined, 1],
  ])("of small outputs in mode %s", (outputs, count) => {
    const notebook = holding([{ mime: "text/plain", text: "x", extra: {} }], outputs ? { outputs } : {});
    expect(keepOutputs(notebook).cells[0]?.outputs).toHaveLength(count);
    if (count) expect(keepOutputs(notebook)).toEqual(notebook);
  });

  it("of text are its first and last lines, with a line that says how much is missing", () => {
    const text = Array.from({ length: 20_000 }, (_, index) => `line ${index}`).join("\n");
    const kept = textOf(
      itemsOf(keepOutputs(holding([{ mime: STDOUT, text: text.split("\n"), extra: {} }])))[0]!,
    )!;
    expect(kept.length).toBeLessThan(64_000);
    expect(kept).toMatch(
      /^line 0\nline 1\n[^]*\n… \d+ characters are not saved …\nline \d+\n[^]*line 19999$/,
    );
    const missing = Number(/… (\d+) /.exec(kept)?.[1]);
    expect(kept.length - `\n… ${missing} characters are not saved …\n`.length + missing).toBe(text.length);
    expect(
      keepOutputs(holding([{ mime: STDOUT, text, extra: {} }], { outputs: "embed" })).cells[0]?.outputs[0]
        ?.items[0],
    ).toMatchObject({ text });
  });

  it("of a picture that is too large is what else says the same, or a note", () => {
    const large = { mime: "image/png", base64: "AAAA".repeat(200_000), extra: {} };
    const plain = { mime: "text/plain", text: "a picture", extra: {} };
    expect(itemsOf(keepOutputs(holding([large, plain])))).toEqual([plain]);
    expect(itemsOf(keepOutputs(holding([large])))).toMatchObject([
      { mime: "text/plain", text: expect.stringContaining("image/png: too large") },
    ]);
  });

  it("of a search of 100 rounds is below 300 kB: the record, and the pictures that matter, pixel by pixel", () => {
    const json = search(100);
    const before = holding([
      { mime: SEARCH, json, extra: {} },
      { mime: "image/png", base64: "AAAA".repeat(30_000), extra: {} },
    ]);
    const after = keepOutputs(before);
    expect(writeNotebook(before).length).toBeGreaterThan(400_000);
    expect(writeNotebook(after).length).toBeLessThan(300_000);
    const [item, sheet] = itemsOf(after);
    const kept = (item as { json: typeof json }).json;
    expect(kept.record).toEqual(json.record);
    const [atlas] = kept.atlas;
    expect(atlas?.ids.slice(0, 3)).toEqual(["r5-c3", "r0-c3", "r1-c3"]);
    const image = decode(Buffer.from(atlas?.png ?? "", "base64"));
    atlas?.ids.forEach((id, tile) => {
      const [, round, place] = /^r(\d+)-c(\d)$/.exec(id)!;
      const left = (tile % atlas.columns) * 28;
      const top = Math.floor(tile / atlas.columns) * 28;
      for (const pixel of [0, 391, 783]) {
        const at = (top + Math.floor(pixel / 28)) * image.width + left + (pixel % 28);
        expect(image.data[at], id).toBe(hash(Number(round) * 4 + Number(place), pixel));
      }
    });
    expect(decode(Buffer.from((sheet as { base64: string }).base64, "base64")).height).toBeGreaterThan(0);
  });

  it("of a search of large pictures is also the best one whole, and a sheet of thumbnails for other machines", () => {
    const { record, atlas } = search(100);
    const whole = { ...chunk(23, 1, 300), ids: ["r5-c3"], columns: 1 };
    const large = { mime: "image/png", base64: "AAAA".repeat(200_000), extra: {} };
    const of = (json: object): Notebook => holding([{ mime: SEARCH, json, extra: {} }, large]);
    const chunksOf = (notebook: Notebook): (typeof whole)[] =>
      (itemsOf(notebook)[0] as unknown as { json: { atlas: (typeof whole)[] } }).json.atlas;
    const kept = keepOutputs(of({ record, atlas: [...atlas, whole] }));
    expect(chunksOf(kept)).toHaveLength(2);
    expect(chunksOf(kept)[0]?.png).toBe(chunksOf(keepOutputs(of({ record, atlas })))[0]?.png);
    expect(chunksOf(kept)[1]).toEqual(whole);
    expect(keepOutputs(kept)).toEqual(kept);
    // Few thumbnails are kept as they are; the sheet would be dropped as too large.
    const few = keepOutputs(of({ record, atlas: [chunk(0, 32), whole] }));
    expect(chunksOf(few)).toEqual([chunk(0, 32), whole]);
    const sheet = decode(Buffer.from((itemsOf(few)[1] as { base64: string }).base64, "base64"));
    expect([sheet.width % 28, sheet.data[5]]).toEqual([0, hash(23, 5)]);
  });

  it("of many searches of large pictures is below what VS Code backs up", () => {
    const whole = { ids: ["a"], tile: [512, 512], columns: 1, png: "A".repeat(680_000) };
    const output = {
      items: [{ mime: SEARCH, json: { record: {}, atlas: [chunk(0, 2), whole] }, extra: {} }],
      extra: {},
    };
    const before = holding([]);
    const cells = Array.from({ length: 20 }, (_, index) => ({
      ...before.cells[0]!,
      id: `c${index}`,
      outputs: [output],
    }));
    const after = keepOutputs({ ...before, cells });
    const chunks = after.cells.map(
      ({ outputs }) => (outputs[0]!.items[0] as any).json.atlas.length as number,
    );
    expect(chunks).toEqual([2, 2, 2, 2, 2, ...new Array<number>(15).fill(1)]);
    expect(writeNotebook(after).length).toBeLessThan(4_200_000);
    expect(keepOutputs(after)).toEqual(after);
    const embedded = { ...before, cells, meta: { outputs: "embed" } };
    expect(keepOutputs(embedded)).toBe(embedded);
  });

  it("of a search are after the best ones those that they come from, then what was kept, then the newest", () => {
    const { record, atlas } = search(100);
    const rounds = record.rounds.slice(0, 1);
    const kept = keepOutputs(
      holding([{ mime: SEARCH, json: { record: { ...record, rounds }, atlas }, extra: {} }]),
    );
    const [{ json }] = itemsOf(kept) as unknown as [{ json: { atlas: { ids: string[] }[] } }];
    const order = ["r5-c3", "r0-c3", "r4-c3", "r1-c3", "r99-c3", "r99-c2"];
    expect(json.atlas[0]?.ids.slice(0, 6)).toEqual(order);
  });

  it("of a sheet of a long search is one of all its rounds, not of the first ones", () => {
    const { record, atlas } = search(100);
    const sheet = { mime: "image/png", base64: "AAAA".repeat(30_000), extra: {} };
    const after = keepOutputs(holding([{ mime: SEARCH, json: { record, atlas }, extra: {} }, sheet]));
    const { data, width } = decode(Buffer.from((itemsOf(after)[1] as { base64: string }).base64, "base64"));
    const wanted = record.rounds.flatMap(({ best }) => (best === record.best ? [] : [best]));
    const tiles = Array.from({ length: width / 28 }, (_, tile) => data[tile * 28 + 5]);
    const pixel = (id: string): number => {
      const [, round, place] = /^r(\d+)-c(\d)$/.exec(id)!;
      return hash(Number(round) * 4 + Number(place), 5);
    };
    expect(tiles[0]).toBe(pixel("r5-c3"));
    expect(tiles[1]).not.toBe(pixel(wanted[0]!));
    expect(wanted.slice(1, 20).map(pixel)).toContain(tiles[1]);
  });

  it.each(["text/html", "image/svg+xml"])(
    "of %s is all of it or none: half of it would show something else",
    (mime) => {
      const text = "<p>x</p>\n".repeat(20_000);
      const whole = { mime, text, extra: {} };
      expect(itemsOf(keepOutputs(holding([whole])))).toEqual([whole]);
      const large = { mime, text: text.repeat(5), extra: {} };
      const plain = { mime: "text/plain", text: "short", extra: {} };
      expect(itemsOf(keepOutputs(holding([large, plain])))).toEqual([plain]);
    },
  );

  it("of a search whose best changed while its pictures did not has the new best first", () => {
    const { record, atlas } = search(100);
    for (const best of ["r40-c1", "r3-c2"]) {
      const after = keepOutputs(
        holding([{ mime: SEARCH, json: { record: { ...record, best }, atlas }, extra: {} }]),
      );
      const [item] = itemsOf(after) as unknown as [{ json: { atlas: { ids: string[] }[] } }];
      expect(item.json.atlas[0]?.ids[0]).toBe(best);
    }
  });

  it.each([
    ["no PNG", { png: "A".repeat(100_000) }],
    ["a size that it does not have", { tile: [4096, 4096], png: chunk(0, 256).png }],
    ["no columns", { columns: 0, png: chunk(0, 256).png }],
  ])("of a search with %s is all of it", (_, wrong) => {
    const json = { record: {}, atlas: [{ ...chunk(0, 256), ...wrong }] };
    expect(itemsOf(keepOutputs(holding([{ mime: SEARCH, json, extra: {} }])))).toEqual([
      { mime: SEARCH, json, extra: {} },
    ]);
  });

  it("twice is the same as once", () => {
    const large = keepOutputs(
      holding([
        { mime: SEARCH, json: search(100), extra: {} },
        { mime: STDOUT, text: "0123456789\n".repeat(20_000), extra: {} },
      ]),
    );
    expect(keepOutputs(large)).toEqual(large);
    fc.assert(
      fc.property(anyNotebook, (notebook) => {
        const once = keepOutputs(notebook);
        expect(writeNotebook(keepOutputs(once))).toBe(writeNotebook(once));
      }),
      { numRuns: 300 },
    );
  });
});

import fc from "fast-check";
import { makeCellId } from "../../src/document/cellId.js";
import type { Notebook, Output, OutputItem } from "../../src/document/notebook.js";

/** Strings of every kind of character: quotes, control characters, astral ones, lone surrogates. */
const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("__proto__", "a\nb", "\r", "\u2028", "\ud800", "é\u0000"),
);
const line = text.map((value) => value.replaceAll("\n", " "));

/** -0 has no canonical JSON of its own, so it is not a value that a file can hold. */
const json = fc.jsonValue({ maxDepth: 2 }).map((value): unknown => JSON.parse(JSON.stringify(value)));

function extra(known: readonly string[]) {
  return fc
    .array(fc.tuple(text, json), { maxLength: 3 })
    .map((entries) => Object.fromEntries(entries.filter(([key]) => !known.includes(key))));
}

const contentKeys = ["mime", "text", "json", "base64"];
const mime = fc.constantFrom(
  "text/plain",
  "image/png",
  "application/json",
  "application/vnd.dnb.search+json",
);
const item: fc.Arbitrary<OutputItem> = fc.oneof(
  fc.record({ mime, text: fc.oneof(text, fc.array(text)), extra: extra(contentKeys) }),
  fc.record({ mime, json, extra: extra(contentKeys) }),
  fc.record({
    mime,
    base64: fc.uint8Array().map((bytes) => Buffer.from(bytes).toString("base64")),
    extra: extra(contentKeys),
  }),
);
const output: fc.Arbitrary<Output> = fc.record({
  items: fc.array(item, { maxLength: 3 }),
  extra: extra(["items"]),
});

const cell = fc.record({
  kind: fc.constantFrom("code" as const, "markdown" as const),
  source: fc.array(line, { maxLength: 5 }),
  outputs: fc.array(output, { maxLength: 2 }),
  extra: extra(["id", "kind", "source", "outputs"]),
});

export const anyNotebook: fc.Arbitrary<Notebook> = fc
  .record({
    meta: extra([]),
    cells: fc.array(cell, { maxLength: 4 }),
    extra: extra(["dnb", "meta", "cells"]),
  })
  .map(({ meta, cells, extra: unknown }) => {
    let seed = 0;
    const ids = new Set<string>();
    const withIds = cells.map((value) => {
      const id = makeCellId(ids, () => (seed = (seed + 0.137) % 1));
      ids.add(id);
      return { id, ...value };
    });
    return { dnb: 1 as const, meta, cells: withIds, extra: unknown };
  });

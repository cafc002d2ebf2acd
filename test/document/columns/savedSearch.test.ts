import { describe, expect, it } from "vitest";
import type { Notebook } from "../../../src/document/notebook.js";
import { SEARCH } from "../../../src/document/outputs.js";
import { parseNotebook } from "../../../src/document/parseNotebook.js";
import { writeNotebook } from "../../../src/document/writeNotebook.js";
import { makeOutput } from "../../webview/fixtures/records.js";

function holding(json: unknown, mime: string = SEARCH): Notebook {
  const outputs = [{ items: [{ mime, json, extra: {} }], extra: {} }];
  return {
    dnb: 1,
    meta: {},
    cells: [{ id: "a", kind: "code", source: [], outputs, extra: {} }],
    extra: {},
  };
}

describe("a search in a file", () => {
  it.each([
    ["random", 1, 1000],
    ["zero-order", 250, 4],
  ] as const)(
    "of 1,000 candidates (%s) takes less than 150 bytes for each and loses nothing",
    (algorithm, rounds, perRound) => {
      const notebook = holding(
        makeOutput({ algorithm, rounds, perRound, pictures: false, failed: ["r1-c2"], aesthetic: true }),
      );
      const text = writeNotebook(notebook);
      expect(text.length).toBeLessThan(150_000);
      expect(JSON.stringify(notebook).length).toBeGreaterThan(400_000);
      expect(parseNotebook(text)).toEqual(notebook);
      expect(writeNotebook(parseNotebook(text))).toBe(text);
    },
  );

  it("of few candidates is written row by row, and so is what is no search", () => {
    const few = makeOutput({ algorithm: "random", rounds: 9, perRound: 7, pictures: false });
    const many = makeOutput({ algorithm: "random", rounds: 8, perRound: 8, pictures: false });
    expect(writeNotebook(holding(few))).toContain(JSON.stringify(few));
    expect(writeNotebook(holding(many))).not.toContain(JSON.stringify(many));
    expect(writeNotebook(holding(many, "application/json"))).toContain(JSON.stringify(many));
  });

  it("opens as it was written before long lists were tables", () => {
    const output = makeOutput({ algorithm: "random", rounds: 8, perRound: 8, pictures: false });
    const notebook = holding(output);
    expect(parseNotebook(JSON.stringify({ ...notebook, extra: undefined }))).toMatchObject({
      cells: [{ outputs: [{ items: [{ json: output }] }] }],
    });
  });

  it("whose table is damaged keeps it, so that a save loses nothing", () => {
    const record = { version: 1, candidates: { count: 2, columns: { id: { rows: ["a"] } } } };
    const text = writeNotebook(holding({ record, atlas: [] }));
    expect(parseNotebook(text)).toEqual(holding({ record, atlas: [] }));
    expect(writeNotebook(parseNotebook(text))).toBe(text);
  });
});

import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { Notebook } from "../../src/document/notebook.js";
import { ERROR, STREAM } from "../../src/document/outputs.js";
import { parseNotebook } from "../../src/document/parseNotebook.js";
import { writeNotebook } from "../../src/document/writeNotebook.js";
import { fromPlainNotebook, toPlainNotebook } from "../../src/editor/plainNotebook.js";
import type { PlainNotebook } from "../../src/editor/plainNotebook.js";
import { fromPlainOutput, toPlainOutput, toPlainOutputs } from "../../src/editor/plainOutput.js";
import { anyNotebook } from "../document/arbitraries.js";

// Property tests on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const bytes = (text: string) => new TextEncoder().encode(text);

/** What goes to the window and back: metadata as JSON, data as bytes. */
function throughTheWindow(plain: PlainNotebook): PlainNotebook {
  const metadata = (value: object): Record<string, unknown> => ({ ...JSON.parse(JSON.stringify(value)) });
  return {
    metadata: metadata(plain.metadata),
    cells: plain.cells.map((cell) => ({
      ...cell,
      metadata: metadata(cell.metadata),
      outputs: cell.outputs.map((output) => ({ ...output, metadata: metadata(output.metadata) })),
    })),
  };
}

/** What VS Code cannot hold: see the cases below for what becomes of each. */
function asVSCodeHolds(notebook: Notebook): boolean {
  return notebook.cells.every(
    ({ source, outputs }) =>
      !(source.length === 1 && source[0] === "") &&
      source.every((line) => !line.includes("\r")) &&
      outputs.every(
        ({ items }) =>
          new Set(items.map(({ mime }) => mime)).size === items.length &&
          items.every((item) => !("text" in item) || !/\p{Cs}/u.test([item.text].flat().join("\n"))) &&
          items.every((item) => !("text" in item) || typeof item.text === "string" || item.text.length > 0) &&
          items.every(
            (item) =>
              !("text" in item) ||
              typeof item.text === "string" ||
              !item.text.some((line) => line.includes("\n")),
          ),
      ),
  );
}

describe("a notebook in the editor", () => {
  it("goes to the window and back without a change of a byte", () => {
    fc.assert(
      fc.property(anyNotebook.filter(asVSCodeHolds), (notebook) => {
        const back = fromPlainNotebook(throughTheWindow(toPlainNotebook(notebook)), () => 0.5);
        expect(writeNotebook(back)).toBe(writeNotebook(notebook));
      }),
      { numRuns: 500 },
    );
  });

  it("gets ids for new cells and for copies; the first keeps its own", () => {
    const cell = { kind: "code" as const, value: "1", outputs: [] };
    let seed = 0;
    const random = () => (seed = (seed + 0.37) % 1);
    const ids = ["k3f9a2", undefined, "k3f9a2", 7, "m2x8qr"];
    const plain = { metadata: {}, cells: ids.map((id) => ({ ...cell, metadata: { id } })) };
    const notebook = fromPlainNotebook(plain, random);
    const made = notebook.cells.map(({ id }) => id);
    expect([made[0], made[4]]).toEqual(["k3f9a2", "m2x8qr"]);
    expect(new Set(made).size).toBe(5);
    for (const id of made) expect(id).toMatch(/^[0-9a-z]{6}$/);
    expect(parseNotebook(writeNotebook(notebook)).cells).toHaveLength(5);
  });

  it("takes every line end of an editor", () => {
    const plain = {
      metadata: {},
      cells: [{ kind: "code" as const, value: "a\r\nb\rc\n", metadata: {}, outputs: [] }],
    };
    expect(fromPlainNotebook(plain, Math.random).cells[0]?.source).toEqual(["a", "b", "c", ""]);
  });

  it("stores streams as text, errors and JSON types as json, the rest as base64", () => {
    const item = (mime: string, text: string) => ({ items: [{ mime, data: bytes(text) }], metadata: {} });
    const stored = (mime: string, text: string) => fromPlainOutput(item(mime, text)).items[0];
    expect(stored(STREAM.stdout, "a\nb\n")).toEqual({ mime: STREAM.stdout, text: ["a", "b", ""], extra: {} });
    expect(stored(STREAM.stderr, "one")).toEqual({ mime: STREAM.stderr, text: "one", extra: {} });
    expect(stored(ERROR, '{"name":"E"}')).toEqual({ mime: ERROR, json: { name: "E" }, extra: {} });
    expect(stored("application/vnd.x+json", "[1]")).toEqual({
      mime: "application/vnd.x+json",
      json: [1],
      extra: {},
    });
    expect(stored("application/json", "{")).toEqual({ mime: "application/json", text: "{", extra: {} });
    expect(stored("image/png", "PNG")).toEqual({ mime: "image/png", base64: "UE5H", extra: {} });
    expect(stored("image/svg+xml", "<svg/>")).toEqual({ mime: "image/svg+xml", text: "<svg/>", extra: {} });
    const invalid = { items: [{ mime: "text/plain", data: Uint8Array.of(0xff) }], metadata: {} };
    expect(fromPlainOutput(invalid).items[0]).toEqual({ mime: "text/plain", base64: "/w==", extra: {} });
  });

  it("stores a stream the same however often it was flushed", () => {
    const flushed = {
      items: ["a", "b\n", "c"].map((text) => ({ mime: STREAM.stdout, data: bytes(text) })),
      metadata: {},
    };
    expect(fromPlainOutput(flushed).items).toEqual([{ mime: STREAM.stdout, text: ["ab", "c"], extra: {} }]);
  });

  it("gives an output of its own to a repeated MIME type, which VS Code would drop", () => {
    const text = (value: string) => ({ mime: "text/plain", text: value, extra: {} });
    const outputs = toPlainOutputs({ items: [text("a"), text("b"), text("c")], extra: { k: 1 } });
    expect(outputs.map((output) => fromPlainOutput(output))).toEqual([
      { items: [text("a")], extra: { k: 1 } },
      { items: [text("b")], extra: {} },
      { items: [text("c")], extra: {} },
    ]);
  });

  it("never saves the kernel's handle of an output", () => {
    const output = { items: [{ mime: "text/plain", text: "a", extra: {} }], extra: {} };
    const plain = toPlainOutput(output, "run-1");
    expect(plain.metadata.display).toBe("run-1");
    expect(fromPlainOutput(plain)).toEqual(output);
  });
});

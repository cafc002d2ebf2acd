import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { decodeNotebook } from "../../src/document/decodeNotebook.js";
import { NotebookFormatError } from "../../src/document/notebookFormatError.js";
import { parseNotebook } from "../../src/document/parseNotebook.js";
import { writeNotebook } from "../../src/document/writeNotebook.js";
import { fromPlainNotebook, toPlainNotebook } from "../../src/editor/plainNotebook.js";
import { anyNotebook } from "./arbitraries.js";

// Property tests on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const fixture = readFileSync("test/fixtures/documents/v1/full.dnb", "utf8");

function fault(text: string): NotebookFormatError {
  try {
    parseNotebook(text);
  } catch (error) {
    if (error instanceof NotebookFormatError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text.slice(0, 80)}`);
}

function withCell(cell: object): string {
  return JSON.stringify({ dnb: 1, meta: {}, cells: [cell] }, null, 1);
}

describe("a notebook on disk", () => {
  it("is byte-stable", () => {
    expect(writeNotebook(parseNotebook(fixture))).toBe(fixture);
  });

  it("survives parse after write, whatever is in it", () => {
    fc.assert(
      fc.property(anyNotebook, (notebook) => {
        const text = writeNotebook(notebook);
        const again = parseNotebook(text);
        if (!isDeepStrictEqual(again, notebook)) expect(again).toEqual(notebook);
        expect(writeNotebook(again)).toBe(text);
        // Nothing of our own making: every JSON reader sees the same.
        const foreign: unknown = JSON.parse(text);
        expect(writeNotebook(parseNotebook(JSON.stringify(foreign)))).toBe(text);
      }),
      { numRuns: 10_000 },
    );
  });

  it("accepts a byte order mark and CRLF", () => {
    const windows = `\uFEFF${fixture.replaceAll("\n", "\r\n")}`;
    expect(writeNotebook(parseNotebook(windows))).toBe(fixture);
    expect(writeNotebook(decodeNotebook(new TextEncoder().encode(windows)))).toBe(fixture);
  });

  it("keeps unknown keys at every level, __proto__ included", () => {
    const notebook = parseNotebook(fixture);
    expect(notebook.extra).toEqual({ futureKey: [1, {}] });
    expect(notebook.cells[0]?.extra).toEqual({ role: "title" });
    const output = notebook.cells[1]?.outputs[1];
    expect(Object.keys(output?.extra ?? {})).toEqual(["__proto__"]);
    expect(output?.items[0]?.extra).toEqual({ later: true });
    expect(Object.getPrototypeOf(output?.extra)).toBe(Object.prototype);
  });

  it("keeps every digit of an integer that it does not know, and reads as numbers what it does", () => {
    const digits = [
      "9007199254740993",
      "-12345678901234567890123",
      "9007199254740992",
      "100000000000000000000",
    ];
    const list = `[${digits.join(", ")}]`;
    const cell = `{"id":"a","kind":"code","source":[],"outputs":[{"items":[{"mime":"application/json","json":9007199254740993}]}],"later":{"deep":${list}}}`;
    const text = `{"dnb":1,"meta":{"parameters":{"seed":9007199254740993}},"cells":[${cell}],"future":9007199254740995}`;
    const notebook = parseNotebook(text);
    expect(notebook.meta).toEqual({ parameters: { seed: 9007199254740992 } });
    const [item] = notebook.cells[0]!.outputs[0]!.items;
    expect(item).toMatchObject({ json: 9007199254740992 });
    const written = writeNotebook(notebook);
    for (const one of digits) expect(written).toMatch(new RegExp(`^ +${one},?$`, "m"));
    expect(written).toContain('\n "future": 9007199254740995\n');
    expect(writeNotebook(parseNotebook(written))).toBe(written);
    const window = fromPlainNotebook(toPlainNotebook(notebook), Math.random);
    expect(writeNotebook(window)).toBe(written);
  });

  it("fills in what may be left out", () => {
    const notebook = parseNotebook('{"dnb":1,"cells":[{"id":"a","kind":"code","source":[]}]}');
    expect(notebook.meta).toEqual({});
    expect(notebook.cells[0]?.outputs).toEqual([]);
  });

  it("splits a line feed inside a source line, because a line is a line", () => {
    const text = withCell({ id: "a", kind: "code", source: ["one\ntwo", "three"] });
    expect(parseNotebook(text).cells[0]?.source).toEqual(["one", "two", "three"]);
  });

  it("changes one line for a one-line edit, and only its own block for a new cell", () => {
    const before = parseNotebook(fixture);
    const [first, second] = before.cells;
    if (!first || !second) throw new Error("the fixture has two cells");
    const edited = writeNotebook({
      ...before,
      cells: [first, { ...second, source: ["const other = 1;", "text"] }],
    });
    const changed = edited.split("\n").filter((line, index) => line !== fixture.split("\n")[index]);
    expect(changed).toEqual(['    "const other = 1;",']);
    const added = writeNotebook({ ...before, cells: [first, { ...first, id: "zzzzzz" }, second] });
    expect(added.length).toBeGreaterThan(fixture.length);
    expect(added.startsWith(fixture.slice(0, fixture.indexOf('  {\n   "id": "m2x8qr"')))).toBe(true);
    expect(added.endsWith(fixture.slice(fixture.indexOf('  {\n   "id": "m2x8qr"')))).toBe(true);
  });
});

describe("a diff", () => {
  it("of a new cell has the lines of that cell only", () => {
    const nonempty = anyNotebook.filter(({ cells }) => cells.length > 0);
    fc.assert(
      fc.property(nonempty, fc.nat(), (notebook, nat) => {
        const at = nat % (notebook.cells.length + 1);
        const cell = { id: "zzzzzzzz", kind: "code" as const, source: ["new"], outputs: [], extra: {} };
        const cells = [...notebook.cells.slice(0, at), cell, ...notebook.cells.slice(at)];
        const before = writeNotebook(notebook).split("\n");
        const after = writeNotebook({ ...notebook, cells }).split("\n");
        // Every line of before stands in after, in the same order: nothing but additions, and as many as the cell has lines.
        let next = 0;
        for (const line of after) if (line === before[next]) next++;
        expect(next).toBe(before.length);
        expect(after.length - before.length).toBe(8);
      }),
      { numRuns: 1000 },
    );
  });

  it("of an edited line is that line", () => {
    const withSource = anyNotebook.filter(({ cells }) => cells.some(({ source }) => source.length > 0));
    fc.assert(
      fc.property(withSource, fc.nat(), (notebook, nat) => {
        const places = notebook.cells.flatMap(({ source }, cell) =>
          source.map((_, line) => [cell, line] as const),
        );
        const [cell, line] = places[nat % places.length] ?? [0, 0];
        const cells = notebook.cells.map((value, index) =>
          index === cell ? { ...value, source: value.source.with(line, "edited by nobody else") } : value,
        );
        const before = writeNotebook(notebook).split("\n");
        const after = writeNotebook({ ...notebook, cells }).split("\n");
        expect(after).toHaveLength(before.length);
        expect(after.filter((text, index) => text !== before[index])).toHaveLength(1);
      }),
      { numRuns: 1000 },
    );
  });
});

/** Every fixture byte by byte and bit by bit; what is larger at every so many bytes. */
const documents: [name: string, stride: number][] = [
  ["test/fixtures/documents/v1/full.dnb", 1],
  ["test/fixtures/documents/v1/by-hand.dnb", 1],
  ["test/fixtures/documents/hundred-rounds.dnb", 1],
  ["examples/scaling.dnb", 17],
  ["test/extension/workspace/searched.dnb", 463],
];

describe("a damaged notebook", () => {
  const bytes = new TextEncoder().encode(fixture);

  /** The notebook as it would be written; undefined when it was refused, with a position. */
  function answer(damaged: Uint8Array): string | undefined {
    try {
      return writeNotebook(decodeNotebook(damaged));
    } catch (error) {
      if (!(error instanceof NotebookFormatError)) throw error;
      if (!error.position || !/\(line \d+, column \d+\)$|^merge conflict at line \d+/.test(error.message))
        throw new Error(`no position: ${error.message}`, { cause: error });
      return undefined;
    }
  }

  it.each(documents)("%s is refused with a position when it is cut (at every %i. byte)", (file, stride) => {
    const whole = readFileSync(file);
    const text = answer(whole);
    expect(text).toBeDefined();
    let refused = 0;
    for (let length = 0; length < whole.length; length += stride) {
      const cut = answer(whole.subarray(0, length));
      // All that may be missing without harm is white space at the end.
      if (cut === undefined) refused++;
      else if (cut !== text || /\S/.test(whole.toString("utf8", length)))
        throw new Error(`${file}, cut at ${length}, is half a notebook`);
    }
    expect(refused).toBeGreaterThanOrEqual(Math.floor(whole.toString().trimEnd().length / stride));
  });

  it.each(documents)(
    "%s is a notebook, or is refused with a position, when a bit flips (of every %i. byte)",
    (file, stride) => {
      const whole = readFileSync(file);
      for (let index = 0; index < whole.length; index += stride)
        for (let bit = 1; bit < 256; bit *= 2) {
          const flipped = Uint8Array.from(whole);
          flipped[index] = (flipped[index] ?? 0) ^ bit;
          const text = answer(flipped);
          if (text !== undefined && writeNotebook(parseNotebook(text)) !== text)
            throw new Error(
              `${file}, bit ${bit} of byte ${index}: it is written in another way than it is read`,
            );
        }
    },
  );

  it.each([
    ["", "empty", "", "the file is empty (0 bytes), so there is no notebook in it (line 1, column 1)"],
    [" \n", "empty", "", "white space"],
    ["hello", "syntax", "", 'not a notebook: expected a value, found "h" (line 1, column 1)'],
    ["[]", "shape", "", "expected an object, found an array (line 1, column 1)"],
    ["{}", "shape", "", 'the key "dnb" (the format\'s version) is missing'],
    ['{"dnb":"1"}', "shape", "dnb", 'found the string "1" (line 1, column 8)'],
    ['{"dnb":2,"cells":7}', "version", "dnb", "format version 2 and needs a newer version"],
    [
      '{"dnb":1,"cells":[]} x',
      "syntax",
      "",
      'unexpected "x" after the end of the document (line 1, column 22)',
    ],
    [
      '{"dnb":1,\n"cells":{}}',
      "shape",
      "cells",
      "cells: expected an array, found an object (line 2, column 9)",
    ],
    ['{"dnb":1,"meta":[],"cells":[]}', "shape", "meta", "expected an object"],
    ['{"dnb":1,"cells":[],"cells":[]}', "syntax", "cells", "appears twice"],
    ['{"dnb":1,"cells":[],"n":1e999}', "syntax", "n", "too large"],
    ['{"dnb":1,"cells":[],}', "syntax", "", 'expected a key in double quotes, found "}"'],
    ['{"dnb":1,"cells":[],"a":"x\ty"}', "syntax", "a", "special characters escaped"],
    ['{"dnb":1,"cells":[],"a":"\\x"}', "syntax", "a", "unknown escape"],
    ['{"dnb":01}', "syntax", "", 'expected "," or "}"'],
    ['{"dnb":1,"cells":[', "syntax", "cells[0]", "the file ends in the middle"],
    ['{"dnb":1,"cells":[null]}', "shape", "cells[0]", "expected an object, found null"],
  ])("%j: %s", (text, kind, path, message) => {
    const error = fault(text);
    expect([error.fault, error.path]).toEqual([kind, path]);
    expect(error.message).toContain(message);
  });

  it.each([
    [{ kind: "code", source: [] }, "cells[0].id", "nothing: the key is missing"],
    [{ id: "../x", kind: "code", source: [] }, "cells[0].id", 'the string "../x"'],
    [
      { id: "a", kind: "sql", source: [] },
      "cells[0].kind",
      'expected "code" or "markdown", found the string "sql"',
    ],
    [{ id: "a", kind: "code", source: "x" }, "cells[0].source", 'expected an array, found the string "x"'],
    [
      { id: "a", kind: "code", source: ["x", 5] },
      "cells[0].source[1]",
      "expected a string, found the number 5",
    ],
    [{ id: "a", kind: "code", source: [], outputs: {} }, "cells[0].outputs", "expected an array"],
    [{ id: "a", kind: "code", source: [], outputs: [{}] }, "cells[0].outputs[0].items", "expected an array"],
    [
      { id: "a", kind: "code", source: [], outputs: [{ items: [{ mime: "x" }] }] },
      "cells[0].outputs[0].items[0]",
      'exactly one of "text", "json" and "base64", found none',
    ],
    [
      { id: "a", kind: "code", source: [], outputs: [{ items: [{ mime: "x", text: "", json: 1 }] }] },
      "cells[0].outputs[0].items[0]",
      "found text and json",
    ],
    [
      { id: "a", kind: "code", source: [], outputs: [{ items: [{ mime: "x", base64: "a?" }] }] },
      "cells[0].outputs[0].items[0].base64",
      "not valid base64",
    ],
  ])("%j is refused at its place", (cell, path, message) => {
    const text = withCell(cell);
    const error = fault(text);
    expect([error.fault, error.path]).toEqual(["shape", path]);
    expect(error.message).toContain(message);
    expect(error.position?.line).toBeGreaterThan(3);
  });

  it("points at the second of two equal ids", () => {
    const cell = '{"id":"same","kind":"code","source":[]}';
    const error = fault(`{"dnb":1,"cells":[\n${cell},\n${cell}]}`);
    expect(error.message).toBe(
      'cells[1].id: "same" is also the id of cells[0]; every cell needs its own (line 3, column 7)',
    );
  });

  it("names a merge conflict by its line", () => {
    const at = fixture.indexOf('    "text"');
    const conflicted = `${fixture.slice(0, at)}<<<<<<< HEAD\n    "text"\n=======\n    "other"\n>>>>>>> theirs\n${fixture.slice(at + 11)}`;
    const error = fault(conflicted);
    expect(error.fault).toBe("conflict");
    expect(error.message).toMatch(/^merge conflict at line 26: choose a side/);
    expect(fault(conflicted.replaceAll("\n", "\r\n")).message).toMatch(/^merge conflict at line 26: /);
  });

  it("refuses bytes that are no UTF-8, with their place", () => {
    const damaged = bytes.slice();
    const at = fixture.slice(0, fixture.indexOf("A title"));
    damaged[new TextEncoder().encode(at).length] = 0xff;
    expect(() => decodeNotebook(damaged)).toThrow("the file is not valid UTF-8 (line 14, column 8)");
  });

  it("refuses 100,000 levels without exhausting the stack", () => {
    const deep = (open: string, close: string) =>
      `{"dnb":1,"cells":[],"x":${open.repeat(100_000)}${close.repeat(100_000)}}`;
    expect(fault(deep("[", "]")).message).toContain("nested deeper than 1000 levels");
    expect(fault(deep('{"a":', "}")).message).toContain("nested deeper than 1000 levels");
    let value: unknown = 1;
    for (let level = 0; level < 100_000; level++) value = [value];
    const notebook = parseNotebook('{"dnb":1,"cells":[]}');
    expect(() => writeNotebook({ ...notebook, extra: { x: value } })).toThrow(NotebookFormatError);
  });

  it("writes nothing that it would not read: the deepest value it accepts", () => {
    let value: unknown = 1;
    for (let level = 0; level < 999; level++) value = [value];
    const notebook = parseNotebook('{"dnb":1,"cells":[]}');
    const text = writeNotebook({ ...notebook, extra: { x: value } });
    expect(writeNotebook(parseNotebook(text))).toBe(text);
    expect(() => writeNotebook({ ...notebook, extra: { x: [value] } })).toThrow("nested deeper");
  });

  it("takes time in proportion to 100,000 cells", () => {
    const cells = Array.from({ length: 100_000 }, (_, index) => ({
      id: `c${index}`,
      kind: "code",
      source: ["1"],
    }));
    const started = performance.now();
    const notebook = parseNotebook(JSON.stringify({ dnb: 1, cells }));
    expect(notebook.cells).toHaveLength(100_000);
    writeNotebook(notebook);
    expect(performance.now() - started).toBeLessThan(8000);
  });
});

import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { conflictOf } from "../../../src/document/cellLabels.js";
import { mergeNotebooks } from "../../../src/document/merge/mergeNotebooks.js";
import type { Cell, Notebook } from "../../../src/document/notebook.js";
import { parseNotebook } from "../../../src/document/parseNotebook.js";
import { writeNotebook } from "../../../src/document/writeNotebook.js";

vi.setConfig({ testTimeout: 180_000 });

const text = (value: string) => ({ items: [{ mime: "text/plain", text: value, extra: {} }], extra: {} });
const cell = (id: string, source: string, output?: string, extra = {}): Cell => ({
  id,
  kind: "code",
  source: source.split("\n"),
  outputs: output === undefined ? [] : [text(output)],
  extra,
});
const notebook = (...cells: Cell[]): Notebook => ({ dnb: 1, meta: {}, cells, extra: {} });
const ids = ({ cells }: Notebook): string => cells.map(({ id }) => id).join(" ");
const sources = ({ cells }: Notebook): string[] => cells.map(({ source }) => source.join("\n"));
const [a, b, c, d] = ["a", "b", "c", "d"].map((id) => cell(id, `${id}1\n${id}2\n${id}3`, id)) as [
  Cell,
  Cell,
  Cell,
  Cell,
];

function merge(base: Notebook, ours: Notebook, theirs: Notebook) {
  const result = mergeNotebooks(base, ours, theirs);
  const written = writeNotebook(result.notebook);
  expect(writeNotebook(parseNotebook(written))).toBe(written);
  return result;
}

it("100,000 cells, of which one side moved and added some, are merged within 2 s", () => {
  const cells = Array.from({ length: 100_000 }, (_, index) => cell(`c${index}`, "1"));
  const base = notebook();
  const before = { ...base, cells };
  const theirs = {
    ...base,
    cells: [...cells.slice(50_000), ...cells.slice(0, 50_000)].flatMap((one, index) =>
      index % 10 ? [one] : [one, cell(`${one.id}-new`, "2")],
    ),
  };
  const started = process.cpuUsage();
  const { notebook: merged, conflicts } = mergeNotebooks(before, before, theirs);
  const { user, system } = process.cpuUsage(started);
  expect(conflicts).toEqual([]);
  expect(ids(merged) === ids(theirs)).toBe(true);
  expect((user + system) / 1e6).toBeLessThan(2);
});

it("the environment of a run is that of one side, never parts of both", () => {
  const ran = (environment: object): Notebook => ({ ...notebook(a), meta: { environment } });
  const [before, ours, theirs] = [
    { node: "20", device: "cpu" },
    { node: "22", device: "cpu" },
    { node: "20", device: "webgpu" },
  ].map(ran) as [Notebook, Notebook, Notebook];
  expect(merge(before, ours, before)).toEqual({ notebook: ours, conflicts: [] });
  expect(merge(before, before, theirs)).toEqual({ notebook: theirs, conflicts: [] });
  expect(merge(before, ours, theirs)).toEqual({
    notebook: ours,
    conflicts: ["meta.environment: both sides changed it; ours stands"],
  });
});

describe("a clean merge", () => {
  it("takes each side's changes, additions and deletions", () => {
    const changed = { ...a, source: ["a1", "a2", "ours"] };
    const { notebook: merged, conflicts } = merge(
      notebook(a, b, c),
      notebook(changed, c),
      notebook(a, d, b, c),
    );
    expect(conflicts).toEqual([]);
    expect(ids(merged)).toBe("a d c");
    expect(sources(merged)[0]).toBe("a1\na2\nours");
  });

  it("merges lines inside a cell, and drops outputs that belong to neither text", () => {
    const { notebook: merged, conflicts } = merge(
      notebook(a),
      notebook({ ...a, source: ["ours", "a2", "a3"], outputs: [text("ours")] }),
      notebook({ ...a, source: ["a1", "a2", "theirs"], outputs: [text("theirs")] }),
    );
    expect(conflicts).toEqual([]);
    expect(merged.cells).toEqual([{ ...a, source: ["ours", "a2", "theirs"], outputs: [] }]);
  });

  it("takes the outputs of the side whose source stands", () => {
    const theirs = { ...a, source: ["new"], outputs: [text("new")] };
    expect(
      merge(notebook(a), notebook({ ...a, outputs: [text("rerun")] }), notebook(theirs)).notebook.cells,
    ).toEqual([theirs]);
    // Nobody changed the source: whoever ran it again has the news.
    const rerun = { ...a, outputs: [text("rerun")] };
    expect(merge(notebook(a), notebook(a), notebook(rerun)).notebook.cells).toEqual([rerun]);
    expect(merge(notebook(a), notebook(rerun), notebook(a)).notebook.cells).toEqual([rerun]);
    // Stripping outputs is news too.
    expect(
      merge(notebook(a), notebook(a), notebook({ ...a, outputs: [] })).notebook.cells[0]?.outputs,
    ).toEqual([]);
  });

  it.each([
    ["a b c d", "b a c d", "a b c d", "b a c d"],
    ["a b c d", "a b c d", "d a b c", "d a b c"],
    ["a b c d", "b a c d", "a b d c", "b a d c"],
    ["a b c d", "d a b c", "b c d a", "d b c a"],
    ["a b", "a x b", "a y b", "a x y b"],
    ["a b", "x a b", "y a b", "x y a b"],
    ["a b", "a b x", "a b y", "a b x y"],
    ["a b c", "c", "a b x c", "x c"],
    ["", "a", "b", "a b"],
    ["a", "", "a", ""],
  ])("of %j, %j and %j has the order %j", (base, ours, theirs, expected) => {
    const make = (list: string) =>
      notebook(
        ...list
          .split(" ")
          .filter(Boolean)
          .map((id) => cell(id, id)),
      );
    const { notebook: merged, conflicts } = merge(make(base), make(ours), make(theirs));
    expect(ids(merged)).toBe(expected);
    expect(conflicts).toEqual([]);
  });

  it("takes away a tag that either side took away, and keeps a value that one changed and the other took away", () => {
    const [before, ours, theirs] = [
      { tags: ["x", "y"], gone: 1, mine: 1, both: 1 },
      { tags: ["x", "y", "z"], mine: 2, both: 2 },
      { tags: ["y"], gone: 2, both: 3 },
    ].map((extra) => notebook(cell("a", "1", "", extra))) as [Notebook, Notebook, Notebook];
    const { notebook: merged, conflicts } = merge(before, ours, theirs);
    expect(merged.cells[0]?.extra).toEqual({ tags: ["y", "z"], gone: 2, mine: 2, both: 2 });
    expect(conflicts).toEqual([
      "cell a, mine: taken away on one side and changed on the other; it is still there",
      "cell a, both: both sides changed it; ours stands",
      "cell a, gone: taken away on one side and changed on the other; it is still there",
    ]);
  });

  it("merges what cells and notebook say beside the source key by key, and tags as a set", () => {
    const base = {
      ...notebook(cell("a", "1", "", { tags: ["x", "y"], other: { p: 1, q: 1 } })),
      meta: { title: "T", outputs: "none" },
    };
    const { notebook: merged, conflicts } = merge(
      base,
      {
        ...notebook(cell("a", "1", "", { tags: ["y", "z"], other: { p: 2, q: 1 } })),
        meta: { title: "ours", outputs: "none" },
      },
      {
        ...notebook(cell("a", "1", "", { tags: ["x", "y", "w"], other: { p: 1, q: 2 } })),
        meta: { title: "T" },
      },
    );
    expect(conflicts).toEqual([]);
    expect(merged.meta).toEqual({ title: "ours" });
    expect(merged.cells[0]?.extra).toEqual({ tags: ["y", "z", "w"], other: { p: 2, q: 2 } });
  });
});

describe("a conflict", () => {
  it("leaves both versions, each with what merged cleanly", () => {
    const { notebook: merged, conflicts } = merge(
      notebook(a, b),
      notebook({ ...a, source: ["ours", "a2", "a3"], outputs: [text("ours")] }, b),
      notebook({ ...a, source: ["theirs", "a2", "a3", "added"], outputs: [text("theirs")] }, b),
    );
    expect(conflicts).toEqual([
      "cell a: both sides changed the same lines; both versions are in the notebook",
    ]);
    expect(ids(merged)).toBe("a a-theirs b");
    expect(sources(merged).slice(0, 2)).toEqual(["ours\na2\na3\nadded", "theirs\na2\na3\nadded"]);
    expect(merged.cells.map(conflictOf)).toEqual([
      { of: "a", side: "ours", deleted: false },
      { of: "a", side: "theirs", deleted: false },
      undefined,
    ]);
    // Only the second version is the text that its side has run.
    expect(merged.cells.map(({ outputs }) => outputs.length)).toEqual([0, 1, 1]);
  });

  it("keeps a cell that one side changed and the other deleted, on either side", () => {
    const changed = { ...a, source: ["new"] };
    for (const [ours, theirs, side] of [
      [notebook(changed), notebook(), "ours"],
      [notebook(), notebook(changed), "theirs"],
    ] as const) {
      const { notebook: merged, conflicts } = merge(notebook(a), ours, theirs);
      expect(conflicts).toHaveLength(1);
      expect(merged.cells).toEqual([{ ...changed, extra: { conflict: { of: "a", side, deleted: true } } }]);
    }
  });

  it("names a value that both changed; ours stands", () => {
    const { notebook: merged, conflicts } = merge(
      { ...notebook(), meta: { title: "T" } },
      { ...notebook(), meta: { title: "ours" } },
      { ...notebook(), meta: { title: "theirs" } },
    );
    expect(conflicts).toEqual(["meta.title: both sides changed it; ours stands"]);
    expect(merged.meta).toEqual({ title: "ours" });
  });

  it("of a cell that is the second version already gets an id that is free", () => {
    const make = (line: string) => notebook(cell("a", line), cell("a-theirs", "x"));
    expect(ids(merge(make("1"), make("2"), make("3")).notebook)).toBe("a a-theirs2 a-theirs");
  });
});

/** Words that trip naive maps, and few of them, so that edits meet. */
const line = fc.constantFrom("x", "y", "z", "__proto__", "constructor", "");
const edit = fc.oneof(
  fc.record({
    kind: fc.constant("insert" as const),
    at: fc.nat(9),
    id: fc.constantFrom("p", "q", "r", "s"),
    source: fc.array(line, { maxLength: 3 }),
  }),
  fc.record({ kind: fc.constant("delete" as const), at: fc.nat(9) }),
  fc.record({ kind: fc.constant("move" as const), at: fc.nat(9), to: fc.nat(9) }),
  fc.record({ kind: fc.constant("change" as const), at: fc.nat(9), row: fc.nat(4), line }),
  fc.record({ kind: fc.constant("tag" as const), at: fc.nat(9), tag: line.filter(Boolean) }),
  fc.record({ kind: fc.constant("run" as const), at: fc.nat(9), output: line }),
);

function apply(
  before: Notebook,
  edits: readonly (typeof edit extends fc.Arbitrary<infer T> ? T : never)[],
): Notebook {
  const cells = [...before.cells];
  for (const one of edits) {
    const at = cells.length ? one.at % cells.length : 0;
    const target = cells[at];
    if (one.kind === "insert") {
      if (!cells.some(({ id }) => id === one.id))
        cells.splice(at, 0, { ...cell(one.id, ""), source: one.source });
    } else if (!target) continue;
    else if (one.kind === "delete") cells.splice(at, 1);
    else if (one.kind === "move") cells.splice(one.to % cells.length, 0, ...cells.splice(at, 1));
    else if (one.kind === "change")
      cells[at] = { ...target, source: target.source.toSpliced(one.row, 1, one.line) };
    else if (one.kind === "tag") cells[at] = { ...target, extra: { tags: [one.tag] } };
    else cells[at] = { ...target, outputs: [text(one.output)] };
  }
  return { ...before, cells };
}

const same = (x: Cell | undefined, y: Cell | undefined): boolean =>
  JSON.stringify([x?.kind, x?.source, x?.extra]) === JSON.stringify([y?.kind, y?.source, y?.extra]);

describe("any merge", () => {
  const base = notebook(...["a", "b", "c", "d", "e"].map((id) => cell(id, `${id}\nx\ny`, id)));
  const edits = fc.array(edit, { maxLength: 6 });

  it("is valid, and loses no cell that one side changed or added", () => {
    fc.assert(
      fc.property(edits, edits, (ourEdits, theirEdits) => {
        const [ours, theirs] = [apply(base, ourEdits), apply(base, theirEdits)];
        const { notebook: merged, conflicts } = merge(base, ours, theirs);
        const find = (from: Notebook, id: string) => from.cells.find((one) => one.id === id);
        for (const [side, other] of [
          [ours, theirs],
          [theirs, ours],
        ] as const)
          for (const { id } of side.cells) {
            const [before, mine, yours, result] = [base, side, other, merged].map((from) => find(from, id));
            if (same(before, mine)) continue;
            expect(result, id).toBeDefined();
            // Changed by one side only: as that side has it, but for the mark when the other deleted it.
            // Outputs go with the source: where both sides have the same one, the other side may have run it again.
            if (same(before, yours) && isDeepStrictEqual(mine?.source, yours?.source))
              expect({ ...result, outputs: [] }).toEqual({ ...mine, outputs: [] });
            else if (same(before, yours)) expect(result).toEqual(mine);
            else if (!yours) expect(result?.source).toEqual(mine?.source);
          }
        expect(merged.cells.some(conflictOf)).toBe(
          conflicts.some((sentence) => sentence.startsWith("cell") && !sentence.includes("stands")),
        );
      }),
      { numRuns: 10_000 },
    );
  });

  it("with a side that changed nothing is the other side", () => {
    fc.assert(
      fc.property(edits, (list) => {
        const changed = apply(base, list);
        expect(merge(base, changed, base)).toEqual({ notebook: changed, conflicts: [] });
        expect(merge(base, base, changed)).toEqual({ notebook: changed, conflicts: [] });
        expect(merge(base, changed, changed)).toEqual({ notebook: changed, conflicts: [] });
      }),
      { numRuns: 2000 },
    );
  });
});

import { expect, test } from "vitest";
import { mergeRun } from "../../../src/document/merge/mergeRun.js";
import type { Cell, Notebook } from "../../../src/document/notebook.js";
import { streamOutput } from "../../../src/document/outputs.js";

const cell = (id: string, source: string, shown?: string, extra = {}): Cell => ({
  ...{ id, kind: "code", source: [source], extra },
  outputs: shown === undefined ? [] : [streamOutput("stdout", shown)],
});
const notebook = (cells: Cell[], meta = {}): Notebook => ({ dnb: 1, meta, cells, extra: {} });
const before = notebook([cell("a", "1", "old"), cell("b", "2", "old"), cell("c", "3", "old")], {
  environment: { node: "20" },
  parameters: { x: 1 },
});
const after = notebook([cell("a", "1", "new"), cell("b", "2", "new"), cell("c", "3", "old")], {
  environment: { node: "22" },
});
const run = { before, after, selected: new Set(["a", "b"]) };

test("a notebook that nobody edited is what the run made of it", () => {
  expect(mergeRun(run, before)).toEqual({ notebook: after, unplaced: [] });
});

test("outputs go where the text still is what ran; all else is as it was edited", () => {
  const edited: Notebook = {
    ...notebook(
      [
        cell("c", "3", "mine"),
        cell("b", "2!", "old"),
        cell("d", "4"),
        cell("a", "1", undefined, { tags: ["mine"] }),
      ],
      { ...before.meta, title: "mine" },
    ),
    extra: { more: 1 },
  };
  expect(mergeRun(run, edited)).toEqual({
    notebook: {
      ...notebook(
        [
          cell("c", "3", "mine"),
          cell("b", "2!", "old"),
          cell("d", "4"),
          cell("a", "1", "new", { tags: ["mine"] }),
        ],
        { environment: { node: "22" }, title: "mine" },
      ),
      extra: { more: 1 },
    },
    unplaced: ["b"],
  });
});

test("a cell that is prose now has no outputs of the run; one that showed nothing is not missed", () => {
  const prose: Cell = { ...cell("a", "1"), kind: "markdown" };
  const silent = { ...run, after: notebook([cell("a", "1", "new"), cell("b", "2")]) };
  const { notebook: merged, unplaced } = mergeRun(silent, notebook([prose, cell("b", "2!", "old")]));
  expect(merged.cells).toEqual([prose, cell("b", "2!", "old")]);
  expect(unplaced).toEqual(["a"]);
});

test("saved in the middle of a run and edited afterwards, a cell has what it shows in the end", () => {
  const middle = notebook([cell("a", "1", "half"), cell("b", "2")], before.meta);
  const edited = { ...middle, cells: [...middle.cells, cell("z", "5")] };
  const shown = mergeRun({ ...run, after: notebook([cell("a", "1", "old"), cell("b", "2", "new")]) }, edited);
  expect(shown.notebook.cells).toEqual([cell("a", "1", "old"), cell("b", "2", "new"), cell("z", "5")]);
});

import { describe, expect, test } from "vitest";
import type { SearchOutput } from "../../src/search/record.js";
import { computeAxis } from "../../webview/axis.js";
import { all } from "../../webview/state/filter.js";
import { droppedSubtrees } from "../../webview/state/fold.js";
import { descendantsOf } from "../../webview/state/descendants.js";
import { modelOf } from "../../webview/state/model.js";
import { parseOutput } from "../../webview/state/parse.js";
import { neighbour, nodeFinder } from "../../webview/tree/find.js";
import { layoutTree, type Box, type TreeLayout } from "../../webview/tree/layout.js";
import { levelTree } from "../../webview/tree/levels.js";
import { thumbnailsInSight } from "../../webview/tree/previews.js";
import { makeOutput, type Options } from "./fixtures/records.js";
import { outputOf } from "./fixtures/searches.js";

const plot = { width: 860, height: 212, left: 52, right: 740 };

interface Counted {
  readonly width: number;
  readonly count: number;
}

function layoutOf(output: SearchOutput, size = plot) {
  const model = modelOf(parseOutput(output).record);
  const axis = computeAxis(model);
  return { model, axis, layout: layoutTree(model, axis, size) };
}

const zero: Options = { algorithm: "zero-order", rounds: 8, perRound: 4 };

function overlaps(boxes: readonly Box[]): number {
  let count = 0;
  boxes.forEach((a, i) => {
    for (const b of boxes.slice(i + 1)) {
      const across = Math.abs(a.x - b.x) < (a.width + b.width) / 2 - 1e-6;
      if (across && Math.abs(a.y - b.y) < (a.height + b.height) / 2 - 1e-6) count++;
    }
  });
  return count;
}

function inside({ nodes, planned }: TreeLayout, { width, height } = plot): boolean {
  return [...nodes, ...planned].every(
    (box) =>
      box.x - box.width / 2 >= 0 &&
      box.x + box.width / 2 <= width &&
      box.y - box.height / 2 >= -1e-6 &&
      box.y + box.height / 2 <= height + 1e-6,
  );
}

describe("the candidate tree's layout", () => {
  const cases: [string, Options][] = [
    ["zero-order", zero],
    ["zero-order at work", { ...zero, done: 5, state: "running" }],
    ["zero-order, wide rounds", { ...zero, perRound: 16 }],
    ["zero-order, many rounds", { ...zero, rounds: 60 }],
    ["one candidate", { algorithm: "random", rounds: 1, perRound: 1 }],
    ["random 16 in fours", { algorithm: "random", rounds: 4, perRound: 4 }],
    ["random 64", { algorithm: "random", rounds: 1, perRound: 64 }],
    [
      "random 64 in rounds, at work",
      { algorithm: "random", rounds: 8, perRound: 8, done: 5, state: "running" },
    ],
    ["random 1000", { algorithm: "random", rounds: 1, perRound: 1000 }],
    ["random 2000 in rounds", { algorithm: "random", rounds: 10, perRound: 200 }],
  ];
  test.each(cases)("%s: all nodes inside, none over another, at any width", (_, options) => {
    const output = makeOutput({ ...options, pictures: false });
    for (const width of [380, 480, 860, 1200]) {
      const size = { ...plot, width, right: width - 90 };
      const { layout } = layoutOf(output, size);
      expect(layout.nodes).toHaveLength(output.record.candidates.length);
      expect(overlaps([...layout.nodes, ...layout.planned])).toBe(0);
      expect(inside(layout, size)).toBe(true);
    }
  });

  test("a round stands at the compute where it ended, the root at the start", () => {
    const { model, layout } = layoutOf(makeOutput(zero));
    const x = (nfe: number): number => plot.left + (nfe / 256) * (plot.right - plot.left);
    for (const { candidate, x: at } of layout.nodes) expect(at).toBeCloseTo(x(candidate.round * 32), 6);
    expect(layout.tier).toBe("pictures");
    expect(model.bestLineage.has("r0-c0")).toBe(true);
  });

  test("the best lineage is one line from the root to the best", () => {
    const { model, layout } = layoutOf(makeOutput(zero));
    const best = layout.links.filter(({ kind }) => kind === "best");
    expect(best).toHaveLength(model.bestLineage.size - 1);
    expect([...model.bestLineage].at(-1)).toBe(model.record.best);
    expect([...model.bestLineage][0]).toBe("r0-c0");
  });

  test("the next round is planned where it will stand, and not beyond the budget", () => {
    const next = layoutOf(makeOutput({ ...zero, done: 5, state: "paused" }));
    expect(next.axis.next).toEqual({ round: 6, span: [160, 192], count: 4 });
    expect(next.layout.links.filter(({ kind }) => kind === "planned")).toHaveLength(4);
    const six = layoutOf(makeOutput({ ...zero, done: 6, state: "paused" })).layout;
    const made = six.nodes.filter(({ candidate }) => candidate.round === 6);
    expect(next.layout.planned.map(({ x, y }) => [x, y])).toEqual(made.map(({ x, y }) => [x, y]));
    expect(layoutOf(makeOutput({ ...zero, done: 8, state: "paused" })).layout.planned).toHaveLength(0);
    expect(layoutOf(makeOutput({ ...zero, done: 5, state: "stopped" })).layout.planned).toHaveLength(0);
  });

  test("a round in work fills its place without moving the others", () => {
    const whole = makeOutput({ ...zero, done: 3, state: "running" });
    const { record } = whole;
    const candidates = record.candidates.filter(({ id }) => id !== "r3-c3" && id !== "r3-c2");
    const part = layoutOf({
      ...whole,
      record: { ...record, candidates, rounds: record.rounds.slice(0, 2) },
    }).layout;
    const { layout } = layoutOf(whole);
    for (const node of part.nodes) {
      expect([node.x, node.y]).toEqual([
        layout.byId.get(node.candidate.id)?.x,
        layout.byId.get(node.candidate.id)?.y,
      ]);
    }
  });

  test("more candidates: thumbnails, then cells, then strips sorted by score", () => {
    const tier = (perRound: number) =>
      layoutOf(makeOutput({ algorithm: "random", rounds: 1, perRound, pictures: false })).layout;
    expect(tier(64).tier).toBe("pictures");
    expect(tier(1000).tier).toBe("cells");
    const strips = tier(20_000);
    expect(strips.tier).toBe("strips");
    const column = strips.nodes.filter(({ x }) => x === strips.nodes[0]!.x);
    const scores = column.map(({ candidate }) => candidate.scores["alignment"]!);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  test("the more came of a candidate the larger it is, the best lineage as large as any; without children all are alike", async () => {
    const size = { width: 1700, height: 400, left: 52, right: 1580 };
    const { model, layout } = layoutOf(await outputOf("paths", 320), size);
    const descendants = descendantsOf(model);
    const largest = Math.max(...layout.nodes.map(({ width }) => width));
    const [lineage, others] = [true, false].map((isBest) =>
      layout.nodes
        .filter(({ candidate }) => model.bestLineage.has(candidate.id) === isBest)
        .map(({ candidate, width }) => ({ width, count: descendants.get(candidate.id) ?? 0 }))
        .sort((a, b) => a.count - b.count),
    ) as [Counted[], Counted[]];
    expect(lineage.every(({ width }) => width === largest)).toBe(true);
    expect(new Set(others.map(({ width }) => width)).size).toBeGreaterThan(2);
    others.slice(1).forEach((one, i) => {
      if (one.count > others[i]!.count) expect(one.width).toBeGreaterThan(others[i]!.width);
      else expect(one.width).toBe(others[i]!.width);
    });
    const flat = layoutOf(makeOutput({ algorithm: "random", rounds: 4, perRound: 4 })).layout.nodes;
    expect(new Set(flat.map(({ width }) => width)).size).toBe(1);
  });

  test("thumbnails in sight: of a zoomed tree those on the screen that pass, the best lineage first; of strips none", () => {
    const { model, layout } = layoutOf(makeOutput({ ...zero, perRound: 40, pictures: false }), {
      ...plot,
      right: plot.left + 20 * (plot.right - plot.left),
    });
    expect(layout.tier).toBe("pictures");
    const shift = -Math.round(layout.byId.get("r4-c0")!.x - 400);
    const seen = thumbnailsInSight(layout, shift, model, all);
    const onScreen = layout.nodes.filter(({ x, width }) => Math.abs(x + shift - 430) < 430 + width / 2);
    expect(new Set(seen)).toEqual(new Set(onScreen.map(({ candidate }) => candidate)));
    expect(seen.length).toBeGreaterThan(20);
    expect(seen.length).toBeLessThan(model.record.candidates.length / 2);
    const lineage = seen.findIndex(({ id }) => !model.bestLineage.has(id));
    const scores = seen.slice(lineage).map(({ scores }) => scores["alignment"]!);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    const kept = thumbnailsInSight(layout, shift, model, ({ status }) => status === "kept");
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.every(({ status }) => status === "kept")).toBe(true);
    const strips = layoutOf(
      makeOutput({ algorithm: "random", rounds: 1, perRound: 20_000, pictures: false }),
    );
    expect(thumbnailsInSight(strips.layout, 0, strips.model, all)).toEqual([]);
  });

  test("10,000 candidates are laid out within 100 ms", () => {
    const output = makeOutput({ algorithm: "random", rounds: 10, perRound: 1000, pictures: false });
    // The best of several: the first are of code that is not yet compiled. Of clock and processor the lesser: each alone holds what others do.
    const times = Array.from({ length: 12 }, () => {
      const [start, used] = [performance.now(), process.cpuUsage()];
      const model = modelOf(output.record);
      layoutTree(model, computeAxis(model), plot);
      const { user, system } = process.cpuUsage(used);
      return Math.min(performance.now() - start, (user + system) / 1000);
    });
    expect(Math.min(...times)).toBeLessThan(100);
  });

  test("of a parent with many children the lines are one fan, beside its children; few keep their lines", () => {
    const fansOf = (perRound: number) =>
      layoutOf(makeOutput({ ...zero, perRound, rounds: 4, pictures: false })).layout;
    expect(fansOf(16)).toMatchObject({ fans: [], links: { length: 64 } });
    const { fans, links, byId, nodes } = fansOf(40);
    expect(fans.map(({ count }) => count)).toEqual([39, 39, 39, 40]);
    expect(links.map(({ kind }) => kind)).toEqual(["best", "best", "best"]);
    for (const [i, { from, x, top, bottom }] of fans.entries()) {
      const children = nodes.filter(({ candidate }) => candidate.round === i + 1);
      expect(byId.get(children[0]!.candidate.parents[0]!)).toBe(from);
      expect(x).toBeGreaterThan(from.x + from.width / 2);
      for (const child of children) {
        expect(child.x - child.width / 2).toBeGreaterThanOrEqual(x);
        expect(child.y).toBeGreaterThan(top);
        expect(child.y).toBeLessThan(bottom);
      }
    }
  });

  test("a run served from the cache is laid out by what it would have cost", () => {
    const output = makeOutput(zero);
    const free = <T extends { spent: SearchOutput["record"]["spent"] }>(entry: T): T => ({
      ...entry,
      spent: { ...entry.spent, nfe: 0 },
    });
    const record = free({ ...output.record, rounds: output.record.rounds.map(free) });
    const { axis, layout } = layoutOf({ ...output, record });
    expect(axis).toMatchObject({ label: "NFE", max: 256, spent: 256 });
    expect(overlaps(layout.nodes)).toBe(0);
  });
});

test("a fresh pivot after a restart stands in the column it follows", () => {
  const { record } = makeOutput({ ...zero, done: 3 });
  const pivot = { ...record.candidates[0]!, id: "r2-c4", round: 2, key: "7/r2-c4" };
  const candidates = record.candidates.flatMap((candidate) =>
    candidate.id === "r3-c0" ? [pivot, { ...candidate, parents: [pivot.id] }] : [candidate],
  );
  const { layout, axis } = layoutOf({ record: { ...record, candidates, state: "paused" }, atlas: [] });
  expect(overlaps(layout.nodes)).toBe(0);
  expect(layout.byId.get("r2-c4")?.x).toBe(layout.byId.get("r2-c0")?.x);
  expect(axis.spans.get(3)).toEqual([64, 96]);
});

describe("finding nodes", () => {
  const { model, layout } = layoutOf(makeOutput(zero));
  const at = (id: string) => layout.byId.get(id)!;
  const step = (id: string, key: Parameters<typeof neighbour>[3]) =>
    neighbour(layout, model.parents, at(id), key)?.candidate.id;

  test("under the pointer", () => {
    const find = nodeFinder(layout);
    for (const node of layout.nodes) expect(find(node.x + 3, node.y - 3)).toBe(node);
    expect(find(0, 0)).toBeUndefined();
  });

  test("with arrow keys: the lineage left and right, the round up and down", () => {
    expect(step("r1-c1", "ArrowDown")).toBe("r1-c2");
    expect(step("r1-c0", "ArrowUp")).toBeUndefined();
    expect(step("r1-c0", "ArrowLeft")).toBe("r0-c0");
    const kept = model.record.candidates.find(({ round, status }) => round === 1 && status === "kept")!;
    expect(step("r0-c0", "ArrowRight")).toBe(kept.id);
    expect(step("r3-c1", "Home")).toBe("r0-c0");
    expect(step("r3-c1", "End")).toBe("r8-c3");
  });
});

test.each(["paths", "beam", "evolution", "tree"])(
  "%s: who comes of another stands to the right of it, also within a round; none over another",
  async (name) => {
    const { layout, model } = layoutOf(await outputOf(name, 320));
    expect(layout.nodes).toHaveLength(model.record.candidates.length);
    const links = layout.links.filter(({ kind }) => kind !== "planned");
    expect(links.length).toBeGreaterThan(5);
    for (const { from, to } of links) expect(to.x).toBeGreaterThan(from.x);
    expect(overlaps(layout.nodes)).toBe(0);
    expect(inside(layout)).toBe(true);
  },
);

describe("a tree with a column for each noise level", () => {
  test("has every candidate once, in the column where it began, from noise to clean", async () => {
    const model = modelOf((await outputOf("paths")).record);
    const tree = levelTree(model)!;
    const layout = layoutTree(tree.model, tree.axis, { width: 700, height: 212, left: 52, right: 600 });
    expect(layout.nodes).toHaveLength(model.record.candidates.length);
    expect(tree.labels[0]).toBe("level 1");
    expect(tree.labels.length).toBe(layout.ticks.length);
    let left = 52;
    tree.labels.forEach((label, i) => {
      const right = layout.ticks[i]!;
      const column = layout.nodes.filter(({ x }) => x > left && x <= right + 1e-9);
      expect(column.length).toBeGreaterThan(0);
      for (const { candidate } of column)
        expect(String(Number(candidate.from.toFixed(3)))).toBe(label.replace("level ", ""));
      left = right;
    });
    expect(overlaps(layout.nodes)).toBe(0);
  });

  test("is not offered where all began as noise", () => {
    expect(
      levelTree(modelOf(makeOutput({ algorithm: "zero-order", rounds: 3, perRound: 4 }).record)),
    ).toBeUndefined();
  });
});

describe("dropped subtrees", () => {
  const model = modelOf(
    makeOutput({ algorithm: "zero-order", rounds: 5, perRound: 6, pictures: false }).record,
  );
  const dropped = droppedSubtrees(model);

  test("are dropped candidates that nothing came of; the best lineage never", () => {
    expect(dropped.size).toBeGreaterThan(10);
    for (const id of dropped) {
      expect(model.byId.get(id)!.status).toBe("dropped");
      expect(model.bestLineage.has(id)).toBe(false);
      for (const [child, [parent]] of model.parents) if (parent === id) expect(dropped.has(child)).toBe(true);
    }
    for (const { id, status } of model.record.candidates)
      if (status !== "dropped") expect(dropped.has(id)).toBe(false);
  });

  test("fold into one glyph a round that says how many; each candidate is drawn or counted", () => {
    const plot = { width: 700, height: 212, left: 52, right: 600 };
    const layout = layoutTree(model, computeAxis(model), plot, dropped);
    const hidden = layout.folds.reduce((sum, fold) => sum + fold.hidden, 0);
    expect(hidden).toBe(dropped.size);
    expect(layout.nodes.length + hidden).toBe(model.record.candidates.length);
    expect(new Set(layout.folds.map(({ round }) => round)).size).toBe(layout.folds.length);
    for (const fold of layout.folds)
      for (const node of layout.nodes)
        expect(Math.hypot(fold.x - node.x, fold.y - node.y)).toBeGreaterThan(10);
  });
});

import { describe, expect, test } from "vitest";
import type { CandidateRecord, SearchOutput } from "../../src/search/record.js";
import { branchFinder } from "../../webview/branches/find.js";
import { lanesOf } from "../../webview/branches/lanes.js";
import { layoutBranches, type BranchLayout } from "../../webview/branches/layout.js";
import { PREVIEW, previewsAt } from "../../webview/branches/previews.js";
import { all, everything, sightOf } from "../../webview/state/filter.js";
import { modelOf } from "../../webview/state/model.js";
import { parseOutput } from "../../webview/state/parse.js";
import { makeOutput } from "./fixtures/records.js";
import { algorithms, outputOf } from "./fixtures/searches.js";

const plot = { width: 860, height: 352, left: 20, right: 800 };
const layoutOf = (output: SearchOutput) => {
  const model = modelOf(parseOutput(output).record);
  return { model, layout: layoutBranches(model, plot) };
};

/** Two branches in one lane at the same time, beyond a common end. */
function collisions({ branches }: BranchLayout): string[] {
  const rows = new Map<number, (typeof branches)[number][]>();
  for (const branch of branches) rows.set(branch.row, [...(rows.get(branch.row) ?? []), branch]);
  return [...rows.values()].flatMap((row) =>
    row.flatMap((a, i) =>
      row
        .slice(i + 1)
        .filter((b) => Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0) > 1e-6)
        .map((b) => `${a.candidate.id} over ${b.candidate.id}`),
    ),
  );
}

describe("branches along the noise level", () => {
  test.each(Object.keys(algorithms))(
    "%s: every branch inside, none over another, back only to the left",
    async (name) => {
      const output = await outputOf(name);
      const { model, layout } = layoutOf(output);
      expect(layout.branches).toHaveLength(output.record.candidates.length);
      expect(collisions(layout)).toEqual([]);
      for (const { x0, x1, y, parts, candidate } of layout.branches) {
        expect(x0).toBeLessThanOrEqual(x1 + 1e-9);
        expect([x0 >= plot.left - 1e-9, x1 <= plot.right + 1e-9, y > 0, y < plot.height - 22]).toEqual([
          true,
          true,
          true,
          true,
        ]);
        expect(x0).toBeCloseTo(layout.xOf(candidate.from), 6);
        expect(parts.at(-1)?.x1 ?? x1).toBeCloseTo(x1, 6);
      }
      for (const { kind, candidate } of layout.routes) {
        const child = layout.byBranch.get(candidate)!;
        const parent = layout.byBranch.get(model.parents.get(candidate)![0]!)!;
        expect(kind === "back").toBe(child.x0 < parent.x1 - 1e-6);
        expect(child.band - parent.band).toBe(kind === "back" ? 1 : 0);
      }
    },
  );

  test.each(["paths", "feynmanKac", "random"])(
    "%s: at the cursor's level previews have room above each other, the best lineage's among them",
    async (name) => {
      const { model, layout } = layoutOf(await outputOf(name, 320));
      for (const cursor of [1, 0.75, 0.5, 0.25, 0]) {
        const branches = previewsAt(layout, model, cursor, all);
        for (const { candidate } of branches) {
          expect(candidate.from).toBeGreaterThanOrEqual(cursor);
          expect(candidate.level).toBeLessThanOrEqual(cursor);
        }
        branches.slice(1).forEach(({ y }, i) => expect(y - branches[i]!.y).toBeGreaterThanOrEqual(PREVIEW));
        const passes = ({ x0, x1 }: (typeof branches)[number]): boolean =>
          x0 < x1 && x0 <= layout.xOf(cursor) + 1e-6 && x1 >= layout.xOf(cursor) - 1e-6;
        const best = [...model.bestLineage].map((id) => layout.byBranch.get(id)!).filter(passes);
        if (best.length === 1) expect(branches).toContain(best[0]);
        expect(previewsAt(layout, model, cursor, () => false)).toEqual([]);
      }
    },
  );

  test("renoising runs in the gutter between the bands, and crosses no branch", async () => {
    const { layout } = layoutOf(await outputOf("paths", 320));
    const backs = layout.routes.filter(({ kind }) => kind === "back");
    expect(backs.length).toBeGreaterThan(10);
    for (const { points } of backs) {
      const [y, next] = [points[2]![1], points[3]![1]];
      expect(y).toBe(next);
      const [low, high] = [points[3]![0], points[2]![0]];
      const crossed = layout.branches.filter((b) => Math.abs(b.y - y) < 1 && b.x1 > low && b.x0 < high);
      expect(crossed).toEqual([]);
    }
  });

  test("particles keep their lanes; a copy takes the lane of one that was dropped", () => {
    const candidate = (id: string, parents: string[], from: number, level: number): CandidateRecord =>
      ({ id, parents, from, level, round: 1 }) as unknown as CandidateRecord;
    const all = [
      candidate("a", [], 1, 0.5),
      candidate("b", [], 1, 0.5),
      candidate("a2", ["a"], 0.5, 0),
      candidate("copy", ["a"], 0.5, 0),
    ];
    const { places, counts } = lanesOf(all, new Map(all.map(({ id, parents }) => [id, parents])));
    expect(counts).toEqual([2]);
    expect(["a", "b", "a2", "copy"].map((id) => places.get(id)!.lane)).toEqual([0, 1, 0, 1]);
  });

  test("ticks are the schedule's own values, labels do not touch", async () => {
    const { model, layout } = layoutOf(await outputOf("random"));
    expect(layout.ticks.map(({ level }) => level)).toEqual(model.record.levels);
    const labelled = layout.ticks.filter(({ label }) => label !== "").map(({ x }) => x);
    expect(Math.min(...labelled.slice(1).map((x, i) => x - labelled[i]!))).toBeGreaterThanOrEqual(40);
    expect(layout.levelAt(layout.xOf(0.37))).toBeCloseTo(0.37, 9);
  });

  test("the pointer finds the branch that it is on", async () => {
    const { layout } = layoutOf(await outputOf("halving"));
    const find = branchFinder(layout);
    for (const { candidate, x0, x1, y } of layout.branches) {
      const hit = find((x0 + x1) / 2, y)!;
      expect(hit.y).toBe(y);
      expect(hit.candidate.id === candidate.id || hit.x1 >= (x0 + x1) / 2).toBe(true);
    }
    expect(find(-50, -50)).toBeUndefined();
  });

  test("a hundred thousand are thinned to what pixels can show, the best lineage among them", () => {
    const output = makeOutput({ algorithm: "random", rounds: 100, perRound: 1000, pictures: false });
    const { model, layout } = layoutOf(output);
    expect(layout.branches).toHaveLength(100_000);
    expect(layout.drawn.length).toBeLessThan(2000);
    expect(layout.drawn.some(({ candidate }) => candidate === model.best)).toBe(true);
  });
});

describe("what a reader wants to see", () => {
  test("passes by id, status, score, round, band and cursor, and all of them at once", async () => {
    const { model } = layoutOf(await outputOf("paths", 320));
    const ids = (filter: object, cursor?: number): string[] =>
      model.record.candidates
        .filter(sightOf(model, { ...everything, ...filter }, cursor))
        .map(({ id }) => id);
    const { candidates } = model.record;
    expect(ids({})).toHaveLength(candidates.length);
    expect(ids({ words: " R2-C" }).every((id) => id.startsWith("r2-c"))).toBe(true);
    expect(ids({ status: "dropped" })).toEqual(
      candidates.filter(({ status }) => status === "dropped").map(({ id }) => id),
    );
    const score = model.best!.scores["brightness"]!;
    expect(ids({ score })).toContain(model.best!.id);
    expect(ids({ score: score + 1 })).toEqual([]);
    expect(ids({ band: [0.9, 0.8] })).toEqual(
      candidates.filter(({ from, level }) => from >= 0.8 && level <= 0.9).map(({ id }) => id),
    );
    expect(ids({}, 0)).toEqual(candidates.filter(({ level }) => level === 0).map(({ id }) => id));
    expect(ids({ round: 1, words: "zzz" })).toEqual([]);
  });
});

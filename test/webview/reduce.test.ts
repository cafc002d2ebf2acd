import { describe, expect, test } from "vitest";
import type { CandidateRecord, SearchDelta, SearchOutput } from "../../src/search/record.js";
import { initialState, reduce, shown, type ViewState } from "../../webview/state/reduce.js";
import { cost, makeOutput } from "./fixtures/records.js";

const half = makeOutput({ algorithm: "zero-order", rounds: 8, perRound: 4, done: 4, state: "running" });
const more = makeOutput({ algorithm: "zero-order", rounds: 8, perRound: 4, done: 5, state: "running" });
const status = { milliseconds: 900, live: true } as const;
const snapshot = (output: SearchOutput, sequence: number) =>
  ({ type: "snapshot", output, sequence, status }) as const;

function delta(sequence: number, changes: Partial<SearchDelta> = {}): { type: "delta"; delta: SearchDelta } {
  const { state, best, spent, notices, candidates, rounds } = more.record;
  const head = { state, spent, notices, ...(best === undefined ? {} : { best }) };
  const news = {
    candidates: candidates.filter(({ round }) => round >= 4),
    rounds: rounds.slice(4),
    atlas: [],
  };
  return { type: "delta", delta: { run: "fixture", sequence, head, status, ...news, ...changes } };
}

describe("the view's reducer", () => {
  const live = reduce(initialState(half, "asking"), snapshot(half, 7));

  test("a snapshot makes it live, a delta brings the next round", () => {
    expect(live).toMatchObject({ link: "live", sequence: 7, milliseconds: 900, stale: false });
    const next = reduce(live, delta(8));
    expect(next.model.record).toEqual(more.record);
    expect(next.sequence).toBe(8);
  });

  test("a missed delta asks for a snapshot and changes nothing", () => {
    const next = reduce(live, delta(9));
    expect(next.stale).toBe(true);
    expect(next.model).toBe(live.model);
    expect(reduce(next, snapshot(more, 9))).toMatchObject({ stale: false, sequence: 9 });
  });

  test("an old delta and another run's are ignored", () => {
    expect(reduce(live, delta(7))).toBe(live);
    expect(reduce(live, delta(8, { run: "another" }))).toBe(live);
    expect(reduce(live, { type: "gone", run: "another", reason: "" })).toBe(live);
    const other = { ...half, record: { ...half.record, id: "another" } };
    expect(reduce(live, snapshot(other, 1))).toBe(live);
  });

  test("a saved output that lags behind a live view is not taken; one without a kernel is", () => {
    const ahead = reduce(live, delta(8));
    expect(reduce(ahead, { type: "output", output: half })).toMatchObject({
      stale: true,
      model: ahead.model,
    });
    const gone = reduce(ahead, { type: "gone", run: "fixture", reason: "The kernel has ended." });
    expect(reduce(gone, { type: "output", output: half }).model.record.rounds).toHaveLength(4);
  });

  test("silence means that nobody is there, but only before an answer", () => {
    expect(reduce(initialState(half, "asking"), { type: "silence" }).link).toBe("gone");
    expect(reduce(live, { type: "silence" })).toBe(live);
  });

  test("an action is pending until anything comes back", () => {
    const pending = reduce(live, { type: "act", action: "step" });
    expect(pending.pending).toBe("step");
    expect(reduce(pending, delta(8)).pending).toBeUndefined();
    const refused = reduce(pending, { type: "refused", run: "fixture", reason: "The budget is spent." });
    expect(refused).toMatchObject({ refusal: "The budget is spent." });
    expect(refused.pending).toBeUndefined();
  });

  test("shows the selected candidate, else the best; a selection that is gone is forgotten", () => {
    const chosen = reduce(live, { type: "select", id: "r4-c1" });
    expect(shown(chosen)?.id).toBe("r4-c1");
    expect(shown(reduce(chosen, { type: "select", id: undefined }))?.id).toBe(half.record.best);
    expect(reduce(chosen, { type: "select", id: "r99-c0" }).selected).toBeUndefined();
    const fresh = makeOutput({ algorithm: "zero-order", rounds: 8, perRound: 4, done: 1 });
    expect(reduce(chosen, snapshot(fresh, 1)).selected).toBeUndefined();
  });
});

describe("odd and hostile records", () => {
  const base = half.record.candidates[1]!;
  const open = (candidates: readonly unknown[], more: object = {}): ViewState =>
    initialState({ record: { ...half.record, rounds: [], candidates, ...more }, atlas: [] }, "page");
  const extra = (changes: Partial<CandidateRecord>): CandidateRecord => ({
    ...base,
    cost: cost(8, 1),
    ...changes,
  });

  test.each([
    null,
    7,
    "x",
    [],
    {},
    { record: null },
    { record: { version: 2 } },
    { record: { version: 1, id: 4 } },
  ])("%j is refused with a sentence", (output) =>
    expect(() => initialState(output, "page")).toThrow(/^This result cannot be drawn: .+\.$/),
  );

  test("cycles and missing parents are cut", () => {
    const state = open([
      extra({ id: "a", parents: ["b"] }),
      extra({ id: "b", parents: ["a"] }),
      extra({ id: "c", parents: ["nowhere"] }),
      extra({ id: "d", parents: ["d"] }),
    ]);
    expect(state.model.orphans).toBe(3);
    expect([...state.model.parents.values()]).toEqual([[], ["a"], [], []]);
  });

  test("scores that are no numbers are left out and counted", () => {
    const state = open([{ ...base, scores: { classifier: NaN, judge: "1", other: 0.5, more: Infinity } }]);
    expect(state.odd.scores).toBe(3);
    expect(state.model.record.candidates[0]?.scores).toEqual({ other: 0.5 });
    expect(state.model.domain).toBeUndefined();
  });

  test("names of the prototype are only names", () => {
    const record = JSON.stringify({ ...base, id: "__proto__", parents: ["constructor"], scores: {} });
    const candidate: unknown = JSON.parse(record.replace('"scores":{}', '"scores":{"__proto__":0.5}'));
    const state = open([candidate]);
    expect(state.model.byId.get("__proto__")?.parents).toEqual(["constructor"]);
    // No prototype to be changed, and none whose members would be taken for scores.
    expect(Object.getPrototypeOf(state.model.record.candidates[0]?.scores)).toBeNull();
    expect(state.model.record.candidates[0]?.scores["__proto__"]).toBe(0.5);
    expect(({} as Record<string, unknown>)["classifier"]).toBeUndefined();
  });

  test("only PNG data become pictures", () => {
    const chunk = { ids: ["r1-c0"], tile: [28, 28], columns: 1 };
    const pngs = ["PHN2Zz4=", "javascript:alert(1)", 'iVBORw0KGgo" onerror="alert(1)', 5, undefined];
    const atlas = [
      ...pngs.map((png) => ({ ...chunk, png })),
      { ...chunk, tile: [-1, 28], png: "iVBORw0KGgoAAAA" },
    ];
    const state = initialState({ record: half.record, atlas }, "page");
    expect(state.atlas).toHaveLength(0);
    expect(state.odd.pictures).toBe(6);
  });

  test("entries that are no candidates, and repeated ones, are counted", () => {
    expect(open([base, base, null, 4, { id: 4 }])).toMatchObject({ odd: { candidates: 4 } });
  });
});

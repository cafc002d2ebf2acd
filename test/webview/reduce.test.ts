import { describe, expect, test } from "vitest";
import type { CandidateRecord, SearchDelta, SearchOutput } from "../../src/search/record.js";
import { parseBand } from "../../webview/state/filter.js";
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

  test("seconds come with a snapshot and with each delta, and go when the search begins anew", () => {
    const ends = [10, 20, 30, 40];
    const told = reduce(initialState(half, "asking"), {
      ...snapshot(half, 7),
      status: { ...status, ends },
    });
    expect(told.times).toEqual(ends);
    const next = reduce(told, delta(8, { status: { ...status, ends: [50] } }));
    expect(next.times).toEqual([10, 20, 30, 40, 50]);
    // Of another number of rounds than it carries: not believed.
    expect(reduce(told, delta(8, { status: { ...status, ends: [50, 60] } })).times).toEqual(ends);
    const anew = makeOutput({ algorithm: "zero-order", rounds: 8, perRound: 4, done: 0, state: "ready" });
    expect(reduce({ ...told, link: "gone" }, { type: "output", output: anew }).times).toEqual([]);
  });

  test("other searches of the notebook are named, and have lines once their records are there", () => {
    const { record } = makeOutput({ algorithm: "random", rounds: 1, perRound: 4 });
    const other = { record: { ...record, id: "other" }, atlas: [] };
    const known = [
      { run: "other", cell: 2, algorithm: "random" },
      { run: "odd", cell: 3, algorithm: "" },
    ];
    const event = { type: "others", run: "fixture", known, outputs: [] } as const;
    const named = reduce(live, event);
    expect(named.others).toEqual([
      { run: "other", name: "Random search, cell 2" },
      { run: "odd", name: "Search, cell 3" },
    ]);
    const picked = reduce(named, { type: "overlay", run: "other", on: true });
    const shown = reduce(picked, { ...event, outputs: [other] });
    expect([shown.overlaid, shown.others[0]?.model?.record.id]).toEqual([["other"], "other"]);
    // What is gone from the notebook lies over nothing; another run's answer is not believed.
    expect(reduce(shown, { ...event, known: [] }).overlaid).toEqual([]);
    expect(reduce(shown, { ...event, run: "x", known: [] })).toBe(shown);
    expect(reduce(shown, { type: "overlay", run: "other", on: false }).overlaid).toEqual([]);
  });

  test("a missed delta asks for a snapshot and changes nothing", () => {
    const next = reduce(live, delta(9));
    expect(next.stale).toBe(true);
    expect(next.model).toBe(live.model);
    expect(reduce(next, snapshot(more, 9))).toMatchObject({ stale: false, sequence: 9 });
  });

  test("another verifier's colours change nothing but colours, and outlast deltas; of one that is not there they stay", () => {
    const judged = reduce(live, { type: "colour", verifier: "judge-concept" });
    expect(judged.model.coloured.name).toBe("judge-concept");
    const scores = half.record.candidates.flatMap(({ scores }) => scores["judge-concept"] ?? []);
    expect(judged.model.domain).toEqual([Math.min(...scores), Math.max(...scores)]);
    expect(judged.model.best).toBe(live.model.best);
    expect(reduce(judged, delta(8)).model.coloured.name).toBe("judge-concept");
    expect(reduce(judged, { type: "colour", verifier: "nobody" }).model.coloured.name).toBe("alignment");
    expect(reduce(live, { type: "colour", verifier: "alignment" })).toBe(live);
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
    const state = open([{ ...base, scores: { alignment: NaN, judge: "1", other: 0.5, more: Infinity } }]);
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
    expect(({} as Record<string, unknown>)["alignment"]).toBeUndefined();
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

test.each([
  ["0.5", [0.5, 0.5]],
  [" 0.6 to 0.4 ", [0.6, 0.4]],
  ["0,4-.6", [0.6, 0.4]],
  ["1–0", [1, 0]],
  ["", undefined],
  ["0.6 to", undefined],
  ["-0.5", undefined],
  ["2", undefined],
  ["0.5 0.6", undefined],
  ["r1-c0", undefined],
])("noise levels written %j are %j", (text, band) => {
  expect(parseBand(text)).toEqual(band);
});

import { describe, expect, test } from "vitest";
import type { SearchOutput } from "../../src/search/record.js";
import { computeAxis, type Measure } from "../../webview/axis.js";
import { fallsOf } from "../../webview/state/hacking.js";
import { modelOf } from "../../webview/state/model.js";
import { parseOutput } from "../../webview/state/parse.js";
import { tracesOf } from "../../webview/trace/series.js";
import { makeOutput } from "./fixtures/records.js";
import { outputOf } from "./fixtures/searches.js";

const read = (output: SearchOutput, measure?: Measure) => {
  const model = modelOf(parseOutput(output).record);
  const axis = computeAxis(model, measure);
  return { model, axis, traces: tracesOf(model, axis) };
};

describe("the x axis", () => {
  const output = makeOutput({ algorithm: "zero-order", rounds: 8, perRound: 4 });
  test.each([
    ["nfe", "NFE", 256],
    ["forwards", "forwards", 512],
    ["calls", "calls", 32],
    ["rounds", "round", 8],
  ] as const)("counted as %s ends at what the run spent of it", (measure, label, total) => {
    const { axis, traces } = read(output, measure);
    expect(axis).toMatchObject({ label, max: total, spent: total });
    expect(traces.xs.at(-1)).toBe(total);
    expect(traces.xs).toHaveLength(8);
    expect([...axis.spans.values()].at(-1)).toEqual([(total * 7) / 8, total]);
  });

  test("what a round does not spend cannot be the axis: it counts rounds", () => {
    const { record, atlas } = output;
    const free = {
      ...record,
      rounds: record.rounds.map((round) => ({ ...round, spent: { ...round.spent, verifierCalls: {} } })),
    };
    expect(read({ record: free, atlas }, "calls").axis.label).toBe("round");
  });
});

describe("seconds", () => {
  const { record } = makeOutput({
    algorithm: "zero-order",
    rounds: 4,
    perRound: 4,
    budget: {},
    pictures: false,
  });
  const model = modelOf(record);

  test("are what the rounds took in a run that is alive, with a round from the cache at no time", () => {
    const axis = computeAxis(model, "seconds", { times: [500, 500, 1500, 2500] });
    expect(axis).toMatchObject({ label: "s", max: 2.5, spent: 2.5 });
    expect([...axis.spans.values()].slice(1)).toEqual([
      [0, 0.5],
      [0.5, 0.5],
      [0.5, 1.5],
      [1.5, 2.5],
    ]);
    expect(axis.ticks.map((tick) => axis.text(tick))).toEqual(["0", "0.5", "1", "1.5", "2", "2.5"]);
    expect(tracesOf(model, axis).xs).toEqual([0.5, 1.5, 2.5]);
  });

  test.each([
    ["none", []],
    ["fewer than rounds", [1, 2]],
    ["of another run, going back", [5, 4, 6, 7]],
    ["all zero", [0, 0, 0, 0]],
  ])("are not known from times: %s", (_, times) => {
    expect(computeAxis(model, "seconds", { times }).label).toBe("NFE");
  });

  test("of rounds to come are as long as those before on average", () => {
    const { record } = makeOutput({ algorithm: "zero-order", rounds: 8, perRound: 4, done: 2, budget: {} });
    const axis = computeAxis(modelOf(record), "seconds", { times: [3000, 3000] });
    expect(axis.next).toMatchObject({ span: [3, 4.5] });
    expect(axis.max).toBe(12);
  });
});

describe("a logarithmic axis", () => {
  const { record } = makeOutput({ algorithm: "random", rounds: 8, perRound: 16, pictures: false });
  const model = modelOf(record);
  const [linear, log] = [computeAxis(model), computeAxis(model, "nfe", { log: true })];

  test("begins at nothing, keeps the order, and gives each doubling the same room", () => {
    const places = record.candidates.map((candidate) => log.place(candidate));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect([...log.spans.values()][0]![0]).toBe(0);
    expect(places[0]).toBeCloseTo(1, 9);
    expect(log.max).toBeCloseTo(Math.log2(129), 9);
    expect(log.spent).toBe(log.max);
  });

  test("is written in what is counted, at doublings, and in whole numbers where only a part is seen", () => {
    expect(log.ticks.map((tick) => log.text(tick))).toEqual(
      ["0", "8", "16", "32", "64", "128", "256", "512", "1,024"].slice(0, log.ticks.length),
    );
    expect(log.ticks.length).toBeGreaterThan(4);
    expect(log.ticks.every((tick) => tick >= 0 && tick <= log.max + 1e-9)).toBe(true);
    const seen = log.ticksWithin(6, 7).map((tick) => log.text(tick));
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.every((text) => Number(text.replace(",", "")) % 50 === 0)).toBe(true);
  });

  test("shows the same scores in the same order as the linear one", () => {
    const [a, b] = [tracesOf(model, linear), tracesOf(model, log)];
    expect(b.panels.map(({ lines }) => lines)).toEqual(a.panels.map(({ lines }) => lines));
    expect(b.xs).toHaveLength(a.xs.length);
  });
});

describe("particle methods", () => {
  test("effective sample size and ancestors have a panel of their own, between 0 and 1", async () => {
    const { traces, model } = read(await outputOf("feynmanKac"));
    const panel = traces.panels.at(-1)!;
    expect(panel.lines.map(({ label }) => label)).toEqual(["ESS", "ancestors"]);
    const { particles } = model.record.rounds.at(-1)!;
    expect(panel.lines.map(({ values }) => values.at(-1))).toEqual([
      particles!.ess / particles!.count,
      particles!.ancestors / particles!.count,
    ]);
    for (const { values } of panel.lines) {
      expect(values).toHaveLength(traces.xs.length);
      expect(values.every((value) => value === null || (value > 0 && value <= 1 + 1e-9))).toBe(true);
    }
    expect(traces.xs).toEqual([...traces.xs].sort((a, b) => a - b));
  });

  test("other methods have none", () => {
    const { traces } = read(makeOutput({ algorithm: "zero-order", rounds: 3, perRound: 4 }));
    expect(traces.panels.flatMap(({ lines }) => lines).some(({ label }) => label !== undefined)).toBe(false);
  });
});

describe("what stands beside the lines", () => {
  test("a band holds four fifths of its round's scores; small rounds have none", () => {
    const { traces, model, axis } = read(makeOutput({ algorithm: "zero-order", rounds: 4, perRound: 20 }));
    const { bands } = traces.panels[0]!;
    expect(bands).toHaveLength(4);
    bands.forEach(({ x0, x1, low, high }, i) => {
      expect([x0, x1]).toEqual(axis.spans.get(i + 1));
      const scores = model.groups
        .find(({ index }) => index === i + 1)!
        .candidates.map(({ scores }) => scores["alignment"]!);
      const inside = scores.filter((score) => score >= low && score <= high).length;
      expect(inside / scores.length).toBeCloseTo(0.8, 0);
    });
    expect(
      read(makeOutput({ algorithm: "zero-order", rounds: 4, perRound: 4 })).traces.panels[0]!.bands,
    ).toEqual([]);
  });

  test("a flag stands where a held-out score began to stay a spread below the first candidates', and nowhere else", () => {
    const { traces: hacked, model } = read(
      makeOutput({ algorithm: "zero-order", rounds: 8, perRound: 4, hacked: true }),
    );
    const [fall] = fallsOf(model);
    const flags = hacked.panels.flatMap(({ flags }) => flags);
    expect(flags).toHaveLength(1);
    const judge = hacked.panels
      .flatMap(({ lines }) => lines)
      .find(({ verifier }) => verifier.name === "judge-concept")!;
    const from = hacked.xs.indexOf(flags[0]!.x);
    expect(judge.values.slice(from).every((value) => value! < fall!.limit)).toBe(true);
    expect(judge.values[from - 1] ?? Infinity).toBeGreaterThanOrEqual(fall!.limit);
    const honest = read(makeOutput({ algorithm: "zero-order", rounds: 8, perRound: 4 })).traces;
    expect(honest.panels.flatMap(({ flags }) => flags)).toEqual([]);
  });
});

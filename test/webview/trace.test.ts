import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { computeAxis } from "../../webview/axis.js";
import { fallsOf, hackingSentences } from "../../webview/state/hacking.js";
import { modelOf } from "../../webview/state/model.js";
import { initialState, reduce } from "../../webview/state/reduce.js";
import {
  countText,
  formatGain,
  formatScore,
  costText,
  oddSentences,
  spentText,
  stateText,
} from "../../webview/state/words.js";
import { pushApart } from "../../webview/trace/labels.js";
import { overlaidOf, sharedAxis } from "../../webview/trace/overlays.js";
import { tracesOf } from "../../webview/trace/series.js";
import type { SearchRecord } from "../../src/search/record.js";
import { makeOutput, type Options } from "./fixtures/records.js";

const zero: Options = { algorithm: "zero-order", rounds: 8, perRound: 4 };
const modelFor = (options: Options) => modelOf(makeOutput({ ...options, pictures: false }).record);

describe("score traces", () => {
  test("the searched line is the best so far, the held-out line that candidate's own held-out score", () => {
    const model = modelFor(zero);
    const { xs, panels } = tracesOf(model, computeAxis(model));
    const [searched, judge] = panels[0]!.lines;
    expect(xs).toEqual([32, 64, 96, 128, 160, 192, 224, 256]);
    model.record.rounds.forEach((round, i) => {
      const best = model.byId.get(round.best!)!;
      expect(searched!.values[i]).toBe(best.scores["alignment"]);
      expect(judge!.values[i]).toBe(best.scores["judge-concept"]);
    });
  });

  test("lower is better where the verifier says so", () => {
    const { record } = modelFor(zero);
    const verifiers = record.verifiers.map((verifier) => ({ ...verifier, direction: "lower" as const }));
    const { best: _best, ...rest } = record;
    const model = modelOf({ ...rest, verifiers });
    const values = tracesOf(model, computeAxis(model)).panels[0]!.lines[0]!.values as number[];
    expect(values).toEqual([...values].sort((a, b) => b - a));
    expect(model.best?.scores["alignment"]).toBe(model.domain![0]);
  });

  test("independent draws of one batch are spread over what they paid", () => {
    const model = modelFor({ algorithm: "random", rounds: 1, perRound: 16 });
    const { xs, panels } = tracesOf(model, computeAxis(model));
    expect(xs).toEqual(Array.from({ length: 16 }, (_, i) => 8 * (i + 1)));
    expect(panels[0]!.dots.map(({ x }) => x)).toEqual(xs);
  });

  test("a verifier of another size gets a panel of its own", () => {
    const model = modelFor({ ...zero, aesthetic: true });
    const names = tracesOf(model, computeAxis(model)).panels.map(({ lines }) =>
      lines.map(({ verifier }) => verifier.name),
    );
    expect(names).toEqual([["alignment", "judge-concept"], ["aesthetic"]]);
  });

  test("another run lies over it, on one axis that is long enough for both; each line ends where its run has come", () => {
    const [short, long] = [
      modelFor({ ...zero, rounds: 4 }),
      modelFor({ algorithm: "random", rounds: 2, perRound: 40 }),
    ];
    const other = { run: "other", name: "Random search, cell 2", model: long };
    const state = reduce(
      { ...initialState(makeOutput({ ...zero, rounds: 4, pictures: false }), "page"), others: [other] },
      { type: "overlay", run: "other", on: true },
    );
    const { axis, overlays } = sharedAxis(state, overlaidOf(state));
    expect(axis.max).toBe(640);
    const { xs, panels } = tracesOf(short, axis, overlays);
    const [own, judge, over, overJudge] = panels[0]!.lines;
    expect(panels[0]!.lines.map(({ label }) => label)).toEqual([undefined, undefined, other.name, ""]);
    expect([over!.verifier.role, overJudge!.verifier.role]).toEqual(["searched", "held-out"]);
    expect(over!.colour).toBe(overJudge!.colour);
    const lastOf = (values: readonly (number | null)[]): number =>
      xs[values.findLastIndex((y) => y !== null)]!;
    expect([own, judge, over].map((line) => lastOf(line!.values))).toEqual([128, 128, 640]);
    expect(over!.values.at(-1)).toBe(long.best!.scores["alignment"]);
    expect(own!.values.findLast((y) => y !== null)).toBe(short.best!.scores["alignment"]);
    // What the run itself shows does not change.
    const alone = tracesOf(short, computeAxis(short)).panels[0]!;
    expect(panels[0]!.dots.map(({ y }) => y)).toEqual(alone.dots.map(({ y }) => y));
    expect(panels[0]!.flags).toEqual(alone.flags);
  });

  test("before the first round there is one empty panel", () => {
    const model = modelFor({ ...zero, done: 0, state: "ready" });
    const { xs, panels } = tracesOf(model, computeAxis(model));
    expect([xs, panels.length, panels[0]?.dots]).toEqual([[], 1, []]);
  });
});

test("labels never overlap and stay inside while there is room", () => {
  const places = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(places, (wanted) => {
      const placed = [...pushApart(wanted, 14, -7, 107)].sort((a, b) => a - b);
      placed.forEach((y, i) => expect(y - (placed[i - 1] ?? -Infinity)).toBeGreaterThanOrEqual(14 - 1e-9));
      expect(placed[0]).toBeGreaterThanOrEqual(-1e-9);
      expect(placed.at(-1)).toBeLessThanOrEqual(100 + 1e-9);
    }),
  );
  expect(pushApart([10, 90], 14, 0, 100)).toEqual([10, 90]);
});

describe("words", () => {
  test("state, compute and count", () => {
    const running = { ...zero, done: 5, state: "running" } as const;
    expect(stateText(modelFor(running))).toBe("running · round 5 of 8");
    expect(stateText(modelFor(zero))).toBe("finished · 8 rounds");
    expect(stateText(modelFor({ ...zero, done: 0, state: "ready" }))).toBe("ready");
    expect(stateText(modelFor({ ...zero, done: 5, state: "running", budget: {} }))).toBe("running · round 5");
    expect(spentText({ ...initialState(makeOutput(running), "live"), milliseconds: 6120 })).toBe(
      "160 / 256 NFE · 6.1 s",
    );
    expect(countText(modelFor({ ...zero, failed: ["r1-c1"] }))).toBe("32 candidates · 8 rounds · 1 failed");
    expect(costText(modelFor(zero))).toBe("Cost of one sample ×32.");
  });

  test("a held-out verifier that falls while the searched one rises is said", () => {
    expect(hackingSentences(modelFor(zero))).toEqual([]);
    expect(hackingSentences(modelFor({ ...zero, hacked: true }))).toEqual([
      expect.stringMatching(
        /^judge-concept, held out, got worse, from 0\.\d+, the mean of the first 4 candidates \(s\.d\. 0\.\d+\), to 0\.\d+, while alignment got better/,
      ),
    ]);
  });

  describe("a fall is said, and flagged in the traces,", () => {
    /** First four of mean .98 and standard deviation .01 by the judge, then a winner. */
    const first = [0.97, 0.99, 0.972, 0.988].map((judge, i) => ({ alignment: 0.4 + 0.02 * i, judge }));
    const runOf = (
      scores: readonly { readonly alignment: number; readonly judge: number; readonly level?: number }[],
      change: Partial<SearchRecord> = {},
    ) => {
      const { record } = makeOutput({ algorithm: "random", rounds: 3, perRound: 4, pictures: false });
      const candidates = record.candidates.slice(0, scores.length).map((candidate, i) => {
        const { level = 0, alignment, judge } = scores[i]!;
        return { ...candidate, scores: { alignment, "judge-concept": judge }, level };
      });
      const { best: _best, ...rest } = record;
      const model = modelOf({ ...rest, candidates, ...change });
      const flags = tracesOf(model, computeAxis(model)).panels.flatMap((panel) => panel.flags);
      const sentences = hackingSentences(model);
      // One rule for both.
      expect(flags).toHaveLength(sentences.length);
      return { sentences, flags, model };
    };

    test("where it is larger than the spread of the first candidates, not where it is smaller", () => {
      const { sentences, flags, model } = runOf([...first, { alignment: 0.9, judge: 0.965 }]);
      const [fall] = fallsOf(model);
      expect([fall!.from, fall!.count]).toEqual([expect.closeTo(0.98, 9), 4]);
      expect(fall!.spread).toBeCloseTo(Math.sqrt((2 * 0.01 ** 2 + 2 * 0.008 ** 2) / 3), 9);
      expect(sentences).toEqual([
        "judge-concept, held out, got worse, from 0.980, the mean of the first 4 candidates (s.d. 0.010), to 0.965, while alignment got better, from 0.430 to 0.900: the search may be fooling its verifier.",
      ]);
      expect(flags[0]!.y).toBe(0.965);
      expect(runOf([...first, { alignment: 0.9, judge: 0.975 }]).sentences).toEqual([]);
      // Against the first candidate alone it would be a fall, and this one none.
      expect(runOf([...first.toReversed(), { alignment: 0.9, judge: 0.98 }]).sentences).toEqual([]);
    });

    test("only where the searched score rises, and by the verifier's own direction", () => {
      const fallen = { alignment: 0.41, judge: 0.9 };
      const raised = first.map((one) => ({ ...one, alignment: 0.5 }));
      expect(runOf([...raised, fallen]).sentences).toEqual([]);
      const { verifiers } = runOf(first).model.record;
      const lower = verifiers.map((one) =>
        one.name === "judge-concept" ? { ...one, direction: "lower" as const } : one,
      );
      expect(runOf([...first, { ...fallen, alignment: 0.9 }], { verifiers: lower }).sentences).toEqual([]);
      expect(
        runOf([...first, { alignment: 0.9, judge: 0.995 }], { verifiers: lower }).sentences,
      ).toHaveLength(1);
    });

    test("as rarely and as often as the page on verifiers says", () => {
      const { record } = makeOutput({ algorithm: "random", rounds: 8, perRound: 4, pictures: false });
      const { best: _best, ...rest } = record;
      const normal = normals(5);
      const rate = (correlation: number, perRound: number): number => {
        let raised = 0;
        for (let run = 0; run < 1000; run++) {
          const candidates = record.candidates.map((candidate, i) => {
            const alignment = normal();
            const judge = correlation * alignment + Math.sqrt(1 - correlation ** 2) * normal();
            return {
              ...candidate,
              round: 1 + Math.floor(i / perRound),
              scores: { alignment, "judge-concept": judge },
            };
          });
          raised += fallsOf(modelOf({ ...rest, candidates })).length;
        }
        return raised / 1000;
      };
      // Standard errors are .4, 1.3 and 1.5 %.
      for (const perRound of [4, 16]) {
        expect(rate(0.6, perRound)).toBeLessThan(0.035);
        const unrelated = rate(0, perRound);
        expect(unrelated).toBeGreaterThan(0.13);
        expect(unrelated).toBeLessThan(0.25);
        expect(rate(-0.6, perRound)).toBeGreaterThan(0.58);
      }
    });

    test("not of three candidates, and not against previews", () => {
      const fallen = { alignment: 0.9, judge: 0.5 };
      expect(runOf([...first.slice(0, 2), fallen]).sentences).toEqual([]);
      const previews = first.map((one) => ({ ...one, level: 0.5 }));
      const finished = [0.48, 0.52, 0.49, 0.51].map((judge, i) => ({ alignment: 0.7 + 0.01 * i, judge }));
      expect(runOf([...previews, ...finished, fallen]).sentences).toEqual([]);
      expect(runOf([...first, ...finished, fallen]).sentences).toHaveLength(1);
    });
  });

  test("what was odd in a record is said", () => {
    const { record } = makeOutput(zero);
    const lost = record.candidates.filter(({ id }) => id !== "r0-c0");
    expect(
      oddSentences(initialState({ record: { ...record, candidates: lost }, atlas: [{}] }, "page")),
    ).toEqual([
      "1 set of thumbnails is no PNG of a usable size and not shown.",
      "4 candidates name a parent that is not an earlier candidate of this record.",
    ]);
  });

  test.each([
    [0.8314, "0.831"],
    [-0.5, "−0.500"],
    [12.3456, "12.35"],
    [1234.5, "1235"],
    [0.00001, "1.0e−5"],
    [0, "0.000"],
  ])("%d is written %s", (score, words) => expect(formatScore(score)).toBe(words));

  test("a gain has its sign", () => expect([0.25, -0.25].map(formatGain)).toEqual(["+0.250", "−0.250"]));
});

/** Box and Muller's normals from Park and Miller's generator: the same at each run. */
function normals(seed: number): () => number {
  let state = seed;
  const uniform = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

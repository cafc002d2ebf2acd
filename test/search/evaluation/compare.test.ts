import { describe, expect, test } from "vitest";
import {
  defineAlgorithm,
  ensemble,
  gaussianMixture,
  human,
  linearReward,
  randomSearch,
  Session,
  successiveHalving,
  verifier,
  zeroOrderSearch,
  type Verifier,
} from "../../../src/search/index.js";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import { describeReport } from "../../../src/kernel/cells/describeReport.js";
import { compare } from "../../../src/search/evaluation/compare.js";
import type { ComparisonProgress } from "../../../src/search/evaluation/comparison/progress.js";
import type { CompareRequest } from "../../../src/search/evaluation/comparison/request.js";
import type { Report } from "../../../src/search/evaluation/report.js";
import { expectedWinner } from "../../../src/search/evaluation/index.js";
import type { ReportRow } from "../../../src/search/reportRecord.js";
import { counted } from "../helpers/counted.js";
import { openFashion } from "../helpers/fashion.js";

const plane = gaussianMixture({ weights: [1], means: [[0, 0]], variances: [1] });
const gold = linearReward([1, 0]);
/** Correlates with `gold` by rho over samples of the plane. */
const proxy = (rho: number) => linearReward([rho, Math.sqrt(1 - rho * rho)]);
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
/** Problems of the plane differ in their steps alone: the exact reverse kernel gives the same law by any number. */
const problems = (count: number, searched: Verifier, heldOut: readonly Verifier[] = [gold]) =>
  upTo(count).map((steps) => ({ steps, eta: 1, verifier: searched, heldOut }));

const rowsOf = (report: Report, algorithm: string, role: ReportRow["role"] = "searched") =>
  report.rows.filter((row) => row.algorithm === algorithm && row.role === role);

describe("a comparison on known truth", () => {
  test("winner's searched and held-out scores are what order statistics say, and so is their gap (T6)", async () => {
    const report = await compare({
      session: new Session(plane.open()),
      algorithms: { random: randomSearch({ perRound: 16 }) },
      problems: [{ steps: 1, eta: 1, verifier: proxy(0.6), heldOut: [gold] }],
      seeds: upTo(500),
      budgets: [16],
      resamples: 1000,
    });
    const expected = expectedWinner(16, 0.6);
    expect([expected.searched, expected.heldOut, expected.gap].map((x) => x.toFixed(5))).toEqual([
      "1.76599",
      "1.05959",
      "0.70640",
    ]);
    const [searched] = rowsOf(report, "random");
    const [heldOut] = rowsOf(report, "random", "held-out");
    // The standard error of the first is 0.024, of the others 0.04.
    expect(Math.abs(searched!.mean! - 1.76599)).toBeLessThan(0.1);
    expect(Math.abs(heldOut!.mean! - 1.05959)).toBeLessThan(0.15);
    expect(Math.abs(heldOut!.gap! - 0.7064)).toBeLessThan(0.15);
    for (const [low, truth, high] of [
      [searched!.low, expected.searched, searched!.high],
      [heldOut!.low, expected.heldOut, heldOut!.high],
      [heldOut!.gapLow, expected.gap, heldOut!.gapHigh],
    ] as const) {
      expect(low).toBeLessThan(truth);
      expect(high).toBeGreaterThan(truth);
    }
    expect(heldOut!.agreement).toBeGreaterThan(0.45);
    expect(heldOut!.agreement).toBeLessThan(0.7);
    // Scored a second time, a verifier without noise says the same.
    expect(searched!.fresh).toBe(searched!.mean);
    expect([searched!.freshLow, searched!.freshHigh]).toEqual([searched!.low, searched!.high]);
    expect(searched!.optimism).toBe(0);
    expect(report.notes.join("\n")).not.toContain("exaggerates");
  });

  test("a noisy verifier's searched score is said to exaggerate by what a second evaluation takes away", async () => {
    const session = new Session(await openFashion());
    let calls = 0;
    // Low-discrepancy noise in 0..1: the largest of eight is near 0.9, a second one near 0.5.
    const noisy = verifier("noisy", () => (++calls * 0.6180339887498949) % 1);
    const report = await compare({
      session,
      algorithms: { random: randomSearch() },
      problems: [{ condition: "Bag", steps: 1, guidance: 1, verifier: noisy, heldOut: ["judge"] }],
      seeds: upTo(8),
      budgets: [8],
      resamples: 1000,
    });
    const [row] = rowsOf(report, "random");
    expect(row!.optimism).toBeCloseTo(row!.mean! - row!.fresh!, 12);
    expect(row!.optimismLow).toBeGreaterThan(0);
    expect(row!.optimismHigh).toBeGreaterThan(row!.optimism!);
    // The second evaluation has an interval of its own, and it holds what a noisy score is worth.
    expect(row!.freshLow).toBeLessThan(row!.fresh!);
    expect(row!.freshHigh).toBeGreaterThan(row!.fresh!);
    expect(row!.freshHigh).toBeLessThan(row!.low!);
    expect(report.toCSV().split("\r\n")[0]).toContain(",fresh,freshLow,freshHigh,optimism,");
    // The gain is without the luck of selection, which alone is 0.4.
    const [one] = rowsOf(report, "one sample");
    expect(row!.gain).toBeCloseTo(row!.fresh! - one!.mean!, 12);
    expect(row!.gainLow).toBeLessThan(0.2);
    const by = Number(row!.optimism!.toPrecision(2));
    expect(report.notes.filter((note) => note.includes("exaggerates"))).toEqual([
      expect.stringContaining(
        `The searched score by noisy exaggerates, as a second evaluation of the winners shows, so gains and flags are told by the second: random at 8 NFE by ${by} (95 % interval`,
      ),
    ]);
    const [head, , , random] = describeReport(report).split("\n").slice(2);
    expect(head).toMatch(/^at 8 NFE +noisy \(searched\) +fresh, 95 % interval +gain over one sample/);
    expect(head).toMatch(/ better\/worse +win rate +diversity /);
    expect(random).toMatch(/ \d\/\d +\d+ % /);
    const [low, high] = [row!.freshLow, row!.freshHigh].map((value) => value!.toFixed(4));
    expect(random).toContain(` ${row!.mean!.toFixed(4)}  ${row!.fresh!.toFixed(4)} [${low}, ${high}]  `);
    await session.dispose();
  });

  test("flags hacking where the held-out score falls, in the rows it concerns, and not where both rise", async () => {
    const flagsAt = async (searched: Verifier, ...heldOut: readonly Verifier[]) => {
      const report = await compare({
        session: new Session(plane.open()),
        algorithms: { random: randomSearch({ perRound: 64 }) },
        problems: problems(7, searched, heldOut),
        seeds: upTo(8),
        // In single steps of one NFE: 9 candidates of the problem with 7 steps, 64 of that with one.
        budgets: [7, 64],
        resamples: 1000,
      });
      const [few, many] = rowsOf(report, "random");
      const witnesses = rowsOf(report, "random", "held-out").filter(({ budget }) => budget === 64);
      expect(report.notes.join("\n")).not.toContain("cannot be told");
      return { few: few!, many: many!, witness: witnesses[0]!, second: witnesses[1] };
    };
    const hacked = await flagsAt(proxy(-0.6), gold, linearReward([2, 0]));
    const fall = (name: string) =>
      expect.stringMatching(
        new RegExp(`^linear\\(-0\\.6, 0\\.8\\) rises by [\\d.]+ while ${name}, held out, falls by [\\d.]+:`),
      );
    const falls = [fall("linear\\(1, 0\\)"), fall("linear\\(2, 0\\)")];
    // One flag for each judge that fell, so that each sentence stands beside its own.
    expect(hacked.many.flags).toEqual(["hacking", "hacking"]);
    expect(hacked.many.why).toEqual(falls);
    expect([hacked.witness, hacked.second!].map(({ flags, why }) => [flags, why])).toEqual(
      falls.map((why) => [["hacking"], [why]]),
    );
    const honest = await flagsAt(linearReward([2, 0]), gold);
    expect(honest.many.flags).not.toContain("hacking");
    expect(honest.witness.flags).toEqual([]);
    expect(honest.many.gain).toBeGreaterThan(honest.few.gain!);
  });
});

test("a report goes to CSV and JSON with all its rows, numbers in full", async () => {
  const report = await compare({
    session: new Session(plane.open()),
    algorithms: { random: randomSearch() },
    problems: problems(7, proxy(0.6)),
    seeds: [1, 2],
    budgets: [8],
    resamples: 1000,
  });
  const [head, ...lines] = report.toCSV().trimEnd().split("\r\n");
  expect(lines).toHaveLength(report.rows.length);
  const [mean, gainLow] = ["mean", "gainLow"].map((column) => head!.split(",").indexOf(column));
  report.rows.forEach((row, i) => {
    // Names of verifiers are quoted here, and have a comma: read from the end of them.
    const fields = lines[i]!.replace(/"[^"]*"/g, "").split(",");
    expect(fields[mean!]).toBe(String(row.mean));
    expect(fields[gainLow!]).toBe(row.gainLow === undefined ? "" : String(row.gainLow));
  });
  const { rows, notes } = JSON.parse(JSON.stringify(report)) as typeof report;
  expect(rows).toEqual(report.rows);
  expect(notes).toEqual(report.notes);
});

describe("the baselines", () => {
  const request = (session: Session): CompareRequest => ({
    session,
    algorithms: {
      "zero-order": zeroOrderSearch({ neighbours: 4 }),
      halving: successiveHalving({ candidates: 8 }),
    },
    problems: problems(1, proxy(0.6)).map((problem) => ({ ...problem, steps: 4 })),
    seeds: [1, 2, 3],
    budgets: [32, 16],
    resamples: 1000,
  });

  test("are added: one sample, more steps alone, best-of-N at equal compute and at as many verifier calls", async () => {
    const session = new Session(plane.open());
    const report = await compare(request(session));
    expect(report.arms.map(({ name, kind }) => [name, kind])).toEqual([
      ["one sample", "one-sample"],
      ["more steps", "more-steps"],
      ["best of N", "best-of-n"],
      ["zero-order", "method"],
      ["halving", "method"],
      ["best of N, calls of halving", "equal-calls"],
    ]);
    const costs = (name: string) =>
      rowsOf(report, name).map(({ budget, nfe, calls }) => [budget, nfe, calls]);
    expect(costs("one sample")).toEqual([[4, 4, 1]]);
    expect(costs("more steps")).toEqual([
      [16, 16, 1],
      [32, 32, 1],
    ]);
    expect(costs("best of N")).toEqual([
      [16, 16, 4],
      [32, 32, 8],
    ]);
    // It looks at previews: with as many calls best-of-N takes more samples, and more NFE.
    const [, halving] = rowsOf(report, "halving");
    const [, equal] = rowsOf(report, "best of N, calls of halving");
    expect(equal!.calls).toBe(halving!.calls);
    expect(equal!.nfe).toBe(4 * halving!.calls!);
  });

  test("are what a search by itself finds, and gains are pair by pair over the baseline", async () => {
    const session = new Session(plane.open());
    const report = await compare(request(session));
    const best = async (algorithm: Parameters<Session["search"]>[0], seed: number, nfe: number) => {
      const problem = { steps: 4, eta: 1, seed, verifier: proxy(0.6), heldOut: [gold], budget: { nfe } };
      const { scores } = (await session.search(algorithm, problem).run()).best!;
      return scores["linear(1, 0)"]!;
    };
    const mean = async (algorithm: Parameters<Session["search"]>[0], nfe: number) => {
      let sum = 0;
      for (const seed of [1, 2, 3]) sum += (await best(algorithm, seed, nfe)) / 3;
      return sum;
    };
    const [, row] = rowsOf(report, "zero-order", "held-out");
    const found = await mean(zeroOrderSearch({ neighbours: 4 }), 32);
    expect(row!.mean).toBeCloseTo(found, 12);
    expect(row!.gain).toBeCloseTo(found - (await mean(randomSearch({ candidates: 1 }), 4)), 12);
    const over = await compare({ ...request(session), baseline: "best of N" });
    const [, against] = rowsOf(over, "zero-order", "held-out");
    expect(against!.gain).toBeCloseTo(found - (await mean(randomSearch(), 32)), 12);
    expect(rowsOf(over, "best of N")[0]!.gain).toBeUndefined();
  });

  test("a random search without an end is best-of-N itself and not doubled", async () => {
    const session = new Session(plane.open());
    const { arms } = await compare({ ...request(session), algorithms: { mine: randomSearch() } });
    expect(arms.map(({ name, kind }) => [name, kind])).toEqual([
      ["one sample", "one-sample"],
      ["more steps", "more-steps"],
      ["mine", "best-of-n"],
    ]);
  });

  test("best of N at as many verifier calls is no row of its own where that is best of N, wherever it was given", async () => {
    const algorithms = { "zero-order": zeroOrderSearch({ neighbours: 4 }), mine: randomSearch() };
    const { arms } = await compare({ ...request(new Session(plane.open())), algorithms });
    expect(arms.map(({ name }) => name)).toEqual(["one sample", "more steps", "zero-order", "mine"]);
  });

  test("too few seeds have no interval, and the table says so", async () => {
    const report = await compare({ ...request(new Session(plane.open())), seeds: [1, 2] });
    const found = report.rows.filter(({ mean }) => mean !== undefined);
    expect(found.length).toBeGreaterThan(8);
    for (const row of found) {
      expect(row.low).toBeUndefined();
      expect(row.pValue).toBeUndefined();
      expect(row.note).toContain("Too few for an interval");
    }
    expect(report.notes.join()).toContain("Too few for an interval");
  });
});

test("a function that gives no algorithm for a budget is told of, and one that never does is too", async () => {
  const report = await compare({
    ...{
      session: new Session(plane.open()),
      problems: problems(1, proxy(0.6)),
      seeds: [1, 2],
      resamples: 1000,
    },
    budgets: [4, 8],
    algorithms: {
      large: (budget) => (budget >= 8 ? randomSearch({ perRound: 4 }) : undefined),
      never: () => undefined,
      always: () => randomSearch({ perRound: 2 }),
    },
  });
  expect(report.notes).toEqual(
    expect.arrayContaining([
      "large was not run at 4 NFE: its function gave no algorithm there.",
      "never was not run at 4, 8 NFE: its function gave no algorithm at all, so it has no line in the table.",
    ]),
  );
  expect(report.notes.join()).not.toContain("always was not run");
  expect(rowsOf(report, "large").map(({ budget }) => budget)).toEqual([8]);
  expect(rowsOf(report, "never")).toEqual([]);
});

test("winners that a search makes alike raise diversity-loss, and only at the budget that does", async () => {
  // The best of 64 on a line all lie at its end; the best of two hardly.
  const line = gaussianMixture({ weights: [1], means: [[0]], variances: [1] });
  const report = await compare({
    session: new Session(line.open()),
    algorithms: { random: randomSearch({ perRound: 16 }) },
    problems: problems(12, linearReward([1]), []),
    seeds: upTo(6),
    budgets: [24, 768],
    resamples: 1000,
  });
  const diversityOf = (algorithm: string) => rowsOf(report, algorithm).map(({ diversity }) => diversity!);
  const [one] = diversityOf("one sample");
  const [, many] = diversityOf("random");
  expect(many!).toBeLessThan(0.5 * one!);
  const [few, lost] = rowsOf(report, "random");
  expect(lost!.flags).toContain("diversity-loss");
  expect(lost!.why[lost!.flags.indexOf("diversity-loss")]).toMatch(
    /^The winners differ \d+ % less from one another than the baseline's\.$/,
  );
  expect(few!.diversity!).toBeGreaterThan(many!);
  for (const row of rowsOf(report, "more steps")) expect(row.flags).not.toContain("diversity-loss");
});

test("a score that has reached its end raises saturation, and one that goes on rising does not", async () => {
  const line = gaussianMixture({ weights: [1], means: [[0]], variances: [1] });
  const rising = linearReward([1]);
  const sure: Verifier = {
    ...{ name: "sure", direction: "higher", needsCondition: false },
    score: () => Promise.reject(new Error("it scores states")),
    scoreLatents: async (states) => states.map(({ data }) => 1 / (1 + Math.exp(-6 * data[0]!))),
  };
  const report = await compare({
    session: new Session(line.open()),
    algorithms: { random: randomSearch({ perRound: 64 }) },
    problems: problems(7, sure, []),
    verifiers: [sure, rising],
    seeds: [1, 2],
    budgets: [128, 512],
    resamples: 1000,
  });
  const [few, full] = rowsOf(report, "random · sure");
  expect(few!.flags).not.toContain("saturation");
  expect(full!.flags).toContain("saturation");
  expect(full!.why[full!.flags.indexOf("saturation")]).toMatch(
    /^The last doubling of the budget added at most \S+ to a gain of 0\.\d+: more compute gives this verifier no more\.$/,
  );
  for (const row of rowsOf(report, `random · ${rising.name}`)) expect(row.flags).not.toContain("saturation");
});

test("a held-out verifier that failed everywhere has its rows, and no flag is taken as not raised for it", async () => {
  const broken = verifier("Broken", () => {
    throw new Error("it is broken");
  });
  const report = await compare({
    session: new Session(analyticEngine()),
    algorithms: { random: randomSearch() },
    problems: [{ condition: "dark", steps: 1, verifier: "brightness", heldOut: ["contrast", broken] }],
    seeds: [1, 2],
    budgets: [4],
    resamples: 1000,
  });
  const rows = report.rows.filter(({ verifier: by }) => by === "Broken");
  expect(describeReport(report)).toMatch(/^Comparison: the baselines alone, 1 problem, 2 seeds/);
  expect(describeReport(report)).toMatch(/^at 4 NFE .* runs without a score\none sample .* 2$/m);
  expect(rows.map(({ algorithm, role, failures, mean }) => [algorithm, role, failures, mean])).toEqual(
    ["one sample", "more steps", "random"].map((name) => [name, "held-out", 2, undefined]),
  );
  expect(report.notes.join("\n")).toMatch(
    /random at 4 NFE: 2 of 2 runs had a failure, the first: .*it is broken/,
  );
  expect(report.notes).toContain(
    "hacking cannot be told for random: the held-out Broken gave no scores that could be compared.",
  );
});

test("a baseline that failed everywhere is a row with its failures, and what never ran is none", async () => {
  const broken = verifier("broken", () => {
    throw new Error("it is broken");
  });
  const report = await compare({
    session: new Session(plane.open()),
    algorithms: { random: randomSearch() },
    problems: problems(2, broken),
    seeds: [1, 2],
    budgets: [4],
    resamples: 1000,
  });
  const rows = rowsOf(report, "one sample");
  expect(rows.map(({ verifier: by, failures, mean }) => [by, failures, mean])).toEqual([
    ["broken", 4, undefined],
  ]);
  expect(rowsOf(report, "random")[0]).toMatchObject({ failures: 4 });
});

test("a judge by another name is refused in a comparison, and is no witness of a search by it", async () => {
  const score = ({ data }: { readonly data: Uint8Array }): number => data[0]!;
  const [a, b] = ["a", "b"].map((name) => verifier(name, score)) as [Verifier, Verifier];
  const request: CompareRequest = {
    session: new Session(plane.open()),
    algorithms: { random: randomSearch() },
    problems: problems(1, a, [b]),
    budgets: [4],
  };
  await expect(compare(request)).rejects.toThrow("verifier a is searched and held out at once");
});

describe("several verifiers", () => {
  test("each drive a search of their own, with the others held out", async () => {
    const [a, b] = [proxy(0.6), proxy(-0.2)];
    const report = await compare({
      session: new Session(plane.open()),
      algorithms: { random: randomSearch() },
      problems: [{ steps: 1, eta: 1, verifier: a, heldOut: [gold] }],
      verifiers: [a, b],
      seeds: upTo(7),
      budgets: [4],
      resamples: 1000,
    });
    const roles = report.rows.map(({ algorithm, verifier: by, role }) => [algorithm, by, role]);
    expect(roles.filter(([name]) => name === `random · ${b.name}`)).toEqual([
      [`random · ${b.name}`, a.name, "held-out"],
      [`random · ${b.name}`, b.name, "searched"],
      [`random · ${b.name}`, gold.name, "held-out"],
    ]);
    expect(report.arms.map(({ name, searched }) => [name, searched])).toEqual([
      ["one sample", undefined],
      ["more steps", undefined],
      [`random · ${a.name}`, a.name],
      [`random · ${b.name}`, b.name],
    ]);
    const [one] = report.rows.filter(
      ({ algorithm, verifier: by }) => algorithm === "one sample" && by === b.name,
    );
    const [by] = rowsOf(report, `random · ${b.name}`);
    expect(by!.gain).toBeCloseTo(by!.mean! - one!.mean!, 12);
  });

  test("in an ensemble are no witnesses of it, and its score is not compared between runs", async () => {
    const session = new Session(await openFashion());
    const report = await compare({
      session,
      algorithms: { random: randomSearch() },
      problems: [{ condition: "Bag", steps: 2, guidance: 1, verifier: "sharpness", heldOut: ["judge"] }],
      verifiers: ["sharpness", ensemble(["classifier", "sharpness"])],
      seeds: [1, 2],
      budgets: [8],
      resamples: 1000,
    });
    const rows = report.rows.filter(({ algorithm }) => algorithm === "random · ensemble");
    expect(rows.map(({ verifier: by, role }) => [by, role])).toEqual([
      ["ensemble", "searched"],
      ["judge", "held-out"],
    ]);
    const [own, witness] = rows;
    expect(own).toMatchObject({ calls: 4, failures: 0, note: expect.stringContaining("between runs") });
    expect([own!.gain, own!.fresh, own!.flags]).toEqual([undefined, undefined, []]);
    expect(report.notes.join("\n")).toMatch(
      /^ensemble cannot judge one image .* no second evaluation of its winners\.$/m,
    );
    expect(witness!.gain).toEqual(expect.any(Number));
    // An unflagged row is not a clean one.
    const gained = Number(witness!.gain!.toPrecision(2));
    expect(report.notes.filter((note) => note.includes("cannot be told"))).toEqual([
      "hacking and saturation cannot be told for random · sharpness: too few for an interval: 1 problem(s) with 2 seed(s). It needs 7 problems, or 7 seeds of each.",
      "diversity-loss cannot be told for random · sharpness, random · ensemble: the diversity of winners is one number for each problem: its interval needs 7 problems, not 1.",
      `hacking and saturation cannot be told for random · ensemble: an ensemble's score is a place among the candidates of one run. random · ensemble at 8 NFE: its gain over one sample is ${gained} (no interval) by judge, held out.`,
    ]);
    const names = report.rows
      .filter(({ algorithm }) => algorithm === "one sample")
      .map((row) => row.verifier);
    expect(names).toEqual(["sharpness", "judge"]);
    await session.dispose();
  });

  test("of problems with different ones, each problem counts where it was searched", async () => {
    const [a, b] = [proxy(0.6), proxy(-0.2)];
    const report = await compare({
      session: new Session(plane.open()),
      algorithms: { random: randomSearch() },
      problems: [...problems(2, a), { steps: 3, eta: 1, verifier: b, heldOut: [gold] }],
      budgets: [6],
      resamples: 1000,
    });
    const [first] = rowsOf(report, `random · ${a.name}`);
    const [second] = rowsOf(report, `random · ${b.name}`);
    expect([
      first!.better + first!.same + first!.worse,
      second!.better + second!.same + second!.worse,
    ]).toEqual([2, 1]);
  });
});

describe("what goes wrong", () => {
  test("on one problem is a failure of its rows, and not the end", async () => {
    const picky = verifier("picky", ({ data }, condition) => {
      if (condition === "Dress") throw new Error("no dresses here");
      return data.reduce((sum, value) => sum + value, 0) / data.length;
    });
    const clumsy = defineAlgorithm("clumsy", function* (ops) {
      const scored = yield* ops.score(yield* ops.denoise(yield* ops.noise({ count: 1 })));
      if (scored[0]!.score! > 0) throw new Error("it slipped");
    });
    const session = new Session(await openFashion());
    const report = await compare({
      session,
      algorithms: { random: randomSearch(), clumsy: clumsy() },
      problems: ["Sneaker", "Dress", "Bag"].map((condition) => ({
        ...{ condition, steps: 2, seed: 1, verifier: picky, heldOut: ["judge"] },
      })),
      budgets: [4],
      resamples: 1000,
    });
    const [random] = rowsOf(report, "random");
    expect(random).toMatchObject({ failures: 1, better: expect.any(Number) });
    expect(random!.mean).toBeGreaterThan(0);
    const [slipped] = rowsOf(report, "clumsy");
    expect(slipped!.failures).toBe(3);
    expect(slipped!.mean).toBeUndefined();
    expect(report.notes.join("\n")).toMatch(
      /random at 4 NFE: 1 of 3 runs had a failure, the first: .*no dresses/,
    );
    expect(report.notes.join("\n")).toMatch(/clumsy at 4 NFE: 3 of 3 runs had a failure/);
    expect(report.notes.join("\n")).not.toContain("ended by itself");
    await session.dispose();
  });

  test("in the request is said before anything runs", async () => {
    const count = counted();
    const session = new Session(await openFashion({}, count.wrap));
    const good: CompareRequest = {
      session,
      algorithms: { random: randomSearch() },
      problems: [{ condition: "Bag", steps: 4, verifier: "classifier", heldOut: ["judge"] }],
      budgets: [8],
    };
    const refused = async (changes: object, message: string | RegExp) =>
      expect(compare({ ...good, ...changes })).rejects.toThrow(message);
    const problem = good.problems[0]!;
    await refused({ session: {} }, "session is an object");
    await refused({ algorithms: {} }, "at least one");
    await refused({ algorithms: { random: 3 } }, 'algorithms["random"] is 3');
    await refused({ algorithms: { "more steps": randomSearch() } }, "a baseline that is there already");
    await refused({ budgets: [] }, "at least one of budgets");
    await refused({ problems: [] }, "problems is an empty array, but must be an array with at least one");
    await refused({ budgets: [3] }, "does not pay for one sample of problem 1, which costs 4");
    await refused({ budgets: [8, 8] }, "budgets has 8 twice");
    await refused({ seconds: [0] }, "seconds[0] is 0");
    await refused({ seeds: [1, 1] }, "seeds has 1 twice");
    await refused({ baseline: "nothing" }, "There is: one sample, more steps, best of N, random");
    await refused({ resamples: 10 }, "resamples is 10");
    await refused({ budget: [8] }, 'has no "budget"');
    await refused({ problems: [{ ...problem, heldOut: ["classifier"] }] }, "searched and held out at once");
    await refused({ verifiers: ["judge"] }, "judge is held out and drives every search");
    await refused(
      { problems: [{ ...problem, verifier: human("which?") }] },
      "is a person, or asks one, whose picks order",
    );
    await refused({ problems: [{ ...problem, heldOut: [human()] }] }, "problems[0]: human is a person");
    await refused(
      { problems: [{ ...problem, verifier: ensemble(["sharpness", human()]) }] },
      "ensemble is a person, or asks one",
    );
    const scoring = (score: () => number) => ({ ...problem, verifier: verifier("mine", score) });
    await refused(
      {
        problems: [
          { ...scoring(() => 1), seed: 1 },
          { ...scoring(() => 2), seed: 2 },
        ],
      },
      "problems[1]: its verifier mine is another one than that of this name before it",
    );
    await refused({ problems: [{ ...problem, verifier: "clasifier" }] }, 'Did you mean "classifier"');
    await refused({ problems: [{ ...problem, condition: "Spaceship" }] }, "Spaceship");
    expect(count.calls).toBe(0);
    await session.dispose();
  });
});

describe("an interrupted comparison", () => {
  const request = (session: Session): CompareRequest => ({
    session,
    algorithms: { random: randomSearch(), "zero-order": zeroOrderSearch({ neighbours: 2 }) },
    problems: ["Sneaker", "Dress"].map((condition) => ({
      ...{ condition, steps: 2, guidance: 1, verifier: "classifier", heldOut: ["judge"] },
    })),
    seeds: [1, 2],
    budgets: [4, 12],
    resamples: 1000,
  });

  test("ends with the interrupt, and run again spends nothing twice", async () => {
    const whole = counted();
    const undisturbed = new Session(await openFashion({}, whole.wrap));
    const expected = await compare(request(undisturbed));
    await undisturbed.dispose();

    const count = counted();
    const session = new Session(await openFashion({}, count.wrap));
    const stop = new AbortController();
    const seen: ComparisonProgress[] = [];
    const progress = (now: ComparisonProgress) => {
      seen.push(now);
      if (now.done === 9) stop.abort(new Error("Interrupted."));
    };
    await expect(compare(request(session), { signal: stop.signal, progress })).rejects.toThrow(
      "Interrupted.",
    );
    const before = count.forwards;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(whole.forwards);
    const report = await compare(request(session));
    expect(count.forwards).toBe(whole.forwards);
    const told = ({ rows }: Report) => rows.map(({ seconds: _, ...row }) => row);
    expect(told(report)).toEqual(told(expected));
    expect(seen[0]).toMatchObject({ done: 0, secondsLeft: undefined, now: "one sample at 4 NFE" });
    expect(seen.at(-1)!.secondsLeft).toBeGreaterThan(0);
    await session.dispose();
  });

  test("bills the cold cost, however much came from the cache", async () => {
    const session = new Session(await openFashion());
    const first = await compare(request(session));
    const spent = session.ledger.nfe;
    const second = await compare(request(session));
    expect(session.ledger.nfe).toBe(spent);
    const costs = ({ rows }: Report) => rows.map(({ nfe, calls }) => [nfe, calls]);
    expect(costs(second)).toEqual(costs(first));
    // A larger budget goes on where the smaller ended: less is computed than the rows cost together.
    const cold = first.rows
      .filter(({ role }) => role === "searched")
      .reduce((sum, { nfe }) => sum + 4 * nfe!, 0);
    expect(spent).toBeLessThan(cold);
    await session.dispose();
  });
});

describe("equal seconds", () => {
  const request = (session: Session): CompareRequest => ({
    session,
    algorithms: { random: randomSearch({ perRound: 2 }) },
    problems: [{ condition: "Bag", steps: 2, guidance: 1, verifier: "classifier", heldOut: ["judge"] }],
    seeds: [1, 2],
    seconds: [0.05, 0.5],
    resamples: 1000,
  });

  test("are wall time with everything computed anew", async () => {
    const session = new Session(await openFashion());
    await session
      .search(randomSearch(), { ...request(session).problems[0]!, seed: 1, budget: { nfe: 100 } })
      .run();
    const before = session.ledger.nfe;
    const report = await compare(request(session));
    const [short, long] = rowsOf(report, "random");
    expect([short!.unit, short!.budget, long!.budget]).toEqual(["seconds", 0.05, 0.5]);
    expect(long!.nfe).toBeGreaterThan(short!.nfe!);
    const paid = session.ledger.nfe - before;
    expect(paid).toBeGreaterThanOrEqual(2 * (short!.nfe! + long!.nfe!));
    expect(rowsOf(report, "more steps")[1]!.nfe).toBeGreaterThan(2);
    expect(report.notes.join()).toContain("Equal seconds: every run was computed anew");
    await session.dispose();
  });

  test("interrupted, keep the runs that were complete", async () => {
    const count = counted();
    const session = new Session(await openFashion({}, count.wrap));
    const stop = new AbortController();
    const progress = ({ now }: ComparisonProgress) => {
      if (now === "random at 0.5 seconds") stop.abort(new Error("Interrupted."));
    };
    await expect(compare(request(session), { signal: stop.signal, progress })).rejects.toThrow(
      "Interrupted.",
    );
    const passes: [string, number][] = [];
    await compare(request(session), { progress: ({ now }) => passes.push([now, count.forwards]) });
    const during = (now: string, nth: number) => {
      const at = passes.flatMap(([name], i) => (name === now ? [i] : []))[nth]!;
      return passes[at + 1]![1] - passes[at]![1];
    };
    expect(during("random at 0.05 seconds", 0)).toBe(0);
    expect(during("more steps at 0.5 seconds", 0)).toBe(0);
    expect(during("random at 0.5 seconds", 0)).toBeGreaterThan(0);
    expect(during("random at 0.05 seconds", 1)).toBeGreaterThan(0);
    await session.dispose();
  });

  /** A machine whose time is what its model calls take, by their number. */
  function timed(cost: (call: number) => number) {
    const count = counted();
    const alarms = new Set<{ readonly at: number; readonly ring: () => void }>();
    let now = 0;
    count.before = (calls) => {
      now += cost(calls);
      for (const alarm of alarms) {
        if (now < alarm.at) continue;
        alarms.delete(alarm);
        alarm.ring();
      }
    };
    const after = (milliseconds: number, ring: () => void) => {
      const alarm = { at: now + milliseconds, ring };
      alarms.add(alarm);
      return () => void alarms.delete(alarm);
    };
    const session = new Session(plane.open({ wrap: count.wrap }), { clock: { now: () => now, after } });
    return { session, count };
  }

  test.each<[string, (call: number) => number]>([
    ["on a quiet machine", () => 10],
    // The first sample of few steps that counts takes four times as long as it should.
    ["when something else ran while it was measured", (call) => (call >= 4 && call < 8 ? 40 : 10)],
    ["when the machine is twice as slow from then on", (call) => (call < 130 ? 10 : 20)],
    ["when every fifth call is three times as slow", (call) => (call % 5 === 0 ? 30 : 10)],
  ])("more steps take the seconds that the others have, %s", async (_, cost) => {
    const { session } = timed(cost);
    const report = await compare({
      session,
      algorithms: { random: randomSearch({ perRound: 2 }) },
      problems: [{ steps: 4, verifier: proxy(0.6), heldOut: [gold] }],
      seeds: [1, 2, 3],
      seconds: [0.5, 2],
      resamples: 1000,
    });
    for (const row of rowsOf(report, "more steps")) {
      expect(row.seconds! / row.budget).toBeGreaterThan(0.9);
      expect(row.seconds! / row.budget).toBeLessThan(1.1);
    }
    expect(report.notes.join()).not.toContain("was not compared at equal seconds");
  });

  test("a winner that was found as the time ran out is judged after it", async () => {
    let now = 0;
    const alarms = new Set<{ readonly at: number; readonly ring: () => void }>();
    const after = (milliseconds: number, ring: () => void) => {
      const alarm = { at: now + milliseconds, ring };
      alarms.add(alarm);
      return () => void alarms.delete(alarm);
    };
    const count = counted();
    count.before = () => void (now += 10);
    const session = new Session(await openFashion({}, count.wrap), { clock: { now: () => now, after } });
    // The last is the best, and each takes a tenth of a second: the fourth ends the time before it is judged.
    let calls = 0;
    const slow = verifier("slow", () => {
      now += 100;
      for (const alarm of [...alarms]) if (now >= alarm.at && alarms.delete(alarm)) alarm.ring();
      return ++calls;
    });
    const report = await compare({
      session,
      algorithms: { random: randomSearch({ perRound: 2 }) },
      problems: [{ condition: "Bag", steps: 2, guidance: 1, verifier: slow, heldOut: ["judge"] }],
      seeds: [1, 2],
      seconds: [0.44],
      resamples: 1000,
    });
    const [row] = rowsOf(report, "random", "held-out");
    expect([row!.calls, row!.failures]).toEqual([4, 0]);
    expect(row!.mean).toBeGreaterThan(0);
    expect(row!.better + row!.same + row!.worse).toBe(1);
    await session.dispose();
  });

  test("what ends by itself before its seconds do is told, and a calibration shows that it has begun", async () => {
    const { session, count } = timed(() => 10);
    const seen: [string, number, number][] = [];
    const report = await compare(
      {
        session,
        algorithms: { few: randomSearch({ candidates: 2 }) },
        problems: [{ steps: 4, verifier: proxy(0.6), heldOut: [gold] }],
        seeds: [1, 2],
        seconds: [0.5],
        resamples: 1000,
      },
      { progress: ({ now, done }) => seen.push([now, done, count.calls]) },
    );
    expect(seen[0]).toEqual(["timing single samples", 0, 0]);
    expect(report.notes).toContain(
      "few took 0.04 of 0.5 s: it ended by itself, so it was not compared at equal seconds.",
    );
    expect(report.notes.join()).not.toContain("best of N took");
  });

  test("what could not take its seconds is told", async () => {
    // A call takes longer than the whole budget.
    const { session } = timed(() => 300);
    const report = await compare({
      session,
      algorithms: { random: randomSearch({ perRound: 2 }) },
      problems: [{ steps: 4, verifier: proxy(0.6), heldOut: [gold] }],
      seeds: [1, 2],
      seconds: [0.2],
      resamples: 1000,
    });
    expect(report.notes.join()).toContain(
      "more steps at 0.2 s took 0.3 s: it was not compared at equal seconds.",
    );
    expect(report.notes).toContain(
      "random at 0.2 s: 2 of 2 runs had a failure, the first: The budget of 0.2 seconds is used up: there is no clean candidate with a score.",
    );
  });
});

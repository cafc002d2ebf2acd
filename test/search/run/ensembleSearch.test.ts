import { describe, expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import {
  endpoint,
  ensemble,
  searchOverPaths,
  feynmanKac,
  randomSearch,
  recordAt,
  Session,
  verifier,
  zeroOrderSearch,
  type Algorithm,
  type Image,
  type SearchRecord,
  type Verifier,
  type VerifierRef,
} from "../../../src/search/index.js";
import { midRanks } from "../../../src/search/verifiers/ensembleRanks.js";
import { rankScores } from "../../../src/search/verifiers/ensembleScores.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";

const problem = { condition: "bright", seed: 3, steps: 4 } as const;
const open = (batch = 4, wrap = counted().wrap) => new Session(analyticEngine({ batch, wrap }));

const mean = (image: Image): number => image.data.reduce((sum, value) => sum + value, 0) / image.data.length;
const spread = (image: Image): number => Math.max(...image.data) - Math.min(...image.data);
const first = verifier("mean", mean);
const second = verifier("spread", spread, { direction: "lower" });

/** The mean mid-ranks among the candidates given, from the members' scores in the record. */
function ranksOf(candidates: SearchRecord["candidates"], members: [string, "higher" | "lower"][]) {
  return rankScores(
    members.map(([name, direction]) => ({
      name,
      direction,
      scores: candidates.map(({ scores }) => scores[name]),
    })),
  );
}

describe("rank in the pool of the run", () => {
  test("every candidate has its mean mid-rank among all, and the best the lowest", async () => {
    const count = counted();
    const run = await open(2, count.wrap)
      .search(randomSearch({ perRound: 3 }), {
        ...problem,
        verifier: ensemble([first, second, "brightness"]),
        heldOut: ["contrast"],
        budget: { nfe: 44 },
      })
      .run();
    const record = run.record();
    const ranks = ranksOf(record.candidates, [
      ["mean", "higher"],
      ["spread", "lower"],
      ["brightness", "higher"],
    ]);
    expect(record.candidates.map(({ scores }) => scores["ensemble"])).toEqual(ranks);
    const lowest = Math.min(...(ranks as number[]));
    expect(record.best).toBe(record.candidates[ranks.indexOf(lowest)]!.id);
    expect(record.spent.verifierCalls).toEqual({ mean: 11, spread: 11, brightness: 11, contrast: 11 });
    expect(record.candidates.at(-1)!.at!.verifierCalls).toBe(33);
    expect(record.verifiers[0]).toEqual({
      name: "ensemble",
      role: "searched",
      direction: "lower",
      ensemble: {
        rule: "rank",
        pool: "run",
        members: [
          { name: "mean", direction: "higher" },
          { name: "spread", direction: "lower" },
          expect.objectContaining({ name: "brightness", direction: "higher" }),
        ],
      },
    });
    expectBalanced(record, count);
  });

  test("a monotone change of one member leaves every rank and the winner as they were", async () => {
    const curved = verifier("mean", (image) => Math.exp(mean(image) / 40) - 1000);
    const winners: (string | undefined)[] = [];
    const ranks: unknown[] = [];
    for (const member of [first, curved]) {
      const run = await open()
        .search(zeroOrderSearch({ neighbours: 3 }), {
          ...problem,
          verifier: ensemble([member, second]),
          budget: { nfe: 60 },
        })
        .run();
      winners.push(run.best?.id);
      ranks.push(run.candidates.map(({ scores }) => scores["ensemble"]));
    }
    expect(winners[0]).toBe(winners[1]);
    expect(ranks[0]).toEqual(ranks[1]);
  });
});

test("rank in the pool of the round: each round's ranks are its own, and the best is chosen among all", async () => {
  const run = await open()
    .search(zeroOrderSearch({ neighbours: 4 }), {
      ...problem,
      verifier: ensemble([first, second], { pool: "round", name: "both" }),
      budget: { nfe: 68 },
    })
    .run();
  const { rounds, candidates, best } = run.record();
  const members: [string, "higher" | "lower"][] = [
    ["mean", "higher"],
    ["spread", "lower"],
  ];
  expect(rounds.length).toBeGreaterThan(2);
  for (const round of rounds) {
    const own = candidates.filter(({ id }) => round.candidates.includes(id));
    expect(own.map(({ scores }) => scores["both"])).toEqual(ranksOf(own, members));
  }
  const overall = ranksOf(candidates, members).map((rank) => rank ?? Infinity);
  expect(best).toBe(candidates[overall.indexOf(Math.min(...overall))]!.id);
});

describe("z-score against the frozen pool", () => {
  test("is measured by the first candidates that were scored together, for good", async () => {
    const run = await open()
      .search(randomSearch({ perRound: 4 }), {
        ...problem,
        verifier: ensemble([first, second], { rule: "z-score", weights: [3, 1] }),
        budget: { nfe: 48 },
      })
      .run();
    const { candidates, best } = run.record();
    const of = (name: string) => candidates.map(({ scores }) => scores[name]!);
    const standard = (values: number[]): number[] => {
      const pool = values.slice(0, 4);
      const centre = pool.reduce((a, b) => a + b) / 4;
      const deviation = Math.sqrt(pool.reduce((sum, value) => sum + (value - centre) ** 2, 0) / 3);
      return values.map((value) => (value - centre) / deviation);
    };
    const [means, spreads] = [standard(of("mean")), standard(of("spread"))];
    of("ensemble").forEach((score, i) => expect(score).toBeCloseTo((3 * means[i]! - spreads[i]!) / 4, 10));
    expect(best).toBe(candidates[of("ensemble").indexOf(Math.max(...of("ensemble")))]!.id);
  });

  test("a lone first candidate stands at 0 until there is a pool", async () => {
    const run = open().search(randomSearch({ perRound: 1 }), {
      ...problem,
      verifier: ensemble([first], { rule: "z-score" }),
      budget: { nfe: 12 },
    });
    await run.step();
    expect(run.best!.scores["ensemble"]).toBe(0);
    await run.run();
    const scores = run.candidates.map((one) => one.scores["ensemble"]!);
    expect(scores[0]! + scores[1]!).toBeCloseTo(0, 12);
    expect(Math.abs(scores[0]!)).toBeCloseTo(Math.SQRT1_2, 12);
  });
});

const methods: [string, Algorithm, "rank" | "z-score"][] = [
  ["zero-order by ranks", zeroOrderSearch({ neighbours: 3, elitist: "keep" }), "rank"],
  ["paths by z-scores", searchOverPaths({ paths: 2, width: 2 }), "z-score"],
  ["Feynman-Kac by z-scores", feynmanKac({ particles: 5, temperature: 0.5 }), "z-score"],
];

describe.each(methods)("%s", (_, algorithm, rule) => {
  const asked = (heldOut: VerifierRef[] = []) => ({
    ...problem,
    verifier: ensemble([first, second], { rule }),
    heldOut,
    budget: { nfe: 60 },
  });

  test("is the same whatever the batch, stepped or run, and again by verify", async () => {
    const whole = await open(1)
      .search(algorithm, asked(["brightness"]))
      .run();
    const stepped = open(16).search(algorithm, asked(["brightness"]));
    for (const round of whole.rounds) expect((await stepped.step()).index).toBe(round.index);
    await stepped.run();
    expect(stepped.record()).toEqual(whole.record());
    const verification = await open(3).verify(whole);
    expect(verification).toMatchObject({ most: 0, mismatches: [] });
  });

  test("a fork shares the scores of its beginning and pays nothing for them", async () => {
    const run = await open().search(algorithm, asked()).run();
    const at = run.rounds[1]!.candidates[0]!;
    const fork = run.fork(at);
    await fork.step();
    const [then, again] = [recordAt(run.record(), 1), recordAt(fork.record(), 1)];
    expect(again.candidates.map(({ id }) => id)).toEqual(then.candidates.map(({ id }) => id));
    then.candidates.forEach(({ scores }, i) => {
      const { mean: a, spread: b } = again.candidates[i]!.scores;
      expect({ a, b }).toEqual({ a: scores["mean"], b: scores["spread"] });
    });
    expectBalanced(fork.record());
  });
});

test("held out, it judges without deciding, and its members are billed", async () => {
  const session = open();
  const plain = await session
    .search(randomSearch(), { ...problem, verifier: "brightness", budget: { nfe: 32 } })
    .run();
  const judged = await session
    .search(randomSearch(), {
      ...problem,
      verifier: "brightness",
      heldOut: [ensemble([first, second])],
      budget: { nfe: 32 },
    })
    .run();
  expect(judged.best!.id).toBe(plain.best!.id);
  const { candidates, spent } = judged.record();
  expect(candidates.map(({ scores }) => scores["ensemble"])).toEqual(
    ranksOf(candidates, [
      ["mean", "higher"],
      ["spread", "lower"],
    ]),
  );
  expect(spent.verifierCalls).toEqual({ brightness: 8, mean: 8, spread: 8 });
});

test("a candidate that a member fails on fails, and takes no place in the ranks", async () => {
  let calls = 0;
  const shaky = verifier("shaky", (image) => (++calls === 3 ? NaN : mean(image)));
  const run = await open()
    .search(randomSearch(), { ...problem, verifier: ensemble([shaky, second]), budget: { nfe: 32 } })
    .run();
  const { candidates } = run.record();
  expect(candidates[2]).toMatchObject({
    status: "failed",
    failure: "verifier shaky: Verifier shaky returned NaN instead of a finite number.",
  });
  expect(candidates[2]!.scores).not.toHaveProperty("ensemble");
  const others = candidates.filter((_, i) => i !== 2);
  const values = others.map(({ scores }) => scores["shaky"]!);
  const ranks = midRanks(values) as number[];
  expect(Math.max(...ranks)).toBe(7);
  expect(others.map(({ scores }) => scores["ensemble"])).toEqual(
    ranksOf(others, [
      ["shaky", "higher"],
      ["spread", "lower"],
    ]),
  );
});

test("images that are scored by themselves are the pool; a permutation permutes the scores", async () => {
  const session = open();
  const { images } = await session.sample({ condition: "bright", steps: 3, seeds: [1, 2, 3, 4, 5] });
  const scores = await session.score(images, [ensemble(["brightness", second]), first], "bright");
  const turned = await session.score(
    [...images].reverse(),
    [ensemble(["brightness", second]), first],
    "bright",
  );
  expect(turned["ensemble"]).toEqual([...scores["ensemble"]!].reverse());
  expect(turned["mean"]).toEqual([...scores["mean"]!].reverse());
  await expect(ensemble(["brightness"]).score(images)).rejects.toThrow("which only a session knows");
});

test("what cannot be is said before anything runs", () => {
  const search = (searched: VerifierRef, heldOut: VerifierRef[] = []) =>
    open().search(randomSearch(), { ...problem, verifier: searched, heldOut, budget: { nfe: 8 } });
  const refused = /brightness is searched and held out at once/;
  expect(() => search(ensemble(["brightness", first]), ["brightness"])).toThrow(refused);
  expect(() => search("brightness", [ensemble(["brightness", first])])).toThrow(refused);
  expect(() => search(ensemble(["brightness", "contrst"]))).toThrow('Did you mean "contrast"?');
  expect(() => search(ensemble([first, first]))).toThrow("has the member mean twice");
  expect(() => search(ensemble([first, ensemble([second], { name: "other" })]))).toThrow(
    "Name its members instead",
  );
  // The same by another name: a function, an object's own method, an address.
  const alias = verifier("alias", mean);
  expect(() => search(first, [alias])).toThrow(
    "Verifier alias is searched and held out at once, by another name: what drives selection cannot judge it.",
  );
  expect(() => search(ensemble([second, first]), [ensemble([alias], { name: "other" })])).toThrow(
    "alias is searched and held out at once, by another name",
  );
  const object: Verifier = { name: "a", direction: "higher", needsCondition: false, score: async () => [0] };
  expect(() => search(object, [{ ...object, name: "b" }])).toThrow("b is searched and held out at once");
  const one = "which are one verifier by two names: the same function, network or address";
  expect(() => search(ensemble([first, alias]))).toThrow(`has the members mean and alias, ${one}`);
  const judges = ["x", "y"].map((name) => endpoint("http://127.0.0.1:9/", { name }));
  expect(() => search(ensemble(judges))).toThrow(`has the members x and y, ${one}`);
  // Functions of one text that look at different things are two.
  const weighing = (weight: number): Verifier => verifier(`weight ${weight}`, () => weight);
  expect(() => search(weighing(1), [weighing(2)])).not.toThrow();
  expect(() => search(ensemble([weighing(1), weighing(2)]))).not.toThrow();
  expect(() => search(ensemble([first], { name: "mean" }))).toThrow("has a member of its own name");
  expect(() => ensemble([])).toThrow("needs an array of at least one verifier");
  expect(() => ensemble([first], { rule: "mean" as never })).toThrow('rule "mean" does not exist');
  expect(() => ensemble([first, second], { weights: [1] })).toThrow("needs 2 weights, but got 1");
});

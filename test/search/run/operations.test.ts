import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import {
  defineAlgorithm,
  Session,
  type Handle,
  type Ops,
  type SearchRun,
} from "../../../src/search/index.js";
import type { Op } from "../../../src/search/index.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted, type Counted } from "../helpers/counted.js";
import { caseG, mean, standardNormal, variance } from "../helpers/mixtures.js";

const problem = { verifier: "linear", budget: {}, seed: 8, steps: 4 } as const;

interface Done {
  readonly run: SearchRun;
  readonly count: Counted;
}

/** Runs a body as an algorithm of its own on case G, and checks its books. */
async function perform(
  body: (ops: Ops) => Generator<Op, void, any>,
  wishes: object = {},
  model = caseG,
): Promise<Done> {
  const count = counted();
  const session = new Session(model.open({ wrap: count.wrap, batch: 3 }));
  const own = defineAlgorithm("own", body, { ends: () => true });
  const run = await session.search(own(), { ...problem, ...wishes }).run();
  expectBalanced(run.record(), count);
  return { run, count };
}

test("a prediction and the step after it share one evaluation; asking twice is free", async () => {
  const { run, count } = await perform(function* (ops) {
    let some: readonly Handle[] = yield* ops.noise({ count: 5 });
    for (const to of ops.levels.slice(1)) {
      some = yield* ops.preview(some);
      some = yield* ops.preview(some);
      some = yield* ops.denoise(some, { to });
    }
    yield* ops.score(yield* ops.preview(some));
  });
  expect(count.forwards).toBe(20);
  expect(run.ledger).toMatchObject({ nfe: 20, cold: { nfe: 20 } });
});

test("lookahead takes L deterministic steps, and the first of them is kept", async () => {
  const { run } = await perform(function* (ops) {
    const some = yield* ops.denoise(yield* ops.noise({ count: 2 }), { to: 0.5 });
    yield* ops.score(yield* ops.preview(some, { lookahead: 3 }));
    yield* ops.score(yield* ops.denoise(some, { steps: 1 }));
  });
  // 2 steps down, 3 ahead, and the last step starts where the look ahead did.
  expect(run.ledger.nfe).toBe(2 * (2 + 3 + 0));
  const [candidate] = run.record().candidates;
  expect(candidate!.earlier).toHaveLength(1);
  expect(candidate!.earlier![0]).toMatchObject({ level: 0.5 });
  expect(Object.keys(candidate!.earlier![0]!.scores)).toEqual(["linear"]);
  expect(candidate!.level).toBe(0);
});

test("children are new candidates that share the evaluation at their parent, and a parent can have more later", async () => {
  let first: readonly Handle[] = [];
  let later: readonly Handle[] = [];
  const { run } = await perform(function* (ops) {
    const parents = yield* ops.denoise(yield* ops.noise({ count: 2 }), { to: 0.75, eta: 1 });
    first = yield* ops.denoise(parents, { to: 0.5, eta: 1, children: 3 });
    later = yield* ops.denoise([parents[1]!], { to: 0.5, eta: 1, children: 1 });
  });
  expect(first.map(({ parent }) => parent)).toEqual(["r1-c0", "r1-c0", "r1-c0", "r1-c1", "r1-c1", "r1-c1"]);
  expect(later.map(({ parent, level }) => [parent, level])).toEqual([["r1-c1", 0.5]]);
  expect(run.ledger.nfe).toBe(4);
  const states = await Promise.all(
    run.candidates.slice(2).map(async (child) => (await child.latent()).data[0]),
  );
  expect(new Set(states).size).toBe(7);
  expect(run.candidate("r1-c0").level).toBe(0.75);
  expect(run.record().candidates[2]).toMatchObject({
    op: "denoise",
    from: 0.75,
    level: 0.5,
    key: "step/r1-c2",
  });
});

test("renoising has the exact variance: from N(0, 1) data at .6 to .68 at .8, and at 1 it is a fresh noise", async () => {
  const { run } = await perform(
    function* (ops) {
      const noises = yield* ops.noise({ count: 1500 });
      const some = yield* ops.denoise(noises, { to: 0.6, eta: 1, steps: 1 });
      const up = yield* ops.renoise(some, { to: 0.8, copies: 2 });
      const fresh = yield* ops.renoise(some.slice(0, 1), { to: 1 });
      yield* ops.preview([...up, ...fresh]);
    },
    {},
    standardNormal,
  );
  const up = run.candidates.filter(({ level }) => level === 0.8);
  const values = await Promise.all(up.map(async (candidate) => (await candidate.latent()).data[0]!));
  expect(values).toHaveLength(3000);
  // Pairs share half their state, so the standard error is that of a little fewer: .68 sqrt(2 / 3000) is .0176.
  expect(Math.abs(variance(values) - 0.68)).toBeLessThan(0.07);
  expect(Math.abs(mean(values))).toBeLessThan(0.07);
  expect(run.record().candidates.find(({ op }) => op === "renoise")).toMatchObject({
    parents: ["r1-c0"],
    from: 0.8,
  });
  const fresh = run.candidates.find(({ level, parents }) => level === 1 && parents.length > 0)!;
  expect((await fresh.noise()).data).toEqual((await fresh.latent()).data);
});

test("perturbing with sqrt(1 - b^2) and b keeps a standard normal; radius bounds the distance", async () => {
  const { run } = await perform(function* (ops) {
    const pivot = yield* ops.noise();
    const near = yield* ops.around(pivot, { count: 200, radius: 0.5 });
    const mutated = yield* ops.perturb(yield* ops.noise({ count: 800 }), {
      keep: Math.sqrt(1 - 0.04),
      add: 0.2,
    });
    yield* ops.preview([...near, ...mutated]);
  });
  const pivot = (await run.candidate("r0-c0").noise()).data[0]!;
  const of = (op: string): Promise<number[]> =>
    Promise.all(
      run.candidates
        .filter((candidate) => candidate.toJSON().op === op)
        .map(async (candidate) => (await candidate.noise()).data[0]!),
    );
  const distances = (await of("around")).map((x) => Math.abs(x - pivot));
  expect(Math.max(...distances)).toBeLessThan(0.5);
  expect(Math.abs(mean(distances) - 0.25)).toBeLessThan(0.05);
  const mutated = await of("perturb");
  expect(Math.abs(variance(mutated) - 1)).toBeLessThan(4 * Math.sqrt(2 / 800));
});

test("noises as the chance of a step: one child of each parent for every noise", async () => {
  const { run } = await perform(function* (ops) {
    const parents = yield* ops.denoise(yield* ops.noise({ count: 2 }), { to: 0.5 });
    const pivot = yield* ops.noise();
    const noises = yield* ops.around(pivot, { count: 2, radius: 0 });
    const children = yield* ops.denoise(parents, { to: 0.25, noises: [...noises, pivot] });
    yield* ops.score(yield* ops.denoise(children));
  });
  const children = run.candidates.filter(
    ({ parents }) => parents.length > 0 && parents[0]!.startsWith("r1-c"),
  );
  const scores = children.map(({ scores }) => scores["linear"]);
  // At radius 0 the three noises are one, and so are their children.
  expect(children.map(({ parents }) => parents[0])).toEqual([
    "r1-c0",
    "r1-c0",
    "r1-c0",
    "r1-c1",
    "r1-c1",
    "r1-c1",
  ]);
  expect(scores[0]).toBe(scores[1]);
  expect(scores[0]).toBe(scores[2]);
  expect(scores[3]).toBe(scores[4]);
  expect(scores[0]).not.toBe(scores[3]);
});

test("threshold, drop, tournament and random", async () => {
  const seen: Record<string, unknown> = {};
  const { run } = await perform(function* (ops) {
    const scored = yield* ops.score(yield* ops.denoise(yield* ops.noise({ count: 8 })));
    const good = yield* ops.threshold(scored, { atLeast: 0 });
    seen["good"] = good.every(({ score }) => score! >= 0);
    const winners = yield* ops.tournament(scored, { count: 40, size: 8 });
    seen["winners"] = new Set(winners.map(({ id }) => id)).size;
    const random = yield* ops.tournament(scored, { count: 40, size: 1 });
    seen["any"] = new Set(random.map(({ id }) => id)).size;
    seen["numbers"] = [yield* ops.random(), ...(yield* ops.random({ count: 3 }))];
    yield* ops.drop(good);
    seen["none"] = yield* ops.tournament([], { count: 3, size: 2 });
    seen["resampled"] = yield* ops.resample([]);
  });
  expect(seen).toMatchObject({ good: true, winners: 1, none: [], resampled: [] });
  expect(seen["any"]).toBeGreaterThan(4);
  const numbers = seen["numbers"] as number[];
  expect(new Set(numbers).size).toBe(4);
  for (const number of numbers) expect(number >= 0 && number < 1).toBe(true);
  expect(run.candidates.every(({ status }) => status === "dropped" || status === "final")).toBe(true);
});

test("decoding is for those that have none yet; previews are decoded and scored in pixels, with a class and guidance", async () => {
  const count = counted();
  const session = new Session(analyticEngine({ wrap: count.wrap }));
  const own = defineAlgorithm("own", function* (ops) {
    let some: readonly Handle[] = yield* ops.denoise(yield* ops.noise({ count: 3 }), { to: ops.levels[4]! });
    some = yield* ops.score(yield* ops.decode(yield* ops.preview(some)));
    yield* ops.score(yield* ops.denoise(some));
  });
  const run = await session
    .search(own(), {
      condition: "bright",
      guidance: 2,
      verifier: "brightness",
      heldOut: ["contrast"],
      budget: { nfe: 100 },
    })
    .run();
  const record = run.record();
  expectBalanced(record, count);
  expect(record.spent).toMatchObject({
    nfe: 24,
    forwards: 48,
    decodes: 6,
    verifierCalls: { brightness: 6, contrast: 6 },
  });
  expect(record.candidates[0]!.earlier).toMatchObject([{ level: 0.5 }]);
  expect((await run.best!.image()).width).toBe(8);
});

test("best is a clean candidate before any preview, and of previews one that is farther down", async () => {
  const levels: number[] = [];
  await perform(function* (ops) {
    const some = yield* ops.denoise(yield* ops.noise({ count: 4 }), { to: 0.75, eta: 1 });
    yield* ops.score(yield* ops.preview(some));
    yield* ops.endRound();
    const [low] = yield* ops.denoise([some[0]!], { to: 0.5, eta: 1 });
    yield* ops.score(yield* ops.preview([low!]));
    yield* ops.endRound();
    yield* ops.score(yield* ops.denoise([some[1]!], { eta: 1 }));
    yield* ops.endRound();
  }).then(({ run }) => levels.push(...run.rounds.map(({ best }) => best!.level)));
  // The views are live: the first round's best has moved on since.
  expect(levels.slice(1)).toEqual([0.5, 0]);
});

test("a budget cuts a population short, previews and children included, and is never overrun", async () => {
  for (let nfe = 4; nfe < 40; nfe += 3) {
    const { run } = await perform(
      function* (ops) {
        let some: readonly Handle[] = yield* ops.noise({ count: 5 });
        for (const to of ops.levels.slice(1)) {
          some = yield* ops.score(yield* ops.preview(some));
          some = yield* ops.denoise(some, { to, eta: 1, children: 2 });
          some = yield* ops.resample(some, { count: 5, logWeights: some.map(() => 0) });
          yield* ops.endRound();
        }
      },
      { budget: { nfe } },
    );
    expect(run.ledger.nfe).toBeLessThanOrEqual(nfe);
    expect(run.ledger.nfe).toBeGreaterThan(Math.min(nfe, 20) - 6);
  }
});

test.each([
  [
    "renoises downwards",
    function* (ops: Ops) {
      yield* ops.renoise(yield* ops.noise({ count: 1 }), { to: 0.5 });
    },
    "renoise: r1-c0 is at level 1, which is not below 0.5.",
  ],
  [
    "scores what has no preview",
    function* (ops: Ops) {
      yield* ops.score(yield* ops.denoise(yield* ops.noise({ count: 1 }), { to: 0.5 }));
    },
    "score: r1-c0 is at level 0.5. Denoise it to 0 first, or preview it where it stands.",
  ],
  [
    "gives too few weights",
    function* (ops: Ops) {
      yield* ops.weigh(yield* ops.noise({ count: 2 }), [1]);
    },
    "weigh: 2 candidates need as many log weights.",
  ],
  [
    "gives weights that are no numbers",
    function* (ops: Ops) {
      yield* ops.weigh(yield* ops.noise({ count: 2 }), [0, NaN]);
    },
    "weigh: the log weight of r1-c1 is NaN",
  ],
  [
    "resamples by nothing",
    function* (ops: Ops) {
      const some = yield* ops.noise({ count: 2 });
      yield* ops.resample(some, { logWeights: [-Infinity, -Infinity] });
    },
    "All 2 weights are zero",
  ],
  [
    "asks for children and noises",
    function* (ops: Ops) {
      const some = yield* ops.noise({ count: 2 });
      yield* ops.denoise(some, { children: 2, noises: some });
    },
    "noises give one child each",
  ],
  [
    "denoises by an eta above 1",
    function* (ops: Ops) {
      yield* ops.denoise(yield* ops.noise({ count: 2 }), { eta: 2 });
    },
    "denoise: eta is 2, but must be a number from 0 to 1.",
  ],
])("an algorithm that %s is told so", async (_, body, message) => {
  await expect(perform(body)).rejects.toThrow(message);
});

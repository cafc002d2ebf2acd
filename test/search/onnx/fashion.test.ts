import { expect, test } from "vitest";
import {
  randomSearch,
  Session,
  zeroOrderSearch,
  type Algorithm,
  type Problem,
} from "../../../src/search/index.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";
import { openFashion } from "../helpers/fashion.js";

const base = { condition: "Sneaker", verifier: "classifier", heldOut: ["judge"], seed: 11 } as const;

test("batch sizes 1, 3 and 16 give the same latents, scores and record, bit for bit", async () => {
  const runs = [];
  for (const batch of [1, 3, 16]) {
    const session = new Session(await openFashion({ batch }));
    const run = await session
      .search(randomSearch({ candidates: 16, perRound: 16 }), {
        ...base,
        budget: {},
        steps: 4,
        solver: "heun",
      })
      .run();
    const latents = await Promise.all(
      run.candidates.map(async (candidate) => (await candidate.latent()).data),
    );
    runs.push({ latents, record: JSON.stringify(run.record()) });
    await session.dispose();
  }
  expect(runs[1]!.latents).toEqual(runs[0]!.latents);
  expect(runs[2]!.latents).toEqual(runs[0]!.latents);
  expect(runs[1]!.record).toBe(runs[0]!.record);
  expect(runs[2]!.record).toBe(runs[0]!.record);
}, 60_000);

const ledgers: readonly [string, Algorithm, Problem, { nfe: number; forwards: number }][] = [
  [
    "random search, Euler n",
    randomSearch({ candidates: 5 }),
    { ...base, budget: {}, solver: "euler", steps: 3, guidance: 1 },
    { nfe: 15, forwards: 15 },
  ],
  [
    "random search, Heun 2n - 1 with guidance",
    randomSearch({ candidates: 3 }),
    { ...base, budget: {}, solver: "heun", steps: 3, guidance: 2 },
    { nfe: 15, forwards: 30 },
  ],
  [
    "zero-order search",
    zeroOrderSearch({ neighbours: 2 }),
    { ...base, budget: { rounds: 2 }, steps: 3, guidance: 2 },
    { nfe: 12, forwards: 24 },
  ],
];

test.each(ledgers)(
  "%s: the ledger is the model's own count",
  async (_, algorithm, problem, expected) => {
    const count = counted();
    const session = new Session(await openFashion({}, count.wrap));
    const run = await session.search(algorithm, problem).run();
    expect(run.ledger).toMatchObject(expected);
    expectBalanced(run.record(), count);
    await session.dispose();
  },
  60_000,
);

test("a stop in the middle of a trajectory is billed to the last pass", async () => {
  const count = counted();
  const session = new Session(await openFashion({ batch: 2 }, count.wrap));
  const run = session.search(randomSearch(), { ...base, budget: { nfe: 400 } });
  count.before = (calls) => {
    if (calls === 21) run.stop();
  };
  await run.run();
  expect(run.state).toBe("stopped");
  expect(count.calls).toBe(22);
  expect(run.ledger.forwards).toBe(22 * 4);
  expectBalanced(run.record(), count);
  await session.dispose();
}, 60_000);

test("searches and samples at the same time do not disturb each other", async () => {
  const alone = new Session(await openFashion());
  const [a, b] = [
    (await alone.search(randomSearch({ candidates: 4 }), { ...base, budget: {}, steps: 3 }).run()).record(),
    (
      await alone
        .search(zeroOrderSearch(), { ...base, budget: { rounds: 1 }, steps: 3, condition: "Bag" })
        .run()
    ).record(),
  ];
  await alone.dispose();
  const together = new Session(await openFashion());
  const runs = await Promise.all([
    together.search(randomSearch({ candidates: 4 }), { ...base, budget: {}, steps: 3 }).run(),
    together.search(zeroOrderSearch(), { ...base, budget: { rounds: 1 }, steps: 3, condition: "Bag" }).run(),
    together.sample({ condition: "Dress", seeds: [1, 2, 3], steps: 3 }),
  ]);
  expect(JSON.stringify(runs[0].record())).toBe(JSON.stringify(a));
  expect(JSON.stringify(runs[1].record())).toBe(JSON.stringify(b));
  await together.dispose();
}, 60_000);

test("samples look like what was asked for: the judge, which never saw the sampler, recognises most", async () => {
  const session = new Session(await openFashion());
  let right = 0;
  for (const label of ["Trouser", "Sneaker", "Bag", "Ankle boot"]) {
    const samples = await session.sample({ condition: label, seeds: [1, 2, 3, 4] });
    const { judge } = await session.score(samples, ["judge"], label);
    right += judge!.filter((probability) => probability > 0.5).length;
  }
  expect(right).toBeGreaterThanOrEqual(13);
  await session.dispose();
}, 60_000);

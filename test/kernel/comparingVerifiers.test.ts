import { resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TestKernel } from "./startKernel.js";

const dino = JSON.stringify(resolve("test/fixtures/verifiers/dino"));
const PROBLEM = "condition: 'Bag', steps: 4, guidance: 1, seed: 3, budget: { nfe: 16 }";
let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open({ DNB_CACHE: "none" });
  await kernel.shows(
    "import { openSession, openVerifier, randomSearch, gaussianMixture, selfSupervised, oracle } from 'dnb'; const session = await openSession('fashion')",
  );
}, 30_000);
afterAll(() => kernel.close());

it("a search by self-supervision costs one more decoding a candidate and no evaluation", async () => {
  const shown = await kernel.shows(
    `const run = await session.search(randomSearch(), { ${PROBLEM}, verifier: selfSupervised(), heldOut: ['judge'] }).run();
     const scores = run.candidates.map((one) => one.scores['self-supervised']!);
     JSON.stringify([run.ledger.nfe, run.ledger.decodes, run.ledger.verifierCalls, new Set(scores).size, scores.every((score) => Math.abs(score) <= 1 + 1e-6), (await session.verify(run)).most])`,
  );
  expect(shown).toBe(`'[16,8,{"self-supervised":4,"judge":4},4,true,0]'`);
});

it("a folder's own network compares in the model's thread, and pictures that a cell's model made in the other", async () => {
  const shown = await kernel.shows(
    `const verifier = await openVerifier(${dino});
     const beside = await session.search(randomSearch(), { ${PROBLEM}, verifier }).run();
     const apart = await openSession(gaussianMixture({ weights: [0.5, 0.5], variances: [0.1, 0.1], means: [Array(64).fill(-0.5), Array(64).fill(0.5)] }));
     const problem = { steps: 5, seed: 1, budget: { nfe: 15 }, verifier } as const;
     const other = await apart.search(randomSearch(), problem).run();
     const again = await apart.search(randomSearch(), problem).run();
     JSON.stringify([beside.ledger.verifierCalls, other.ledger.verifierCalls, other.ledger.decodes, other.candidates.every((one) => Math.abs(one.scores.dino!) <= 1 + 1e-6), again.ledger.verifierCalls])`,
  );
  expect(shown).toBe(`'[{"dino":4},{"dino":3},6,true,{}]'`);
});

it("an oracle goes on with the winners that it is given", async () => {
  const shown = await kernel.shows(
    `const metric = oracle({ score: 'inception' });
     const counts: number[] = [];
     for (const condition of ['Bag', 'Sandal']) counts.push(await metric.population.add(await session.search(randomSearch(), { ${PROBLEM}, condition, verifier: metric }).run()));
     const [last] = await metric.population.images.slice(-1).map((image) => image.width);
     JSON.stringify([counts, metric.population.size, last])`,
  );
  expect(shown).toBe("'[[1,2],2,28]'");
});

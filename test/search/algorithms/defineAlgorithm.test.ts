import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import { defineAlgorithm, Session, zeroOrderSearch } from "../../../src/search/index.js";
import { expectBalanced } from "../helpers/costs.js";

const problem = { condition: "bright", verifier: "brightness", seed: 1, budget: { rounds: 4 } } as const;

test("an algorithm written in a cell, as the paper has it, is the built-in one", async () => {
  const mine = defineAlgorithm(
    "zero-order",
    function* (ops, { neighbours = 4, similarity = 0.95 }: { neighbours?: number; similarity?: number }) {
      let pivot = yield* ops.noise();
      for (;;) {
        const candidates = yield* ops.around(pivot, { count: neighbours, similarity });
        const scored = yield* ops.score(yield* ops.denoise(candidates));
        pivot = (yield* ops.keep(scored, { best: 1 }))[0]!;
        yield* ops.endRound();
      }
    },
  );
  const own = await new Session(analyticEngine()).search(mine({ neighbours: 4 }), problem).run();
  const builtIn = await new Session(analyticEngine()).search(zeroOrderSearch(), problem).run();
  expect(own.record().candidates).toEqual(builtIn.record().candidates);
  expect(own.record().algorithm).toEqual({ name: "zero-order", options: { neighbours: 4 } });
});

test("a part of the trajectory, a choice in the middle, and an end of its own", async () => {
  const halving = defineAlgorithm("half way", function* (ops) {
    const half = ops.levels[4]!;
    const noises = yield* ops.noise({ count: 4 });
    const some = (yield* ops.denoise(noises, { to: half })).slice(0, 2);
    const clean = yield* ops.denoise(some);
    yield* ops.keep(yield* ops.score(clean), { best: 1 });
    yield* ops.finish(`Half way is level ${half}.`);
  });
  const run = await new Session(analyticEngine()).search(halving(), problem).run();
  expect(run.reason).toBe("Half way is level 0.5.");
  expect(run.candidates.map(({ level, cost }) => [level, cost.nfe])).toEqual([
    [0, 8],
    [0, 8],
    [0.5, 4],
    [0.5, 4],
  ]);
  expect(run.rounds).toHaveLength(1);
  expectBalanced(run.record());
});

test("a trajectory in two parts ends at the same latent bits as in one", async () => {
  const inParts = defineAlgorithm("parts", function* (ops) {
    const noises = yield* ops.noise({ count: 2 });
    yield* ops.score(yield* ops.denoise(yield* ops.denoise(noises, { to: ops.levels[3]! })));
  });
  const whole = defineAlgorithm("whole", function* (ops) {
    yield* ops.score(yield* ops.denoise(yield* ops.noise({ count: 2 })));
  });
  const session = new Session(analyticEngine());
  const [a, b] = [
    await session.search(inParts(), problem).run(),
    await session.search(whole(), problem).run(),
  ];
  expect((await a.candidate("r1-c1").latent()).data).toEqual((await b.candidate("r1-c1").latent()).data);
});

test("scores come back turned so that higher is better", async () => {
  const seen: (number | undefined)[] = [];
  const look = defineAlgorithm("look", function* (ops) {
    const scored = yield* ops.score(yield* ops.denoise(yield* ops.noise({ count: 3 })));
    seen.push(...scored.map(({ score }) => score));
    expect((yield* ops.score(scored)).map(({ score }) => score)).toEqual(scored.map(({ score }) => score));
  });
  const lower = { name: "lower", direction: "lower" as const, needsCondition: false, score: async () => [2] };
  const run = await new Session(analyticEngine()).search(look(), { ...problem, verifier: lower }).run();
  expect(seen).toEqual([-2, -2, -2]);
  expect(run.ledger.verifierCalls).toEqual({ lower: 3 });
});

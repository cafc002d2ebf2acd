import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import {
  defineAlgorithm,
  feynmanKac,
  randomSearch,
  searchOverPaths,
  Session,
  zeroOrderSearch,
  type Algorithm,
  type SearchRun,
} from "../../../src/search/index.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";
import { caseG } from "../helpers/mixtures.js";

const methods: readonly [string, Algorithm, object][] = [
  ["random", randomSearch({ candidates: 9, perRound: 4 }), {}],
  ["zero-order", zeroOrderSearch({ elitist: "restart" }), { nfe: 60 }],
  ["paths", searchOverPaths({ paths: 2, width: 2 }), {}],
  ["Feynman-Kac", feynmanKac({ particles: 6, temperature: 0.3 }), {}],
];

const problem = (budget: object) =>
  ({
    condition: "bright",
    verifier: "brightness",
    heldOut: ["contrast"],
    seed: 4,
    steps: 5,
    budget,
  }) as const;

/** Small batches, so that one operation takes several engine calls. */
function begin(algorithm: Algorithm, budget: object, wrap = counted().wrap): SearchRun {
  return new Session(analyticEngine({ batch: 1, wrap })).search(algorithm, problem(budget));
}

async function boundaries(algorithm: Algorithm, budget: object): Promise<{ count: number; bytes: string }> {
  const run = begin(algorithm, budget);
  let count = 0;
  run.onChange(() => count++);
  await run.run();
  return { count, bytes: JSON.stringify(run.record()) };
}

test.each(methods)(
  "%s: paused at any boundary and gone on, the bytes are those of an uninterrupted run",
  async (_, algorithm, budget) => {
    const whole = await boundaries(algorithm, budget);
    expect(whole.count).toBeGreaterThan(10);
    for (let at = 1; at <= whole.count; at++) {
      const run = begin(algorithm, budget);
      let told = 0;
      run.onChange(() => {
        if (++told === at) run.pause();
      });
      await run.run();
      const paused = JSON.stringify(run.record());
      expect(JSON.stringify(run.record())).toBe(paused);
      await run.run();
      expect(JSON.stringify(run.record())).toBe(whole.bytes);
    }
  },
);

test.each(methods)("%s: paused at every boundary at once, and stepped", async (_, algorithm, budget) => {
  const whole = await boundaries(algorithm, budget);
  const often = begin(algorithm, budget);
  let told = 0;
  // A run tells once that it begins, then after each engine call.
  often.onChange(() => {
    if (++told > 1) often.pause();
  });
  for (let i = 0; i < 2 * whole.count && often.state !== "finished"; i++) {
    told = 0;
    await often.run();
  }
  expect(JSON.stringify(often.record())).toBe(whole.bytes);
  const stepped = begin(algorithm, budget);
  for await (const round of stepped) expect(round.index).toBeGreaterThan(0);
  expect(JSON.stringify(stepped.record())).toBe(whole.bytes);
});

test.each(methods)(
  "%s: stopped in any model call, the ledger is the model's own count",
  async (_, algorithm, budget) => {
    const count = counted();
    await begin(algorithm, budget, count.wrap).run();
    for (let at = 0; at < count.calls; at++) {
      const own = counted();
      const run = begin(algorithm, budget, own.wrap);
      own.before = (calls) => {
        if (calls === at) run.stop();
      };
      await run.run();
      expect(run.state).toBe("stopped");
      expectBalanced(run.record(), own);
      expect(run.ledger.forwards).toBe(own.forwards);
    }
  },
);

test.each(methods)("%s: another batch size gives the same bytes", async (_, algorithm, budget) => {
  const bytes = await Promise.all(
    [1, 3, 64].map(async (batch) => {
      const run = new Session(analyticEngine({ batch })).search(algorithm, problem(budget));
      return JSON.stringify((await run.run()).record());
    }),
  );
  expect(new Set(bytes).size).toBe(1);
});

test("an algorithm that never ends is ended by its budget", async () => {
  const endless = defineAlgorithm("endless", function* (ops) {
    for (;;) yield* ops.score(yield* ops.denoise(yield* ops.noise({ count: 1 })));
  });
  const run = await new Session(caseG.open())
    .search(endless(), { verifier: "linear", budget: { nfe: 100 } })
    .run();
  expect(run.ledger.nfe).toBeLessThanOrEqual(100);
  expect(run.reason).toMatch(/budget of 100 NFE/);
});

test("one that asks again and again for what it has is told so", async () => {
  const stuck = defineAlgorithm("stuck", function* (ops) {
    const some = yield* ops.score(yield* ops.denoise(yield* ops.noise({ count: 1 })));
    for (;;) yield* ops.score(some);
  });
  const run = new Session(caseG.open()).search(stuck(), { verifier: "linear", budget: { nfe: 100 } });
  await expect(run.run()).rejects.toThrow("operations without denoising or scoring a candidate");
});

test("an interrupt is heard while an algorithm without end runs on a fast model", async () => {
  const endless = defineAlgorithm("endless", function* (ops) {
    for (;;) yield* ops.score(yield* ops.denoise(yield* ops.noise({ count: 1 })));
  });
  const interrupt = new AbortController();
  const clock = { now: () => performance.now(), after: () => () => undefined };
  const session = new Session(caseG.open(), { clock, signal: () => interrupt.signal });
  const run = session.search(endless(), { verifier: "linear", budget: { nfe: 1e9 } });
  setTimeout(() => interrupt.abort(new Error("Interrupted")), 30);
  await expect(run.run()).rejects.toThrow("Interrupted");
});

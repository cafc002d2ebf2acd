import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import { randomSearch, Session, verifier, zeroOrderSearch } from "../../../src/search/index.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";

const problem = { condition: "bright", seed: 2, budget: { nfe: 64 } } as const;

test.each([
  [
    "throws",
    (): number => {
      throw new Error("no face found");
    },
    "no face found",
  ],
  ["returns NaN", (): number => NaN, "Verifier mine returned NaN instead of a finite number."],
  [
    "returns no number",
    (): number => "high" as never,
    'Verifier mine returned "high" instead of a finite number.',
  ],
  ["rejects", (): Promise<number> => Promise.reject(new Error("timed out")), "timed out"],
])(
  "a searched verifier that %s for one candidate fails that one, and the search goes on and says so",
  async (_, fail, why) => {
    let calls = 0;
    const mine = verifier("mine", (image) => (++calls === 3 ? fail() : image.rgb[0]![0]!));
    const run = await new Session(analyticEngine())
      .search(randomSearch(), { ...problem, verifier: mine })
      .run();
    const { candidates, notices, state, best } = run.record();
    expect(state).toBe("finished");
    expect(candidates).toHaveLength(8);
    expect(candidates.filter(({ status }) => status === "failed").map(({ id }) => id)).toEqual(["r1-c2"]);
    expect(candidates[2]).toMatchObject({ scores: {}, failure: `verifier mine: ${why}` });
    expect(notices).toEqual([`Verifier mine failed on 1 of 8 candidates: ${why}`]);
    expect(best).not.toBe("r1-c2");
    expectBalanced(run.record());
  },
);

test("a held-out verifier that fails takes no part: the candidate lives, without that score", async () => {
  const judge = verifier("judge", () => {
    throw new Error("broken");
  });
  const session = new Session(analyticEngine());
  const run = await session
    .search(randomSearch(), { ...problem, verifier: "brightness", heldOut: [judge] })
    .run();
  const plain = await session.search(randomSearch(), { ...problem, verifier: "brightness" }).run();
  expect(run.best!.id).toBe(plain.best!.id);
  expect(run.best!.status).toBe("final");
  expect(run.best!.scores).not.toHaveProperty("judge");
  expect(run.notices).toEqual(["Verifier judge failed on 8 of 8 candidates: broken"]);
});

test("when every candidate fails the search still ends, with no best", async () => {
  const broken = verifier("broken", () => NaN);
  for (const algorithm of [randomSearch(), zeroOrderSearch(), zeroOrderSearch({ elitist: "restart" })]) {
    const run = await new Session(analyticEngine()).search(algorithm, { ...problem, verifier: broken }).run();
    expect(run.state).toBe("finished");
    expect(run.best).toBeUndefined();
    expect(run.ledger.nfe).toBe(64);
    expect(run.rounds.at(-1)!.candidates).toEqual([]);
  }
});

test("a model that gives NaN fails its candidates with a sentence, never a number", async () => {
  const count = counted();
  const engine = analyticEngine({
    batch: 1,
    wrap: (denoiser) =>
      count.wrap({
        ...denoiser,
        velocity: async (x, samples, level, labels) =>
          count.calls > 8 && count.calls <= 16
            ? x.map(() => NaN)
            : denoiser.velocity(x, samples, level, labels),
      }),
  });
  const run = await new Session(engine).search(randomSearch(), { ...problem, verifier: "brightness" }).run();
  const { candidates, notices } = run.record();
  expect(candidates.map(({ status }) => status).filter((status) => status === "failed")).toHaveLength(1);
  expect(candidates[1]).toMatchObject({ id: "r1-c1", status: "failed", scores: {}, level: 1 });
  expect(notices).toEqual([
    "The model failed on 1 of 8 candidates: the model gave values that are no numbers at evaluation 1 of 8, at level 1",
  ]);
  expectBalanced(run.record(), count);
});

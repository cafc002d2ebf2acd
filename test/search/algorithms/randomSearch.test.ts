import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import { randomSearch, Session, verifier, zeroOrderSearch } from "../../../src/search/index.js";

const problem = { condition: "middle", verifier: "brightness", seed: 9, budget: {} } as const;

test("random search over 8 is a prefix of that over 16, whatever makes a round", async () => {
  const session = new Session(analyticEngine());
  const [eight, sixteen] = await Promise.all([
    session.search(randomSearch({ candidates: 8, perRound: 3 }), problem).run(),
    session.search(randomSearch({ candidates: 16, perRound: 16 }), problem).run(),
  ]);
  expect(eight.candidates).toHaveLength(8);
  for (const [i, candidate] of eight.candidates.entries()) {
    const twin = sixteen.candidates[i]!;
    expect(candidate.scores).toEqual(twin.scores);
    expect((await candidate.latent()).data).toEqual((await twin.latent()).data);
  }
});

test("best of N never falls with N", async () => {
  const run = await new Session(analyticEngine()).search(randomSearch({ candidates: 40 }), problem).run();
  const best = run.rounds.map((round) => round.best!.scores["brightness"]!);
  expect(best).toEqual([...best].sort((a, b) => a - b));
  expect(run.best!.scores["brightness"]).toBe(best.at(-1));
});

test("exactly one candidate stays, the winner; of equals the first", async () => {
  const session = new Session(analyticEngine());
  const run = await session.search(randomSearch({ candidates: 10 }), problem).run();
  const stays = run.candidates.filter(({ status }) => status !== "dropped");
  expect(stays.map(({ id, status }) => [id, status])).toEqual([[run.best!.id, "final"]]);
  const flat = verifier("flat", () => 1);
  const tied = await session.search(randomSearch({ candidates: 10 }), { ...problem, verifier: flat }).run();
  expect(tied.best!.id).toBe("r1-c0");
});

test("algorithms share their first noises at one seed, and a sample is the first of them", async () => {
  const session = new Session(analyticEngine());
  const random = await session.search(randomSearch({ candidates: 1 }), problem).run();
  const zeroOrder = await session.search(zeroOrderSearch(), { ...problem, budget: { rounds: 1 } }).run();
  expect((await random.candidate("r1-c0").noise()).data).toEqual(
    (await zeroOrder.candidate("r0-c0").noise()).data,
  );
  const { images } = await session.sample({ condition: "middle", seeds: [9] });
  expect(images[0]!.data).toEqual((await random.best!.image()).data);
});

test("the record has the options with their defaults", () => {
  expect(randomSearch()).toMatchObject({ name: "random", options: { perRound: 4 } });
  expect(randomSearch({ candidates: 3 }).options).toEqual({ candidates: 3, perRound: 4 });
});

test.each([
  [{ candidates: 0 }, "randomSearch: candidates is 0, but must be a whole number from 1 up."],
  [{ candidates: NaN }, "randomSearch: candidates is NaN"],
  [{ perRound: 2.5 }, "randomSearch: perRound is 2.5"],
  [{ candidate: 4 }, 'randomSearch has no "candidate". It has: candidates, perRound.'],
])("options %j are refused", (options, message) => {
  expect(() => randomSearch(options as object)).toThrow(message);
});

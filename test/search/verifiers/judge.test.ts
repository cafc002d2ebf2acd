import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import { Image, Session, type Tensor, type Verifier } from "../../../src/search/index.js";
import { judgeImages, judgeLatent } from "../../../src/search/verifiers/judge.js";
import { picture } from "../pictures/helpers/patterns.js";

const states: readonly Tensor[] = [1, 2, 3].map((value) => ({ data: Float32Array.of(value), shape: [1] }));
const images = [1, 2, 3].map((side) => new Image(picture("noise", side, side, 1)));

/** An object that a cell wrote, with what it answers for so many at once. */
const written = (answer: (count: number) => number[]): Verifier => ({
  ...{ name: "own", direction: "higher", needsCondition: false },
  score: async (given) => answer((given as readonly Image[]).length),
  scoreLatents: async (given) => answer(given.length),
});
const ways = [
  ["images", (by: Verifier) => judgeImages(by, images, undefined)],
  ["states", (by: Verifier) => judgeLatent(by, states, undefined)],
] as const;

test.each(ways)(
  "a wrong number of scores for %s is no score, and each is asked for alone",
  async (_, judge) => {
    // One too many at once: which belongs to which is not known.
    const results = await judge(written((count) => (count > 1 ? [9, 9, 9, 9] : [7])));
    expect(results).toEqual([7, 7, 7].map((score) => ({ outcome: "scored", score, cached: false })));
    const never = await judge(written((count) => new Array<number>(count + 1).fill(9)));
    expect(never.map((one) => one.outcome === "failed" && one.failure)).toEqual(
      [1, 1, 1].map(() => expect.stringMatching(/^Verifier own gave 2 scores for 1 to judge\.$/)),
    );
  },
);

test.each(ways)("NaN among scores of %s fails its own and no other", async (_, judge) => {
  const results = await judge(written((count) => [0.5, NaN, Infinity].slice(0, count)));
  expect(results.map(({ outcome }) => outcome)).toEqual(["scored", "failed", "failed"]);
});

test("session.score gives no NaN and no wrong number of scores of an object that a cell wrote", async () => {
  const session = new Session(analyticEngine());
  const score = (answer: (count: number) => number[]) => session.score(images, [written(answer)]);
  expect(await score(() => [1, 2, 3])).toEqual({ own: [1, 2, 3] });
  await expect(score(() => [1, NaN, 3])).rejects.toThrow(
    "Verifier own returned NaN instead of a finite number.",
  );
  await expect(score(() => [1, 2])).rejects.toThrow("Verifier own gave 2 scores for 3 to judge.");
  await expect(score(() => 1 as unknown as number[])).rejects.toThrow("instead of an array of scores");
});

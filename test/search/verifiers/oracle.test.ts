import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import {
  imageFrom,
  oracle,
  randomSearch,
  Session,
  type Image,
  type Problem,
  type Verifier,
} from "../../../src/search/index.js";
import { gaussianOf } from "../../../src/search/evaluation/features.js";
import { frechetDistance } from "../../../src/search/evaluation/frechet.js";
import { inceptionScore } from "../../../src/search/evaluation/inceptionScore.js";
import { frechetWith, inceptionWith, joined } from "../../../src/search/verifiers/oracle/populationScores.js";
import { normals } from "../../../src/search/random/normals.js";
import { openFashion } from "../helpers/fashion.js";

let session: Session;
beforeAll(async () => {
  session = new Session(await openFashion({ batch: 16 }));
}, 120_000);
afterAll(() => session.dispose());

const vectors = (path: string, count: number, size: number, mean = 0): Float32Array[] =>
  Array.from({ length: count }, (_, i) =>
    Float32Array.from(normals({ seed: 5, path: `${path}/${i}` }, size), (value, k) => (k + 1) * value + mean),
  );
const softmax = (logits: Float32Array): number[] => {
  const weights = [...logits].map((value) => Math.exp(value - Math.max(...logits)));
  const sum = weights.reduce((total, value) => total + value, 0);
  return weights.map((value) => value / sum);
};

describe("the score of a population with one more", () => {
  test("in one dimension it is (m1 - m2)^2 + (s1 - s2)^2 of the whole set", () => {
    const kept = [[1], [2], [4]];
    const reference = [[0], [2], [4], [6]];
    // 1, 2, 4, 9: mean 4, variance 38/3; 0, 2, 4, 6: mean 3, variance 20/3.
    const wanted = 1 + (Math.sqrt(38 / 3) - Math.sqrt(20 / 3)) ** 2;
    expect(frechetWith(kept, reference)([9])).toBeCloseTo(wanted, 12);
    // The second image of a population: 1, 5 has mean 3, variance 8.
    expect(frechetWith([[1]], reference)([5])).toBeCloseTo((Math.sqrt(8) - Math.sqrt(20 / 3)) ** 2, 12);
  });

  test("the Gaussian grows by one as if it were fitted anew", () => {
    const all = vectors("grow", 9, 4, 0.5);
    const fitted = gaussianOf(all);
    const grown = joined(gaussianOf(all.slice(0, 8)), 8, all[8]!);
    grown.mean.forEach((value, i) => expect(value).toBeCloseTo(fitted.mean[i]!, 10));
    grown.covariance.data.forEach((value, i) => expect(value).toBeCloseTo(fitted.covariance.data[i]!, 9));
  });

  test("it is the Fréchet distance of the set with the candidate, whichever it is", () => {
    const [kept, reference, candidates] = [
      vectors("kept", 8, 4),
      vectors("ref", 30, 4, 1),
      vectors("new", 5, 4, 2),
    ];
    const score = frechetWith(kept, reference);
    for (const one of candidates)
      expect(score(one)).toBeCloseTo(frechetDistance([...kept, one], reference).distance, 8);
  });

  test("greedy: what fills the gap of a population is better than what repeats it", () => {
    // The reference has both sides; the population only the left one.
    const reference = [-1, -1.1, -0.9, 1, 1.1, 0.9].map((value) => [value]);
    const score = frechetWith([[-1], [-1.1]], reference);
    expect(score([1])).toBeLessThan(score([-0.9]));
    const sure = (label: number) => Float32Array.from({ length: 3 }, (_, k) => (k === label ? 9 : 0));
    const classes = inceptionWith([sure(0), sure(0)]);
    expect(classes(sure(1))).toBeGreaterThan(classes(sure(0)));
    expect(classes(sure(0))).toBeCloseTo(1, 12);
  });

  test("too few images are refused, with how many are needed", () => {
    const few = vectors("few", 3, 4);
    expect(() => frechetWith(few, vectors("ref", 30, 4))).toThrow(
      "needs at least 4 images in the population, but there are 3",
    );
    expect(() => frechetWith(vectors("k", 4, 4), vectors("ref", 4, 4))).toThrow(
      "at least 5 images in the reference",
    );
    expect(() => frechetWith([], [])).toThrow("at least 1 images in the reference");
  });
});

describe("in a search, in the classifier's logits", () => {
  const problem = (verifier: Verifier): Problem => ({
    ...{ condition: "Bag", seed: 7, steps: 4, guidance: 1, verifier, heldOut: ["judge"], budget: {} },
  });
  const samplesOf = (count: number, from: number) =>
    session.sample({ condition: "Bag", steps: 4, seeds: Array.from({ length: count }, (_, i) => from + i) });
  const algorithm = randomSearch({ candidates: 4, perRound: 4 });

  test("frechet: lower is better, and each score is the distance of the set with it", async () => {
    const [reference, kept] = [await samplesOf(24, 1000), await samplesOf(12, 2000)];
    const fid = oracle({ score: "frechet", reference, features: "classifier" });
    expect(await fid.population.add(kept)).toBe(12);
    const run = await session.search(algorithm, problem(fid)).run();
    const wanted = await Promise.all(
      run.candidates.map(async (candidate) => {
        const set = await session.features([...kept.images, await candidate.image()], "classifier");
        const other = await session.features(reference, "classifier");
        return frechetDistance(set!.vectors, other!.vectors).distance;
      }),
    );
    wanted.forEach((value, i) => {
      const score = run.candidates[i]!.scores["oracle-frechet"]!;
      expect(Math.abs(score - value)).toBeLessThan(1e-6 * Math.max(1, value));
    });
    expect(run.best!.id).toBe(run.candidates[wanted.indexOf(Math.min(...wanted))]!.id);
    expect(run.ledger.verifierCalls).toMatchObject({ "oracle-frechet": 4, judge: 4 });
  });

  test("inception: the kept winner changes what the next search is scored by, and its name", async () => {
    const beside = session.beside("inception");
    const is = oracle({ score: "inception" });
    const first = await beside.search(algorithm, problem(is)).run();
    // One image alone: no divergence from its own average.
    for (const { scores } of first.candidates) expect(scores["oracle-inception"]).toBeCloseTo(1, 9);
    expect(await is.population.add(first)).toBe(1);
    const second = await beside.search(algorithm, problem(is)).run();
    const rows = async (images: readonly Image[]) =>
      (await session.features(images, "classifier"))!.vectors.map(softmax);
    for (const candidate of second.candidates) {
      const all = await rows([await first.best!.image(), await candidate.image()]);
      expect(candidate.scores["oracle-inception"]).toBeCloseTo(inceptionScore(all).score, 9);
    }
    const hash = (run: typeof first) => run.record().verifiers[0]!.sha256;
    expect(hash(second)).not.toBe(hash(first));
    expect(second.id.split("-").at(-1)).not.toBe(first.id.split("-").at(-1));
    // What is added later does not reach a search that was made before.
    const third = beside.search(algorithm, problem(is));
    await is.population.add(second);
    expect(hash(await third.run())).toBe(hash(second));
    expect(third.candidates.map(({ scores }) => scores)).toEqual(
      second.candidates.map(({ scores }) => scores),
    );
  });

  test("permuted images have permuted scores, and the same set the same hash", async () => {
    const [reference, kept, images] = [
      await samplesOf(24, 1000),
      await samplesOf(12, 2000),
      (await samplesOf(3, 9)).images,
    ];
    const fid = oracle({ score: "frechet", reference });
    await fid.population.add(kept);
    const { "oracle-frechet": scores } = await session.score(images, [fid]);
    const turned = await session.score([...images].reverse(), [fid]);
    expect([...turned["oracle-frechet"]!].reverse()).toEqual(scores);
    const again = oracle({ score: "frechet", reference });
    await again.population.add(kept.images);
    expect(again.sha256).toBe(fid.sha256);
    await again.population.add([images[0]!]);
    expect(again.sha256).not.toBe(fid.sha256);
  });

  test("it is verified by the population that it had, and the network sees each image once", async () => {
    const reference = await samplesOf(24, 1000);
    const fid = oracle({ score: "frechet", reference, features: "classifier" });
    await fid.population.add(await samplesOf(12, 2000));
    const beside = session.beside("oracle");
    const seen = session.ledger.verifierCalls["classifier"] ?? 0;
    const run = await beside.search(algorithm, problem(fid)).run();
    // 24 + 12 images that every score is about, and one call for each candidate.
    const before = session.ledger.verifierCalls["classifier"]!;
    expect(before - seen).toBe(36);
    await fid.population.add(run);
    const second = await beside.search(algorithm, { ...problem(fid), seed: 8 }).run();
    expect(second.ledger.verifierCalls["oracle-frechet"]).toBe(4);
    expect(session.ledger.verifierCalls["classifier"]! - before).toBe(1);
    expect(await beside.verify(run)).toMatchObject({ most: 0, mismatches: [] });
  });

  test("a population that is too small ends the search with how many images are missing", async () => {
    const fid = oracle({ score: "frechet", reference: await samplesOf(24, 1000) });
    await fid.population.add(await samplesOf(3, 2000));
    const run = session.search(algorithm, problem(fid));
    await expect(run.run()).rejects.toThrow("needs at least 10 images in the population, but there are 3");
  });
});

describe("what cannot be scored is said", () => {
  const image = imageFrom(new Uint8Array(28 * 28), 28, 28, 1);
  test.each<[string, () => unknown, string]>([
    ["no reference", () => oracle({ score: "frechet" }), "Give a reference"],
    [
      "a reference of an inception score",
      () => oracle({ score: "inception", reference: [image] }),
      "Leave it out",
    ],
    ["an unknown score", () => oracle({ score: "fid" as never }), "frechet"],
    [
      "a reference that is none",
      () => oracle({ score: "frechet", reference: [1] as never }),
      "takes samples or an array of images",
    ],
    ["a name that is empty", () => oracle({ score: "inception", name: "" }), "name"],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(message);
  });

  test("images of another size, a model without features, a search without a winner, no session", async () => {
    const is = oracle({ score: "inception", features: "classifier" });
    const small = imageFrom(new Uint8Array(16), 4, 4, 1);
    await expect(session.score([small], [is])).rejects.toThrow(
      "takes images of 28 x 28 with 1 channel(s), but one is 4 x 4",
    );
    const plain = new Session(analyticEngine({ batch: 4 }));
    const problem = { condition: "bright", steps: 2, budget: { nfe: 8 } } as const;
    const own = oracle({ score: "inception" });
    expect(() => plain.search(randomSearch(), { ...problem, verifier: own })).toThrow(
      "no verifier of this session has a network",
    );
    const run = plain.search(randomSearch(), { ...problem, verifier: "brightness" });
    await expect(is.population.add(run)).rejects.toThrow("no best candidate yet");
    await expect(is.score([image])).rejects.toThrow("needs a session");
  });
});

import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import {
  ensemble,
  feynmanKac,
  imageFrom,
  randomSearch,
  scoreEach,
  searchOverPaths,
  selfSupervised,
  Session,
  SharedVerifier,
  zeroOrderSearch,
  type Algorithm,
  type ImageData8,
  type LocalEngine,
  type Problem,
} from "../../../src/search/index.js";
import { denoiseId, priorId, decodeId } from "../../../src/search/engine/tensorId.js";
import { openScorer, type FolderScorer } from "../../../src/search/onnx/verifiers/openScorer.js";
import { expectBalanced } from "../helpers/costs.js";
import { counted } from "../helpers/counted.js";
import { openFashion } from "../helpers/fashion.js";

const dino = fileURLToPath(new URL("../../fixtures/verifiers/dino", import.meta.url));
const count = counted();
let engine: LocalEngine;
let session: Session;
let scorer: FolderScorer;

beforeAll(async () => {
  engine = await openFashion({ batch: 4 }, count.wrap);
  session = new Session(engine);
  scorer = await openScorer(dino);
}, 120_000);
afterAll(async () => {
  await session.dispose();
  await scorer.dispose();
});

/** Nothing of it comes from the cache. */
let salts = 0;
const fresh = (): Session => session.beside(`test ${++salts}`);
const asked = { condition: "Ankle boot", seed: 3, steps: 8, guidance: 1, solver: "euler" } as const;
const own = selfSupervised({ features: "judge" });

const cosine = (a: Float32Array, b: Float32Array): number => {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

/** The x0-prediction of a seed's trajectory at a level of its schedule, asked for on its own. */
async function previewOf(
  seed: number,
  levels: readonly number[],
  solver: "euler" | "heun",
): Promise<ImageData8> {
  const { sha256, latent, labels } = engine.model;
  const key = { seed, path: "noise/0" };
  const from = priorId(latent, key);
  await engine.noise([{ id: from, how: "prior", key }]);
  const condition = { label: labels!.indexOf("Ankle boot") };
  let state = from;
  for (const way of [levels, [levels.at(-1)!, 0]]) {
    const parameters = {
      solver: way === levels ? solver : ("euler" as const),
      levels: way,
      guidance: 1,
      condition,
    };
    const id = denoiseId(sha256, state, parameters);
    expect((await engine.denoise([{ id, from: state, ...parameters }]))[0]).toMatchObject({
      outcome: "done",
    });
    state = id;
  }
  const id = decodeId(sha256, state);
  await engine.decode([{ id, from: state }]);
  return engine.image(id);
}

describe("what it scores", () => {
  test("the cosine of the judge's logits of the image and of the preview that its trajectory had", async () => {
    for (const [seed, solver] of [
      [3, "euler"],
      [4, "euler"],
      [3, "heun"],
    ] as const) {
      const run = await fresh()
        .search(randomSearch({ candidates: 1, perRound: 1 }), {
          ...asked,
          seed,
          solver,
          verifier: own,
          budget: {},
        })
        .run();
      // 0.286 is nearest to 0.25 among eighths.
      const preview = await previewOf(seed, [1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25], solver);
      const image = await run.best!.image();
      const of = imageFrom(preview.data, preview.width, preview.height, preview.channels);
      const { vectors } = (await session.features([image, of], "judge"))!;
      expect(run.best!.scores["self-supervised"]).toBeCloseTo(cosine(vectors[0]!, vectors[1]!), 6);
      expect(vectors[0]).not.toEqual(vectors[1]);
    }
  });

  test("the level that is asked for, and every image its own", async () => {
    const scoresAt = async (level: number) => {
      const verifier = selfSupervised({ features: "judge", level });
      const problem = { ...asked, verifier, budget: {} };
      const run = await fresh()
        .search(randomSearch({ candidates: 6, perRound: 6 }), problem)
        .run();
      return run.candidates.map(({ scores }) => scores["self-supervised"]!);
    };
    const [late, early] = [await scoresAt(0.25), await scoresAt(0.9)];
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(new Set(late).size).toBe(6);
    expect(Math.max(...late)).toBeLessThanOrEqual(1 + 1e-6);
    // The nearer to the end, the more the preview is like the image.
    expect(mean(late)).toBeGreaterThan(mean(early) + 0.01);
  });
});

describe("what it costs: no evaluation, one more decoding, one call", () => {
  const cases: [string, Algorithm, Partial<Problem>][] = [
    ["random search", randomSearch({ candidates: 5, perRound: 3 }), {}],
    ["zero-order search", zeroOrderSearch({ neighbours: 2 }), { budget: { nfe: 56 } }],
    [
      "search over paths",
      searchOverPaths({ paths: 2, width: 2, start: 0.25, forward: 0.5, backward: 0.75 }),
      { budget: { rounds: 2 } },
    ],
    ["guidance", randomSearch({ candidates: 2, perRound: 2 }), { guidance: 2 }],
    ["Heun's method", randomSearch({ candidates: 2, perRound: 2 }), { solver: "heun" }],
    ["a multistep method", randomSearch({ candidates: 2, perRound: 2 }), { solver: "dpmpp-2m" }],
    ["stochastic steps", randomSearch({ candidates: 2, perRound: 2 }), { eta: 0.7 }],
    ["three steps", randomSearch({ candidates: 2, perRound: 2 }), { steps: 3 }],
    [
      "an ensemble",
      randomSearch({ candidates: 3, perRound: 3 }),
      { verifier: ensemble([own, "classifier"]), heldOut: ["judge"] },
    ],
    ["held out", randomSearch({ candidates: 3, perRound: 3 }), { verifier: "classifier", heldOut: [own] }],
  ];
  test.each(cases)("%s: the bill is what ran, and what was quoted", async (_, algorithm, changes) => {
    const beside = fresh();
    const problem = { ...asked, verifier: own, heldOut: ["classifier"], budget: {}, ...changes } as Problem;
    const quote = beside.quote(algorithm, problem);
    const before = count.forwards;
    const run = await beside.search(algorithm, problem).run();
    const record = run.record();
    expectBalanced(record);
    expect(run.ledger.forwards).toBe(count.forwards - before);
    const { nfe, decodes, verifierCalls } = record.spent;
    expect(run.ledger).toMatchObject({ nfe, decodes, verifierCalls });
    expect(decodes).toBe(2 * verifierCalls["self-supervised"]!);
    const scored = record.candidates.filter(({ scores }) => "self-supervised" in scores);
    expect(scored).toHaveLength(verifierCalls["self-supervised"]!);
    for (const { scores } of scored)
      expect(Math.abs(scores["self-supervised"]!)).toBeLessThanOrEqual(1 + 1e-6);
    expect(new Set(scored.map(({ scores }) => scores["self-supervised"])).size).toBeGreaterThan(1);
    expect(quote).toMatchObject({ nfe, decodes });
    // What a search without it costs.
    const plain = await fresh()
      .search(algorithm, { ...problem, verifier: "classifier", heldOut: [] })
      .run();
    if (problem.budget.nfe === undefined) expect(plain.ledger.nfe).toBe(nfe);
  });

  test("the second time nothing is paid, and a way that was made without it is made again", async () => {
    const beside = fresh();
    const algorithm = randomSearch({ candidates: 3, perRound: 3 });
    const problem = { ...asked, verifier: "classifier", budget: {} } as const;
    const before = count.forwards;
    await beside.search(algorithm, problem).run();
    expect(count.forwards - before).toBe(24);
    const first = await beside.search(algorithm, { ...problem, verifier: own }).run();
    expect(count.forwards - before).toBe(48);
    expect(first.ledger).toMatchObject({ nfe: 24, forwards: 24, decodes: 3 });
    const again = await beside.search(algorithm, { ...problem, verifier: own }).run();
    expect(count.forwards - before).toBe(48);
    expect(again.ledger).toMatchObject({ nfe: 0, decodes: 0, verifierCalls: {} });
    expect(again.record().candidates).toEqual(first.record().candidates);
  });
});

describe("what goes on with it", () => {
  test("a fork shares the beginning, costs nothing until it steps, and balances", async () => {
    const beside = fresh();
    const problem = { ...asked, verifier: own, heldOut: ["classifier"], budget: { rounds: 2 } } as const;
    const run = await beside.search(zeroOrderSearch({ neighbours: 2 }), problem).run();
    const fork = run.fork(run.candidates[1]!.id, { seed: 9, budget: { rounds: 3 } });
    expect(fork.ledger).toMatchObject({ nfe: 0, forwards: 0, decodes: 0 });
    const before = count.forwards;
    await fork.run();
    expect(fork.ledger.forwards).toBe(count.forwards - before);
    expectBalanced(fork.record());
    expect(fork.best!.scores["self-supervised"]).toBeLessThanOrEqual(1 + 1e-6);
  });

  test("a fork that turns to it makes the ways that it has to compare, and bills them", async () => {
    const beside = fresh();
    const problem = { ...asked, verifier: "classifier", budget: { rounds: 1 } } as const;
    const run = await beside.search(zeroOrderSearch({ neighbours: 2 }), problem).run();
    const before = count.forwards;
    const fork = run.fork(run.candidates[0]!.id, { verifier: own, budget: { rounds: 3 } });
    await fork.run();
    expect(count.forwards - before).toBeGreaterThan(0);
    expect(fork.ledger.forwards).toBe(count.forwards - before);
    expectBalanced(fork.record());
    const made = fork.candidates.filter(({ scores }) => "self-supervised" in scores);
    expect(fork.ledger.verifierCalls["self-supervised"]).toBe(made.length);
    expect(made.map(({ id }) => id)).toContain(fork.best!.id);
  });

  test("verify runs it anew to the same scores", async () => {
    const problem = { ...asked, verifier: own, heldOut: ["classifier"], budget: {} } as const;
    const run = await session.search(randomSearch({ candidates: 3, perRound: 3 }), problem).run();
    const verification = await session.verify(run);
    expect(verification).toMatchObject({ most: 0, mismatches: [] });
  });

  test("held out where previews are scored it speaks of the clean images alone", async () => {
    const problem = { ...asked, eta: 1, verifier: "classifier", heldOut: [own], budget: {} } as const;
    const beside = fresh();
    const algorithm = feynmanKac({ particles: 3, resampleAt: [0.5] });
    const quote = beside.quote(algorithm, problem);
    const run = await beside.search(algorithm, problem).run();
    const clean = run.candidates.filter(({ level, scores }) => level === 0 && "classifier" in scores);
    const compared = run.candidates.filter(({ scores }) => "self-supervised" in scores);
    expect(clean.length).toBeGreaterThan(0);
    expect(compared.map(({ id }) => id)).toEqual(clean.map(({ id }) => id));
    expect(quote.exact).toBe(false);
    expect(run.ledger.decodes).toBeLessThan(quote.decodes);
  });
});

describe("a folder's own network", () => {
  const pixels = ({ width, height, channels, data }: ImageData8): ImageData8 => ({
    width,
    height,
    channels,
    data,
  });
  const cardOf = (id: string) => {
    const { name, direction, needsCondition, sha256, featureLayer, previewLevel } = scorer;
    return {
      id,
      name,
      direction,
      needsCondition,
      sha256,
      featureLayer: featureLayer!,
      previewLevel: previewLevel!,
      device: scorer.device,
    };
  };

  test("beside the model and in another thread it scores the same", async () => {
    const scoreImages = (
      _: string,
      images: readonly ImageData8[],
      conditions: readonly undefined[],
      __?: AbortSignal,
      references: readonly ImageData8[] = [],
    ) =>
      scoreEach(images.length, (indices) =>
        scorer.score(
          indices.map((i) => pixels(images[i]!)),
          indices.map((i) => conditions[i]),
          indices.map((i) => references[i]),
        ),
      );
    const scoresBy = async (isHere: boolean) => {
      const local = analyticEngine({ batch: 4 });
      const host = { scoreImages } as never;
      if (isHere) {
        local.shared = { scorer: (id) => (id === "d" ? scorer : undefined) };
        Object.assign(local, { host });
      }
      const verifier = new SharedVerifier(cardOf("d"), host);
      const beside = new Session(local);
      const problem = { condition: "bright", steps: 6, verifier, budget: {} } as const;
      const algorithm = randomSearch({ candidates: 5, perRound: 5 });
      const run = await beside.search(algorithm, problem).run();
      expect(run.ledger).toMatchObject({ decodes: 10, verifierCalls: { [scorer.name]: 5 } });
      const again = await beside.search(algorithm, problem).run();
      expect(again.ledger.verifierCalls).toEqual({});
      return run.candidates.map(({ scores }) => scores[scorer.name]!);
    };
    const [here, there] = [await scoresBy(true), await scoresBy(false)];
    expect(new Set(here).size).toBe(5);
    here.forEach((score, i) => expect(there[i]).toBeCloseTo(score, 6));
  });
});

describe("what cannot be compared is said", () => {
  test.each<[string, Partial<Problem>, string]>([
    [
      "one step",
      { steps: 1 },
      "1 step has no level for it: the prediction at the last one is the image itself.",
    ],
    ["two steps", { steps: 2 }, "Take at least 3 steps."],
    [
      "a network without features",
      { verifier: selfSupervised({ features: "sharpness" }) },
      "sharpness has no network that gives any",
    ],
    ["an unknown network", { verifier: selfSupervised({ features: "juge" }) }, 'Did you mean "judge"?'],
    ["searched and held out", { heldOut: [own] }, "is searched and held out at once"],
  ])("%s", (_, changes, message) => {
    const problem = { ...asked, verifier: own, budget: { nfe: 80 }, ...changes } as Problem;
    expect(() => session.search(randomSearch(), problem)).toThrow(message);
  });

  test("an algorithm that scores previews, before anything is scored", async () => {
    const problem = { ...asked, eta: 1, verifier: own, budget: {} } as const;
    const run = fresh().search(feynmanKac({ particles: 3, resampleAt: [0.5] }), problem);
    await expect(run.run()).rejects.toThrow(
      "scores candidates at level 0.5. Take one that scores clean images",
    );
    expect(run.ledger.verifierCalls).toEqual({});
  });

  test("images without a trajectory", async () => {
    const samples = await session.sample({ condition: "Bag", steps: 2, seeds: [1] });
    await expect(session.score(samples, [own])).rejects.toThrow("which only a search has");
  });

  test("options", () => {
    for (const level of [0, 1, 1.5, NaN, "x"])
      expect(() => selfSupervised({ level: level as number })).toThrow("level");
    expect(() => selfSupervised({ levle: 1 } as object)).toThrow("levle");
    expect(() => selfSupervised({ name: "" })).toThrow("name");
  });
});

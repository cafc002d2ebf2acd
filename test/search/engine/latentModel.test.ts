import { expect, test } from "vitest";
import { gaussianDenoiser } from "../../../src/search/analytic/gaussian.js";
import { brightness } from "../../../src/search/analytic/pixelScorers.js";
import { decodeId } from "../../../src/search/engine/tensorId.js";
import { randomSearch, Session, LocalEngine } from "../../../src/search/index.js";
import type {
  Decoder,
  Denoiser,
  EngineCondition,
  EngineModel,
  SampleRequest,
} from "../../../src/search/index.js";

type Passes = (readonly (EngineCondition | undefined)[])[];

/** A model of latents [2, 2, 2] with images of 4 x 4 that takes prompts; it notes what its two parts are given. */
function latentEngine(batch: number, more: Partial<EngineModel> = {}) {
  const decoded: number[] = [];
  const passes: Passes = [];
  const inner = gaussianDenoiser({ mean: 0, deviation: 0.3, means: [0.5] });
  const denoiser: Denoiser = {
    velocity(x, count, level, conditions) {
      passes.push(conditions);
      const labels = conditions.map((condition) =>
        condition?.prompt === "bright" ? { label: 0 } : undefined,
      );
      return inner.velocity(x, count, level, labels);
    },
    dispose: () => inner.dispose(),
  };
  let disposed = 0;
  const decoder: Decoder = {
    async decode(states) {
      decoded.push(states.length);
      return states.map(({ data }) => {
        if (data[0]! > 0.8) throw new Error("out of range");
        const grey = data.reduce((sum, value) => sum + value, 0) / data.length;
        return { width: 4, height: 4, channels: 1, data: new Uint8Array(16).fill(127.5 * (1 + grey)) };
      });
    },
    async dispose() {
      disposed++;
    },
  };
  const scorers = [brightness()];
  const engine = new LocalEngine({
    model: {
      ...{ name: "latent", version: "1", sha256: "ab", image: [1, 4, 4], latent: [2, 2, 2], licence: "MIT" },
      ...{ parameters: 0, prediction: "flow", textConditioned: true },
      defaults: { solver: "euler", steps: 4, guidance: 2 },
      verifiers: scorers,
      ...more,
    },
    device: { provider: "cpu", fallbackOperators: [], batch, threads: 1 },
    ...{ denoiser, decoder, scorers },
  });
  return { engine, decoded, passes, disposals: () => disposed };
}

test("latents are decoded in batches, and a latent that cannot be decoded costs no other its image", async () => {
  const { engine, decoded, disposals } = latentEngine(4);
  const session = new Session(engine);
  const run = session.search(randomSearch({ candidates: 10, perRound: 10 }), {
    condition: "bright",
    verifier: "brightness",
  } as never);
  await run.run();
  expect(decoded.slice(0, 1)).toEqual([4]);
  const { candidates } = run.record();
  const latents = await Promise.all(run.candidates.map((candidate) => candidate.latent()));
  const failed = latents.map(({ data }) => data[0]! > 0.8);
  expect(failed).toContain(true);
  expect(failed).toContain(false);
  expect(candidates.map(({ status }) => status === "failed")).toEqual(failed);
  for (const { failure } of candidates.filter(({ status }) => status === "failed"))
    expect(failure).toBe("the decoder: out of range");
  const alive = run.candidates.findIndex(({ status }) => status !== "failed");
  expect(await run.candidates[alive]!.image()).toMatchObject({ width: 4, height: 4 });
  await session.dispose();
  expect(disposals()).toBe(1);
});

test("the same state asked for twice in one call is decoded once", async () => {
  const { engine, decoded } = latentEngine(4);
  const key = { seed: 2, path: "noise/0" };
  await engine.noise([{ id: "noise", how: "prior", key }]);
  const job = { id: decodeId("ab", "noise"), from: "noise" };
  const results = await engine.decode([job, { ...job }]);
  expect(results.map(({ cached }) => cached)).toEqual([false, true]);
  expect(decoded).toEqual([1]);
});

test("under guidance the other pass has the negative prompt, or nothing", async () => {
  for (const [negative, other] of [
    [undefined, undefined],
    ["dark", { prompt: "dark" }],
  ] as const) {
    const { engine, passes } = latentEngine(4);
    const condition = { prompt: "middle", ...(negative === undefined ? {} : { negative }) };
    const session = new Session(engine);
    await session.sample({ condition, seeds: [1], steps: 1 });
    expect(passes).toEqual([[condition, other]]);
    expect(session.ledger).toMatchObject({ nfe: 1, forwards: 2 });
  }
});

test("a model that embeds the guidance scale is given it in one pass", async () => {
  const { engine, passes } = latentEngine(4, { embedsGuidance: true });
  const session = new Session(engine);
  await session.sample({ condition: "middle", guidance: 3.5, seeds: [1], steps: 1 });
  expect(passes).toEqual([[{ prompt: "middle", guidance: 3.5 }]]);
  expect(session.ledger).toMatchObject({ nfe: 1, forwards: 1 });
  const run = session.search(randomSearch({ candidates: 1 }), {
    ...{ condition: "middle", guidance: 3.5, verifier: "brightness", budget: {} },
  });
  expect(run.record().problem.guidance).toBe(3.5);
});

test("trueGuidance guides such a model away from the negative prompt, in two passes that have its scale", async () => {
  const { engine, passes } = latentEngine(4, { embedsGuidance: true });
  const session = new Session(engine);
  const condition = { prompt: "bright", negative: "dark" };
  const problem = { condition, guidance: 3.5, trueGuidance: 2, verifier: "brightness", budget: {} };
  const run = session.search(randomSearch({ candidates: 2 }), { ...problem, steps: 2 });
  await run.run();
  expect(passes[0]).toEqual([
    { ...condition, guidance: 3.5 },
    { ...condition, guidance: 3.5 },
    { prompt: "dark", guidance: 3.5 },
    { prompt: "dark", guidance: 3.5 },
  ]);
  const record = run.record();
  expect(record.problem).toMatchObject({ guidance: 3.5, trueGuidance: 2 });
  expect(run.ledger).toMatchObject({ nfe: 4, forwards: 8 });
  expect(await session.verify(record)).toMatchObject({ most: 0, mismatches: [] });
});

test("guidanceRescale is recorded, part of what names a result, and brings the values back", async () => {
  const { engine } = latentEngine(4);
  const session = new Session(engine);
  const searched = async (guidanceRescale: number) => {
    const run = session.search(randomSearch({ candidates: 2 }), {
      ...{ condition: "bright", guidance: 5, guidanceRescale, steps: 2, seed: 4, verifier: "brightness" },
      budget: {},
    });
    await run.run();
    return { record: run.record(), latent: await run.candidates[0]!.latent() };
  };
  const [off, half, full] = [await searched(0), await searched(0.5), await searched(1)];
  expect(off.record.problem).not.toHaveProperty("guidanceRescale");
  expect(half.record.problem).toMatchObject({ guidance: 5, guidanceRescale: 0.5 });
  // Nothing of one comes from the cache of another.
  expect(session.ledger).toMatchObject({ nfe: 12, forwards: 24 });
  expect(half.latent.data).not.toEqual(off.latent.data);
  expect(full.latent.data).not.toEqual(half.latent.data);
  expect(await session.verify(half.record)).toMatchObject({ most: 0, mismatches: [] });
});

test.each([
  [{ guidanceRescale: 0.5, guidance: 1 }, {}, "guidanceRescale is 0.5, but there is no guidance"],
  [{ guidanceRescale: 1.5 }, {}, "guidanceRescale is 1.5, but must be a number from 0 to 1."],
  [{ guidanceRescale: 0.5 }, { embedsGuidance: true }, "guidanceRescale is 0.5, but there is no guidance"],
  [
    { condition: undefined, guidance: 2 },
    { textConditioned: false },
    "guidance is 2, but the model takes no condition that it could guide to. Leave guidance at 1.",
  ],
  [{ trueGuidance: 2 }, {}, "this one guides by two passes. Give guidance."],
  [
    { condition: { prompt: "a", negative: "b" }, guidance: 1 },
    {},
    "The condition has a negative prompt, but guidance is 1, which is off: it would do nothing. Give guidance",
  ],
  [{ trueGuidance: 2 }, { embedsGuidance: true }, "there is no negative prompt to guide away from"],
  [
    { condition: { prompt: "a", negative: "b" } },
    { embedsGuidance: true },
    "a negative prompt does nothing. Leave it out, or have a second pass with trueGuidance",
  ],
] as const)("%j of %j is refused", async (request, model, message) => {
  const session = new Session(latentEngine(4, model).engine);
  await expect(session.sample({ condition: "a", seeds: [1], ...request } as SampleRequest)).rejects.toThrow(
    message,
  );
});

test("prompts differ in their names, and so in what a cache gives back", async () => {
  const { engine } = latentEngine(4);
  const session = new Session(engine);
  const [dark, bright] = await Promise.all(
    ["dark", "bright"].map((condition) => session.sample({ condition, guidance: 1, seeds: [1] })),
  );
  expect(dark!.images[0]!.data).not.toEqual(bright!.images[0]!.data);
});

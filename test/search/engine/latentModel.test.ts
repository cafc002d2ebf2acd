import { expect, test } from "vitest";
import { gaussianDenoiser } from "../../../src/search/analytic/gaussian.js";
import { brightness } from "../../../src/search/analytic/pixelScorers.js";
import { decodeId } from "../../../src/search/engine/tensorId.js";
import { randomSearch, Session, LocalEngine } from "../../../src/search/index.js";
import type { Decoder, Denoiser, EngineCondition, EngineModel } from "../../../src/search/index.js";

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

test("a model that embeds the guidance scale is given it in one pass, and takes no negative prompt", async () => {
  const { engine, passes } = latentEngine(4, { embedsGuidance: true });
  const session = new Session(engine);
  await session.sample({ condition: "middle", guidance: 3.5, seeds: [1], steps: 1 });
  expect(passes).toEqual([[{ prompt: "middle", guidance: 3.5 }]]);
  expect(session.ledger).toMatchObject({ nfe: 1, forwards: 1 });
  await expect(session.sample({ condition: { prompt: "a", negative: "b" }, seeds: [1] })).rejects.toThrow(
    "so it takes no negative prompt",
  );
  const run = session.search(randomSearch({ candidates: 1 }), {
    ...{ condition: "middle", guidance: 3.5, verifier: "brightness", budget: {} },
  });
  expect(run.record().problem.guidance).toBe(3.5);
});

test("prompts differ in their names, and so in what a cache gives back", async () => {
  const { engine } = latentEngine(4);
  const session = new Session(engine);
  const [dark, bright] = await Promise.all(
    ["dark", "bright"].map((condition) => session.sample({ condition, guidance: 1, seeds: [1] })),
  );
  expect(dark!.images[0]!.data).not.toEqual(bright!.images[0]!.data);
});

import { expect, test } from "vitest";
import { analyticEngine } from "../../../src/search/analytic/analyticEngine.js";
import type { DenoiseJob, NoiseJob } from "../../../src/search/engine/engine.js";
import { decodeId, denoiseId, priorId } from "../../../src/search/engine/tensorId.js";
import type { LocalEngine } from "../../../src/search/index.js";
import { flowLevels } from "../../../src/search/schedules/flow.js";
import { counted } from "../helpers/counted.js";

function noiseJobs(engine: LocalEngine, count: number): NoiseJob[] {
  return Array.from({ length: count }, (_, k) => {
    const key = { seed: 4, path: `noise/${k}` };
    return { id: priorId(engine.model.latent, key), how: "prior", key };
  });
}

interface Wishes {
  readonly solver?: "euler" | "heun";
  readonly guidance?: number;
  readonly label?: number;
}

function denoiseJobs(
  engine: LocalEngine,
  count: number,
  { solver = "euler", guidance = 1, label }: Wishes = {},
): DenoiseJob[] {
  const condition = label === undefined ? {} : { condition: { label } };
  const parameters = { solver, guidance, levels: flowLevels(4), ...condition };
  return noiseJobs(engine, count).map(({ id }) => ({
    id: denoiseId(engine.model.sha256, id, parameters),
    from: id,
    ...parameters,
  }));
}

test("what a job results in does not depend on how jobs are packed", async () => {
  const latents = await Promise.all(
    [1, 3, 16].map(async (batch) => {
      const engine = analyticEngine({ batch });
      await engine.noise(noiseJobs(engine, 20));
      const jobs = denoiseJobs(engine, 20, { solver: "heun", guidance: 2, label: 2 });
      await engine.denoise(jobs);
      return Promise.all(jobs.map(async ({ id }) => (await engine.read(id)).data));
    }),
  );
  expect(latents[1]).toEqual(latents[0]);
  expect(latents[2]).toEqual(latents[0]);
});

test("batches are filled: 20 jobs at batch 16 are two model calls a step", async () => {
  const count = counted();
  const engine = analyticEngine({ batch: 16, wrap: count.wrap });
  await engine.noise(noiseJobs(engine, 20));
  await engine.denoise(denoiseJobs(engine, 20));
  expect(count.calls).toBe(2 * 4);
  expect(count.forwards).toBe(20 * 4);
});

test("guidance makes two passes of one evaluation, guidance 1 and no label make one", async () => {
  for (const [wishes, forwards] of [
    [{ guidance: 2, label: 0 }, 8],
    [{ guidance: 1, label: 0 }, 4],
    [{ guidance: 1 }, 4],
  ] as const) {
    const count = counted();
    const engine = analyticEngine({ wrap: count.wrap });
    await engine.noise(noiseJobs(engine, 1));
    const [result] = await engine.denoise(denoiseJobs(engine, 1, wishes));
    expect(result).toMatchObject({ nfe: 4, forwards, cached: false, outcome: "done" });
    expect(count.forwards).toBe(forwards);
  }
});

test("guidance w is v_null + w (v_label - v_null): between two Gaussians of equal width it moves the mean w times as far", async () => {
  const means = await Promise.all(
    [0, 1, 2].map(async (guidance) => {
      const engine = analyticEngine({ side: 4 });
      await engine.noise(noiseJobs(engine, 1));
      const jobs = denoiseJobs(engine, 1, { guidance, label: 2 });
      await engine.denoise(jobs);
      return (await engine.read(jobs[0]!.id)).data.reduce((sum, value) => sum + value / 16, 0);
    }),
  );
  expect(means[2]! - means[1]!).toBeCloseTo(means[1]! - means[0]!, 5);
  expect(means[1]! - means[0]!).toBeGreaterThan(0.1);
});

test("what is there already costs nothing and says what it would have cost", async () => {
  const count = counted();
  const engine = analyticEngine({ wrap: count.wrap });
  await engine.noise(noiseJobs(engine, 3));
  await engine.denoise(denoiseJobs(engine, 2));
  const before = count.forwards;
  const results = await engine.denoise(denoiseJobs(engine, 3));
  expect(results.map(({ cached, nfe }) => [cached, nfe])).toEqual([
    [true, 4],
    [true, 4],
    [false, 4],
  ]);
  expect(count.forwards - before).toBe(4);
});

test("an abort ends between two model calls, and each job says what it had paid", async () => {
  const count = counted();
  const engine = analyticEngine({ batch: 2, wrap: count.wrap });
  const abort = new AbortController();
  count.before = (calls) => {
    if (calls === 5) abort.abort();
  };
  await engine.noise(noiseJobs(engine, 6));
  const results = await engine.denoise(denoiseJobs(engine, 6), abort.signal);
  // Batch 1 is whole (4 calls), batch 2 had 2 calls when the third was refused, batch 3 had none.
  expect(results.map(({ outcome }) => outcome)).toEqual([
    "done",
    "done",
    "aborted",
    "aborted",
    "aborted",
    "aborted",
  ]);
  expect(results.map(({ nfe }) => nfe)).toEqual([4, 4, 2, 2, 0, 0]);
  expect(results.reduce((sum, { forwards }) => sum + forwards, 0)).toBe(count.forwards);
});

test("a model that gives NaN for one sample fails that job only", async () => {
  const engine = analyticEngine({
    wrap: (denoiser) => ({
      ...denoiser,
      async velocity(x, samples, level, labels) {
        const v = await denoiser.velocity(x, samples, level, labels);
        if (level < 0.6 && samples > 1) v[v.length / samples] = NaN;
        return v;
      },
    }),
  });
  await engine.noise(noiseJobs(engine, 3));
  const results = await engine.denoise(denoiseJobs(engine, 3));
  expect(results.map(({ outcome }) => outcome)).toEqual(["done", "failed", "done"]);
  expect(results[1]!.failure).toMatch(/no numbers/);
  expect(results[1]!.nfe).toBe(4);
});

test("decoding rounds and clamps to 8 bit", async () => {
  const engine = analyticEngine({ side: 2 });
  await engine.noise(noiseJobs(engine, 1));
  const [noise] = noiseJobs(engine, 1);
  const id = decodeId(engine.model.sha256, noise!.id);
  expect(await engine.decode([{ id, from: noise!.id }])).toMatchObject([{ decodes: 1, cached: false }]);
  const { data } = await engine.read(noise!.id);
  const image = await engine.image(id);
  expect(image).toMatchObject({ width: 2, height: 2, channels: 1 });
  expect([...image.data]).toEqual(
    [...data].map((value) => Math.max(0, Math.min(255, Math.round(value * 127.5 + 127.5)))),
  );
  expect(await engine.decode([{ id, from: noise!.id }])).toMatchObject([{ decodes: 1, cached: true }]);
});

test("a verifier that throws on one image of a batch leaves the others their scores", async () => {
  const engine = analyticEngine({
    side: 2,
    scorers: [
      {
        ...{ name: "picky", direction: "higher", needsCondition: false, sha256: "0" },
        async score(images) {
          if (images.some(({ data }) => data[0] === 13)) throw new Error("unlucky");
          return images.map(({ data }) => (data[0] === 14 ? NaN : data[0]!));
        },
        async dispose() {},
      },
    ],
  });
  const jobs = [12, 13, 14, 15].map((value) => ({ verifier: "picky", image: `image-${value}`, value }));
  await engine.put(
    jobs.map(({ image, value }) => ({
      id: image,
      image: { width: 2, height: 2, channels: 1, data: new Uint8Array(4).fill(value) },
    })),
  );
  expect(await engine.score(jobs)).toEqual([
    { outcome: "scored", score: 12, cached: false },
    { outcome: "failed", failure: "unlucky", cached: false },
    { outcome: "failed", failure: "its score was NaN", cached: false },
    { outcome: "scored", score: 15, cached: false },
  ]);
  expect((await engine.score(jobs)).map((result) => result.outcome === "scored" && result.cached)).toEqual([
    true,
    false,
    false,
    true,
  ]);
});

test("images that come with a call are scored, their scores kept, and they themselves not", async () => {
  let calls = 0;
  const engine = analyticEngine({
    side: 2,
    scorers: [
      {
        ...{ name: "first pixel", direction: "higher", needsCondition: false, sha256: "0" },
        async score(images) {
          calls += images.length;
          return images.map(({ data }) => data[0]!);
        },
        async dispose() {},
      },
    ],
  });
  const images = [5, 9].map((value) => ({
    id: `image-${value}`,
    image: { width: 2, height: 2, channels: 1 as const, data: new Uint8Array(4).fill(value) },
  }));
  const jobs = images.map(({ id }) => ({ verifier: "first pixel", image: id }));
  const scored = (cached: boolean) => [5, 9].map((score) => ({ outcome: "scored", score, cached }));
  expect(await engine.score(jobs, undefined, images)).toEqual(scored(false));
  expect(await engine.score(jobs)).toEqual(scored(true));
  expect(calls).toBe(2);
  await expect(engine.image("image-5")).rejects.toThrow("decode it first");
  // Under a condition of its own it is another score, for which the image has to come again.
  const other = [{ ...jobs[0]!, condition: { label: 1 } }];
  expect(await engine.score(other)).toMatchObject([{ outcome: "failed" }]);
  expect(await engine.score(other, undefined, images)).toEqual([scored(false)[0]]);
});

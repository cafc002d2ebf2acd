import { expect, test } from "vitest";
import { latentRgb } from "../../../src/search/engine/latentRgb.js";
import { defineAlgorithm, randomSearch, Session, type Decoder } from "../../../src/search/index.js";
import { preservingPath } from "../../../src/search/schedules/noisePath.js";
import { trainedSignal } from "../../../src/search/schedulers/schedulerFromConfig.js";
import { counted } from "../helpers/counted.js";
import { DEVIATION, MEAN, preservingEngine, TRAINED } from "../helpers/preserving.js";

const problem = { seed: 3, steps: 4, verifier: "brightness", budget: { nfe: 400 } };

async function searched(options: Parameters<typeof preservingEngine>[0]) {
  const count = counted();
  const session = new Session(preservingEngine({ ...options, wrap: count.wrap }));
  const run = await session.search(randomSearch({ candidates: 2 }), problem).run();
  return { session, run, count };
}

/** A candidate that stands in the middle of its way. */
async function halfway(options: Parameters<typeof preservingEngine>[0]) {
  const half = defineAlgorithm("half", function* (ops) {
    yield* ops.denoise(yield* ops.noise({ count: 1 }), { to: ops.levels[2]! });
    yield* ops.endRound();
  });
  const session = new Session(preservingEngine(options));
  const run = session.search(half(), problem);
  await run.step();
  return { session, candidate: run.candidates[0]! };
}

test("linear colours are the factors times the channels, plus the bias, clamped; other channels have none", async () => {
  const latent = { data: Float32Array.of(1, 0, 0, 1, 0, 0, 0, -9), shape: [4, 1, 2] };
  const [image] = await latentRgb("sdxl", 4)!.decode([latent]);
  const byte = (value: number): number => Math.max(0, Math.min(255, Math.round(127.5 * value + 127.5)));
  expect(image).toMatchObject({ width: 2, height: 1, channels: 3 });
  expect([...image!.data]).toEqual(
    [
      [0.3651 + 0.1084, 0.4232 - 0.0175, 0.4341 - 0.0011],
      [-0.2533 + 9 * 0.3165 + 0.1084, -0.0042 + 9 * 0.2492 - 0.0175, 0.1068 + 9 * 0.2188 - 0.0011],
    ].flatMap((colour) => colour.map(byte)),
  );
  for (const [space, channels] of [
    ["sd", 4],
    ["sd3", 16],
    ["flux", 16],
  ] as const) {
    expect(latentRgb(space, channels)).toBeDefined();
    expect(latentRgb(space, 1)).toBeUndefined();
  }
});

test("a clean candidate shows its own picture, which costs nothing more", async () => {
  const { session, run, count } = await searched({});
  const before = { ...session.ledger, forwards: count.forwards };
  const image = await run.best!.preview();
  expect(image.data).toEqual((await run.best!.image()).data);
  expect(count.forwards).toBe(before.forwards);
  expect(session.ledger).toMatchObject({ nfe: before.nfe, decodes: before.decodes });
});

test("a preview decoder is asked for glances and for nothing else, and disposed of", async () => {
  const glances: number[] = [];
  let disposed = 0;
  const previewDecoder: Decoder = {
    decode: async (states) => {
      glances.push(states.length);
      return states.map(() => ({ width: 1, height: 1, channels: 1, data: Uint8Array.of(7) }));
    },
    dispose: async () => void disposed++,
  };
  const { session, candidate } = await halfway({ previewDecoder });
  const { decodes } = session.ledger;
  expect([...(await candidate.preview()).data]).toEqual([7]);
  expect((await candidate.image()).width).toBe(4);
  expect(glances).toEqual([1]);
  expect(session.ledger.decodes).toBe(decodes + 2);
  await session.dispose();
  expect(disposed).toBe(1);
});

test("linear colours of a known latent space come at the latent's size, and count as no decode", async () => {
  const more = { latent: [4, 2, 2], latentSpace: "sd", image: [3, 2, 2] } as const;
  const { session, candidate } = await halfway({ more });
  const { decodes } = session.ledger;
  const image = await candidate.preview();
  expect([image.width, image.height, image.channels]).toEqual([2, 2, 3]);
  expect(session.ledger.decodes).toBe(decodes);
});

test("a glance from a level above 0 is the x0-prediction there: one NFE of the session the first time, none the second", async () => {
  const { session, candidate } = await halfway({});
  const { level } = candidate;
  expect(level).toBeGreaterThan(0);
  const { nfe } = session.ledger;
  const { data } = await candidate.latent();
  const image = await candidate.preview();
  expect(session.ledger.nfe).toBe(nfe + 1);
  expect((await candidate.preview()).data).toEqual(image.data);
  expect(session.ledger.nfe).toBe(nfe + 1);
  // x0 of a perfect network is E[x0 | x].
  const { signal: a, noise: s } = preservingPath(trainedSignal(TRAINED)).point(level);
  const gain = (a * DEVIATION ** 2) / (a * a * DEVIATION ** 2 + s * s);
  image.data.forEach((value, i) => {
    const x0 = MEAN + gain * (data[i]! - a * MEAN);
    expect(Math.abs(value - Math.max(0, Math.min(255, 127.5 * x0 + 127.5)))).toBeLessThanOrEqual(0.501);
  });
});

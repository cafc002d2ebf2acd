import { join } from "node:path";
import { expect, test } from "vitest";
import { arraysMade } from "../../helpers/arraysMade.js";
import { randomSearch, Session, systemClock } from "../../../../src/search/index.js";
import { openModel } from "../../../../src/search/onnx/openModel.js";
import { apart, BAR, casesOf, expectedOf, optionsOf, pipelines, requestOf, type Case } from "./reference.js";

async function open(name: string, request: Case): Promise<Session> {
  const options = { device: "cpu", batch: 3, ...optionsOf(request) } as const;
  return new Session(await openModel(join(pipelines, name), options));
}

// What a cell has of it: 8-bit pixels, the bar of 1e-3 of the exact ones on top of the rounding.
test.each(["sd1", "sd2", "sdxl", "lcm", "sd3", "flux", "dit", "pixart"])(
  "%s: session.sample with its own scheduler and PyTorch's noise gives diffusers' images",
  async (name) => {
    let compared = 0;
    for (const [number, request] of (await casesOf(name)).entries()) {
      const session = await open(name, request);
      const { images } = await session.sample(requestOf(request, session.model));
      expect(apart(images, await expectedOf(name, number)), `case ${number}`).toBeLessThan(BAR);
      compared++;
      await session.dispose();
    }
    expect(compared).toBeGreaterThanOrEqual(2);
  },
);

test("a prompt that is cut is told to whoever samples, each time, and is in the notices of each search", async () => {
  const request = (await casesOf("sd1"))[3]!;
  const told: string[] = [];
  const [, height, width] = request.shape;
  const engine = await openModel(join(pipelines, "sd1"), { device: "cpu", height, width });
  const session = new Session(engine, { clock: systemClock, tell: (sentence) => told.push(sentence) });
  const cut = expect.stringMatching(
    /^The prompt is longer than the 77 tokens of .* was left out\.$/,
  ) as string;
  const asked = { condition: request.prompt!, steps: 1, guidance: 1 };
  await session.sample({ ...asked, seeds: [1] });
  await session.sample({ ...asked, seeds: [1] });
  expect(told).toEqual([cut, cut]);
  const search = { ...asked, verifier: "sharpness", budget: {} };
  const run = session.search(randomSearch({ candidates: 1 }), search);
  await run.run();
  expect(run.record().notices).toEqual([cut]);
  const again = session.search(randomSearch({ candidates: 1 }), search);
  await again.run();
  expect(again.record().notices).toEqual([cut]);
  expect(told).toHaveLength(2);
  await session.dispose();
});

test("guidance of 0 is none, as in diffusers: one pass under the condition", async () => {
  const session = await open("sd1", (await casesOf("sd1"))[0]!);
  const asked = { condition: "a cat", steps: 2, solver: "euler" };
  const sampled = async (guidance: number): Promise<number[]> => [
    ...(await session.sample({ ...asked, guidance, seeds: [1] })).images[0]!.data,
  ];
  const [off, on] = [await sampled(1), await sampled(3)];
  const { forwards } = session.ledger;
  expect(await sampled(0)).toEqual(off);
  // It is the same computation.
  expect(session.ledger.forwards).toBe(forwards);
  expect(on).not.toEqual(off);
  await session.dispose();
});

// Each layout has its way of making the network's inputs: as they are, packed, in float16, with a learned variance beside the prediction, of labels.
test.each(["sd1", "sd2-fp16", "sdxl", "flux", "sd3", "pixart", "dit"])(
  "%s: a longer trip takes no more memory than a shorter one, but for what the runtime gives",
  async (name) => {
    const [request] = await casesOf(name === "sd2-fp16" ? "sd2" : name);
    const session = await open(name, request!);
    const solver = name === "flux" || name === "sd3" ? "flow-euler" : "euler-ancestral";
    const condition = name === "dit" ? { label: session.model.labels![1]! } : { prompt: "a cat" };
    const sampled = (steps: number, seed: number): Promise<unknown> =>
      session.sample({ condition, solver, steps, seeds: [seed, seed + 1], guidance: 3 });
    // What lasts is there, and the tables of both schedules.
    for (const steps of [3, 8]) await arraysMade(256, () => sampled(steps, 1));
    const [short, long] = [
      await arraysMade(256, () => sampled(3, 5)),
      await arraysMade(256, () => sampled(8, 7)),
    ];
    expect(short).toBeGreaterThan(2);
    expect(long).toBe(short);
    // Timesteps and labels too, short as they are.
    expect(await arraysMade(1, () => sampled(3, 9), ["BigInt64Array"])).toBe(
      await arraysMade(1, () => sampled(8, 11), ["BigInt64Array"]),
    );
    await session.dispose();
  },
);

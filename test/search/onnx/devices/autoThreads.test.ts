import { cpus } from "node:os";
import { expect, test } from "vitest";
import { Session } from "../../../../src/search/index.js";
import { calibrationKey, type Calibration } from "../../../../src/search/onnx/devices/autoThreads.js";
import { PRODUCT } from "../../../../src/search/onnx/devices/machineThreads.js";
import { openModel } from "../../../../src/search/onnx/openModel.js";

const fashion = "media/models/fashion";

class Notes implements Calibration {
  readonly known = new Map<string, number>();
  measured = 0;

  recall(key: string): number | undefined {
    return this.known.get(key);
  }

  remember(key: string, threads: number): void {
    this.measured++;
    this.known.set(key, threads);
  }
}

async function opened(threads: number | "auto" | undefined, calibration: Calibration): Promise<Session> {
  const engine = await openModel(
    fashion,
    { device: "cpu", ...(threads === undefined ? {} : { threads }) },
    undefined,
    {},
    { calibration },
  );
  return new Session(engine);
}

test('threads: "auto" is measured once for a machine and a model, and then known', async () => {
  const notes = new Notes();
  const first = await opened("auto", notes);
  expect(first.device.threads).toBeGreaterThanOrEqual(1);
  expect(first.device.threads).toBeLessThanOrEqual(cpus().length);
  expect(notes.known).toEqual(new Map([[calibrationKey(first.model.sha256), first.device.threads]]));
  await first.dispose();
  const second = await opened("auto", notes);
  expect(second.device.threads).toBe(first.device.threads);
  expect(notes.measured).toBe(1);
  await second.dispose();
});

test("what was remembered is what runs, and without being asked for nothing is measured", async () => {
  const notes = new Notes();
  const plain = await opened(1, notes);
  expect(notes.measured).toBe(0);
  notes.known.set(calibrationKey(plain.model.sha256), 3);
  const session = await opened("auto", notes);
  expect(session.device).toMatchObject({ provider: "cpu", threads: 3 });
  await plain.dispose();
  await session.dispose();
});

test("by default it is what was measured before, and one where nothing was", async () => {
  const notes = new Notes();
  const plain = await opened(undefined, notes);
  expect(plain.device.threads).toBe(1);
  notes.known.set(calibrationKey(plain.model.sha256), 2);
  const session = await opened(undefined, notes);
  expect(session.device.threads).toBe(2);
  expect(notes.measured).toBe(0);
  await plain.dispose();
  await session.dispose();
});

test("a diffusers folder takes what a product of matrices is fastest with, measured once for the machine", async () => {
  const notes = new Notes();
  const open = async (threads?: number): Promise<number> => {
    const options = { device: "cpu", ...(threads === undefined ? {} : { threads }) } as const;
    const engine = await openModel(
      "test/fixtures/pipelines/dit",
      options,
      undefined,
      {},
      { calibration: notes },
    );
    await engine.dispose();
    return engine.device.threads;
  };
  const first = await open();
  expect(first).toBeLessThanOrEqual(cpus().length);
  expect(notes.known).toEqual(new Map([[calibrationKey(PRODUCT), first]]));
  expect([await open(), notes.measured]).toEqual([first, 1]);
  notes.known.set(calibrationKey(PRODUCT), 3);
  expect([await open(), await open(2), notes.measured]).toEqual([3, 2, 1]);
});

test("results are the same pixels with one thread and with three", async () => {
  const images = [];
  for (const threads of [1, 3]) {
    const session = await opened(threads, new Notes());
    const request = { condition: "Sneaker", steps: 2, guidance: 2, seeds: [1, 2, 3] };
    images.push((await session.sample(request)).images);
    await session.dispose();
  }
  const [one, three] = images.map((of) => of.map(({ data }) => [...data]));
  expect(three).toEqual(one);
});

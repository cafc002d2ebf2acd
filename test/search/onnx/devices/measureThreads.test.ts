import { expect, test } from "vitest";
import { bestThreads, measureThreads } from "../../../../src/search/onnx/devices/measureThreads.js";

/** A denoiser whose calls take so long. */
const taking = (milliseconds: number, disposed: number[], threads: number) => ({
  velocity: async (x: Float32Array) => {
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return x;
  },
  dispose: async () => void disposed.push(threads),
});

test("threads are tried until a further one is slower, and each session is given back", async () => {
  const disposed: number[] = [];
  const times = [60, 30, 80, 1];
  const found = await measureThreads(async (threads) => taking(times[threads - 1]!, disposed, threads), 4, 4);
  expect(found.map(({ threads }) => threads)).toEqual([1, 2, 3]);
  expect(disposed).toEqual([1, 2, 3]);
  expect(bestThreads(found)).toBe(2);
});

test("a thread that gains less than a tenth is not worth its core", () => {
  const times = (...milliseconds: number[]) =>
    milliseconds.map((time, i) => ({ threads: i + 1, milliseconds: time }));
  expect(bestThreads(times(30, 28))).toBe(1);
  expect(bestThreads(times(30, 26))).toBe(2);
  expect(bestThreads(times(30, 18, 17))).toBe(2);
  expect(bestThreads(times(30, 28, 20))).toBe(3);
  expect(bestThreads([])).toBe(1);
});

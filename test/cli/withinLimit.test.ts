import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withinLimit } from "../../src/cli/run/withinLimit.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Work that ends when it is told to. */
function work() {
  let end: (value: string) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const ended = new Promise<string>((resolve, reject) => ([end, fail] = [resolve, reject]));
  const told: string[] = [];
  const means = { interrupt: () => void told.push("interrupt"), kill: () => void told.push("kill") };
  return { ended, end, fail, means, told };
}

test("work that ends in time is not disturbed, then or later", async () => {
  const { ended, end, means, told } = work();
  const result = withinLimit(ended, 1000, means);
  await vi.advanceTimersByTimeAsync(999);
  end("done");
  expect(await result).toEqual({ value: "done", isLate: false });
  await vi.advanceTimersByTimeAsync(100_000);
  expect(told).toEqual([]);
});

test("late work is interrupted, and is late though it then ends by itself", async () => {
  const { ended, end, means, told } = work();
  const result = withinLimit(ended, 1000, means);
  await vi.advanceTimersByTimeAsync(5999);
  expect(told).toEqual(["interrupt"]);
  end("interrupted");
  expect(await result).toEqual({ value: "interrupted", isLate: true });
  await vi.advanceTimersByTimeAsync(100_000);
  expect(told).toEqual(["interrupt"]);
});

test("work that does not heed the interrupt is killed 5 s after it, and its failure is no error", async () => {
  const { ended, fail, means, told } = work();
  const result = withinLimit(ended, 1000, means);
  await vi.advanceTimersByTimeAsync(6000);
  expect(told).toEqual(["interrupt", "kill"]);
  fail(new Error("the kernel is gone"));
  expect(await result).toEqual({ isLate: true });
});

test("a failure in time is an error", async () => {
  const { ended, fail, means } = work();
  const result = withinLimit(ended, 1000, means);
  fail(new Error("gone"));
  await expect(result).rejects.toThrow("gone");
});

test.each([Infinity, 2 ** 31, 30 * 24 * 3600 * 1000])(
  "a limit of %d ms does not end at once",
  async (limit) => {
    const { ended, end, means, told } = work();
    const result = withinLimit(ended, limit, means);
    await vi.advanceTimersByTimeAsync(10_000);
    end("done");
    expect([await result, told]).toEqual([{ value: "done", isLate: false }, []]);
  },
);

import { expect, test } from "vitest";
import { RestartPolicy } from "../../../src/editor/language/restartPolicy.js";

const RESTART = 2;

test("a server that ends is started again, later each time, and not for ever", async () => {
  const waits: number[] = [];
  let now = 0;
  const policy = new RestartPolicy(
    () => now,
    async (milliseconds) => waits.push(milliseconds),
  );
  for (let end = 0; end < 5; end++) expect((await policy.closed()).action).toBe(RESTART);
  expect(waits).toEqual([250, 500, 1000, 2000, 4000]);
  const last = await policy.closed();
  expect(last.action).not.toBe(RESTART);
  expect(last.message).toContain("6 times");
  now += 10 * 60_000;
  expect((await policy.closed()).action).toBe(RESTART);
});

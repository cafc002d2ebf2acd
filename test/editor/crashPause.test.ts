import { expect, it } from "vitest";
import { CrashPause } from "../../src/editor/crashPause.js";

it("a kernel that crashes again and again is started later and later, and at once when it has been well for a while", () => {
  let now = 1000;
  const pause = new CrashPause(() => now);
  const crash = (): number => {
    pause.crashed();
    return pause.left;
  };
  expect([pause.left, crash(), crash()]).toEqual([0, 0, 0]);
  expect(crash()).toBe(10_000);
  now += 4000;
  expect(pause.left).toBe(6000);
  now += 6000;
  expect(pause.left).toBe(0);
  expect([crash(), crash(), crash()]).toEqual([30_000, 60_000, 60_000]);
  expect(pause.crashes).toBe(6);
  now += 5 * 60_000;
  expect([pause.crashes, pause.left]).toEqual([0, 0]);
});

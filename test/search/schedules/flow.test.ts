import { expect, test } from "vitest";
import { flowLevels, levelsBetween } from "../../../src/search/schedules/flow.js";

test("levels fall in equal steps from exactly 1 to exactly 0", () => {
  expect(flowLevels(4)).toEqual([1, 0.75, 0.5, 0.25, 0]);
  expect(flowLevels(1)).toEqual([1, 0]);
  for (const steps of [3, 7, 50]) {
    const levels = flowLevels(steps);
    expect(levels).toHaveLength(steps + 1);
    expect([levels[0], levels.at(-1)]).toEqual([1, 0]);
    for (let i = 1; i < levels.length; i++) expect(levels[i - 1]! - levels[i]!).toBeCloseTo(1 / steps, 12);
  }
});

test("a part of a trajectory visits the schedule's levels between its ends", () => {
  expect(levelsBetween(flowLevels(4), 1, 0)).toEqual([1, 0.75, 0.5, 0.25, 0]);
  expect(levelsBetween(flowLevels(4), 0.6, 0.25)).toEqual([0.6, 0.5, 0.25]);
  expect(levelsBetween(flowLevels(4), 0.6, 0.55)).toEqual([0.6, 0.55]);
});

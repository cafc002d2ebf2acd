import { expect, test } from "vitest";
import { curvePoint } from "../../src/search/curvePoint.js";
import type { ReportRow } from "../../src/search/reportRecord.js";

const row = (numbers: Partial<ReportRow>): ReportRow => ({
  ...{ algorithm: "a", budget: 8, unit: "nfe", verifier: "v", role: "searched" },
  ...{ better: 0, same: 0, worse: 0, failures: 0, flags: [], why: [] },
  ...numbers,
});
const selected = { mean: 0.9, low: 0.85, high: 0.95 };

test.each<[string, Partial<ReportRow>, unknown]>([
  [
    "the second evaluation with its interval, and the selected mean beside it",
    { ...selected, fresh: 0.5, freshLow: 0.4, freshHigh: 0.6 },
    { value: 0.5, low: 0.4, high: 0.6, selected: 0.9 },
  ],
  [
    "of an older report the second evaluation without an interval: the selected mean's is not its own",
    { ...selected, fresh: 0.5 },
    { value: 0.5, low: undefined, high: undefined, selected: 0.9 },
  ],
  ["one number where both evaluations differ by rounding", { ...selected, fresh: 0.90005 }, { value: 0.9 }],
  ["the mean where there is no second evaluation", selected, { value: 0.9, low: 0.85, high: 0.95 }],
  ["a second evaluation alone", { fresh: 0, freshLow: -1, freshHigh: 1 }, { value: 0, low: -1, high: 1 }],
])("a curve goes through %s", (_, numbers, point) => {
  expect(curvePoint(row(numbers))).toMatchObject(point as object);
});

test("there is no point without a score, and no selected mean beside its own", () => {
  expect(curvePoint(row({}))).toBeUndefined();
  expect(curvePoint(row(selected))!.selected).toBeUndefined();
  expect(curvePoint(row({ ...selected, fresh: 0.9 }))!.selected).toBeUndefined();
});

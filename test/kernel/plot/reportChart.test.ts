import { expect, test } from "vitest";
import { drawReport } from "../../../src/kernel/plot/main.js";
import type { ReportRecord } from "../../../src/search/reportRecord.js";
import { makeReport } from "../../webview/fixtures/reports.js";

/** How many lines each mark has, the thin ones (half as opaque) first. */
const lines = (svg: string): readonly { readonly isThin: boolean; readonly count: number }[] =>
  [...svg.matchAll(/<g aria-label="line">(.*?)(?=<g aria-label|<g transform="[^"]*" aria-label|$)/gs)].map(
    ([, inner]) => ({
      isThin: inner!.includes('stroke-opacity="0.5"'),
      count: inner!.match(/<path /g)?.length ?? 0,
    }),
  );

test("curves go through the second evaluation, with the selected score as a thin line and a word of which is which", () => {
  const report = makeReport({ heldOut: [] });
  const plain = drawReport(report);
  expect(plain).not.toContain("second evaluation");
  const rows = report.rows.map((row) =>
    row.algorithm === report.arms.at(-1)!.name
      ? { ...row, fresh: row.mean! - 0.2, freshLow: row.mean! - 0.25, freshHigh: row.mean! - 0.15 }
      : row,
  );
  const repeated: ReportRecord = { ...report, rows };
  const svg = drawReport(repeated);
  expect(svg).toContain("by a second evaluation (thin: by the score that selected them)");
  const [before] = lines(plain).filter(({ isThin }) => !isThin);
  expect(before!.count).toBe(5);
  expect(lines(svg)).toEqual([{ isThin: true, count: 1 }, before]);
});

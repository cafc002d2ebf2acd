import { expect, test } from "vitest";
import { drawReport } from "../../../src/kernel/plot/main.js";
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
  const report = makeReport();
  const rows = report.rows.map(({ fresh: _, freshLow: __, freshHigh: ___, ...rest }) => rest);
  const before = drawReport({ ...report, rows });
  expect(before).not.toContain("again");
  // In three panels: more steps in each, three methods of each verifier in its own and in that of the judge.
  const bold = { isThin: false, count: 3 + 3 + 3 + 6 };
  expect(lines(before).filter(({ count }) => count > 0)).toEqual([bold]);
  const svg = drawReport(report);
  expect(svg).toContain("mean score of the winners evaluated again (thin: as selected)");
  // Only the verifier with noise says something else the second time.
  expect(lines(svg)).toEqual([{ isThin: true, count: 3 }, bold]);
});

// The looks of a report, as screenshots to be looked at: node build.mjs report page && node test/webview/reportGallery.mjs [words in names]
import { readFileSync } from "node:fs";
import { importTypeScript, shootLooks } from "./helpers/shootLooks.mjs";

const { makeReport } = await importTypeScript("test/webview/fixtures/reports.ts");
const looks = [
  { name: "report", report: makeReport(), themes: ["light", "dark", "contrast", "contrast-light"] },
  {
    name: "report-two",
    report: makeReport({ seconds: [1, 2, 4] }),
    themes: ["dark"],
  },
  { name: "report-many", report: makeReport({ copies: 3 }) },
  { name: "report-few", report: makeReport({ intervals: false, budgets: [16, 32] }) },
  { name: "report-narrow", report: makeReport(), width: 520 },
  { name: "report-alone", report: makeReport({ judged: false }), width: 900 },
  { name: "report-page", report: makeReport(), page: true, themes: ["light", "dark"] },
];
if (process.env.REPORT)
  looks.unshift({
    name: "report-real",
    report: JSON.parse(readFileSync(process.env.REPORT, "utf8")),
    themes: ["light", "dark"],
  });

await shootLooks(looks, ["report.js"], async (tab, { report, page }) => {
  if (page) {
    await tab.evaluate(
      (report) => globalThis.dnb.renderReport(document.querySelector("#output"), report),
      report,
    );
  } else {
    await tab.evaluate(async (report) => {
      const { activate } = await import("/report.js");
      activate({}).renderOutputItem(
        { id: "1", json: () => report },
        document.querySelector("#output"),
        new AbortController().signal,
      );
    }, report);
  }
  await tab.waitForTimeout(300);
});

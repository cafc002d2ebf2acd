import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reportCsv } from "../../src/search/reportCsv.js";
import type { ReportRecord } from "../../src/search/reportRecord.js";
import { intervalScale, layoutPanel } from "../../webview/report/layout.js";
import {
  colourOf,
  flagsOf,
  hasFresh,
  initialChoice,
  linesOf,
  panelsOf,
  verifierNames,
} from "../../webview/report/model.js";
import { parseReport, ReportError } from "../../webview/report/parseReport.js";
import {
  budgetText,
  curveText,
  legendText,
  pointText,
  subject,
  winText,
} from "../../webview/report/words.js";
import { makeReport } from "./fixtures/reports.js";
import { NotebookPages, type NotebookPage } from "./helpers/notebookPage.js";

const report = makeReport();
const copy = (): any => structuredClone(report);
/** One winner's score was luck. */
const repeated: ReportRecord = {
  ...report,
  rows: report.rows.map((row) =>
    row.role === "searched" && row.budget === 512 && row.algorithm === "zero-order"
      ? {
          ...row,
          fresh: 0.512,
          freshLow: 0.5,
          freshHigh: 0.53,
          optimism: 0.2,
          optimismLow: 0.1,
          optimismHigh: 0.3,
        }
      : row,
  ),
};

describe("a saved report", () => {
  test("is read as it was written", () => {
    expect(parseReport(JSON.parse(JSON.stringify(report)))).toEqual({ report, odd: 0 });
  });

  test.each([
    ["nothing", null, "the report should be an object"],
    ["a list", [], "the report should be an object"],
    ["a later version", { ...copy(), version: 2 }, "version should be 1"],
    ["no arms", { ...copy(), arms: [] }, "arms should be a list with at least one algorithm"],
    ["no verifiers", { ...copy(), verifiers: [{}] }, "verifiers should be a list with at least one verifier"],
    ["no budgets", { ...copy(), budgets: 3 }, "budgets should be an object"],
    ["no rows", { ...copy(), rows: {} }, "rows should be a list"],
  ])("without its frame is refused: %s", (_, value, message) => {
    expect(() => parseReport(value)).toThrow(ReportError);
    expect(() => parseReport(value)).toThrow(message);
  });

  test("with odd entries loses those and says how many; nothing of it becomes a number", () => {
    const odd = copy();
    odd.rows[0].mean = "NaN";
    odd.rows[1].low = null;
    odd.rows[2].algorithm = "unheard of";
    odd.rows[3].budget = -1;
    odd.rows.push(7);
    odd.notes = ["kept", 3, ""];
    odd.rows[4].flags = ["nonsense", "hacking"];
    odd.rows[4].why = ["of nothing", "it hacks"];
    const read = parseReport(odd);
    expect(read.odd).toBe(3);
    expect(read.report.rows).toHaveLength(report.rows.length - 2);
    expect(read.report.rows[0]!.mean).toBeUndefined();
    expect(read.report.rows[1]!.low).toBeUndefined();
    const { flags, why } = read.report.rows[2]!;
    expect([flags, why]).toEqual([["hacking"], ["it hacks"]]);
    expect(read.report.notes).toEqual(["kept"]);
  });
});

describe("what is shown", () => {
  const choice = initialChoice(report);

  test("is the largest budget, the searched verifier and the first held-out one", () => {
    expect(choice).toEqual({
      unit: "nfe",
      searched: "classifier",
      heldOut: "judge",
      budget: 512,
      arm: undefined,
    });
    expect(initialChoice(makeReport({ heldOut: [] })).heldOut).toBeUndefined();
    expect(initialChoice(makeReport({ budgets: [], seconds: [1, 2] }))).toMatchObject({
      unit: "seconds",
      budget: 2,
    });
  });

  test("is a curve for each arm from the single sample on, more steps in grey", () => {
    const [searched, heldOut] = panelsOf(report, choice);
    expect([searched!.role, heldOut!.role, heldOut!.verifier]).toEqual(["searched", "held-out", "judge"]);
    expect(searched!.curves.map(({ arm, colour }) => [arm.name, colour])).toEqual([
      ["more steps", -1],
      ["random search", 0],
      ["zero-order", 1],
      ["paths", 2],
      ["weak verifier", 3],
    ]);
    for (const { rows } of searched!.curves)
      expect(rows.map(({ budget }) => budget)).toEqual([8, 16, 32, 64, 128, 256, 512]);
    expect(heldOut!.curves.every(({ other }) => !other)).toBe(true);
  });

  test("is a verifier that drives one search and judges another in either panel, the odd ones out dashed", () => {
    const both: ReportRecord = {
      ...report,
      verifiers: report.verifiers.map((one) => ({ ...one, role: "both" })),
    };
    expect(verifierNames(both)).toEqual({
      searched: ["classifier", "judge"],
      heldOut: ["classifier", "judge"],
    });
    const [panel] = panelsOf(both, { ...choice, searched: "judge" });
    expect(panel!.curves.filter(({ other }) => other).map(({ arm }) => arm.name)).toEqual([
      "random search",
      "zero-order",
      "paths",
      "weak verifier",
    ]);
  });

  test("is a line for each arm, those of best-of-N at as many calls in the colour of their method", () => {
    const lines = linesOf(report, choice);
    expect(lines.map(({ arm }) => arm.kind)).toEqual([
      ...["one-sample", "more-steps", "best-of-n", "method", "method", "equal-calls", "method"],
    ]);
    const paths = lines.find(({ arm }) => arm.name === "paths")!;
    expect(colourOf(report, lines[5]!.arm)).toBe(paths.colour);
    expect(lines[0]!.heldOut!.budget).toBe(8);
  });

  test("is the second evaluation of the winners, where there is one", () => {
    expect(hasFresh(linesOf(report, choice))).toBe(false);
    const read = parseReport(repeated).report;
    expect(read).toEqual(repeated);
    expect(hasFresh(linesOf(read, choice))).toBe(true);
    expect(hasFresh(linesOf(read, { ...choice, budget: 16 }))).toBe(false);
  });

  test("is drawn by the second evaluation, with the selected score as a faint line, and a legend that says so", () => {
    const [panel] = panelsOf(repeated, choice);
    expect(legendText(panel!.curves)).toBe(
      "with points: a second evaluation of the winners; faint: the score that selected them",
    );
    const { curves, plot } = layoutPanel(panel!, { width: 520, height: 264, left: 44, right: 120 });
    const zeroOrder = curves.find(({ curve }) => curve.arm.name === "zero-order")!;
    expect(zeroOrder.points.at(-1)!.point).toEqual({
      ...{ value: 0.512, low: 0.5, high: 0.53 },
      selected: repeated.rows.find(({ fresh }) => fresh === 0.512)!.mean,
    });
    // It lies below what selected, and both begin at the single sample.
    const ends = (path: string | undefined): number[] =>
      path!.split(/[ML]/).flatMap((place) => (place === "" ? [] : Number(place.split(",")[1])));
    const [told, selected] = [ends(zeroOrder.line), ends(zeroOrder.selected)];
    expect(selected[0]).toBe(told[0]);
    expect(selected.at(-1)).toBeLessThan(told.at(-1)!);
    expect(Math.min(...selected)).toBeGreaterThanOrEqual(plot.top);
    expect(curves.filter((curve) => curve.selected !== undefined)).toEqual([zeroOrder]);
    const row = zeroOrder.points.at(-1)!.row;
    expect(pointText(repeated, "Zero-order", row)).toMatch(
      /^Zero-order at ×64: 0\.512 \(0\.500 to 0\.530\), as selected 0\.\d+, 512 NFE a run$/,
    );
    // An older report has a second evaluation without its interval: a curve without a band there.
    const older = copy();
    older.rows = repeated.rows.map(({ freshLow: _low, freshHigh: _high, ...rest }) => rest);
    const [old] = panelsOf(parseReport(older).report, choice);
    expect(
      layoutPanel(old!, { width: 520, height: 264, left: 44, right: 120 }).curves[2]!.points.at(-1)!.point,
    ).toMatchObject({ value: 0.512, low: undefined, high: undefined });
  });

  test("has no second line where both evaluations say the same", () => {
    expect(legendText(panelsOf(report, choice)[0]!.curves)).toBeUndefined();
    const same = copy();
    for (const row of same.rows) if (row.role === "searched") row.fresh = row.mean;
    const [panel, heldOut] = panelsOf(parseReport(same).report, choice);
    expect(legendText(panel!.curves)).toBe("a second evaluation of the winners says the same");
    expect(legendText(heldOut!.curves)).toBeUndefined();
  });

  test("are flags with their sentences, once each", () => {
    const weak = report.arms.find(({ name }) => name === "weak verifier")!;
    expect(flagsOf(report, choice, weak)).toEqual([
      { flag: "hacking", why: expect.stringMatching(/judge, held out, falls by 0\.11/) },
    ]);
    expect(flagsOf(report, { ...choice, budget: 16 }, weak)).toEqual([]);
    const two = copy();
    const row = two.rows.find((one: any) => one.role === "searched" && one.flags.length > 0);
    row.flags = ["hacking", "hacking", "diversity-loss"];
    row.why = ["a falls", "b falls", "they are alike"];
    expect(flagsOf(two, { ...choice, budget: row.budget }, weak)).toEqual([
      { flag: "hacking", why: "a falls" },
      { flag: "hacking", why: "b falls" },
      { flag: "diversity-loss", why: "they are alike" },
    ]);
  });

  test("is said in words too", () => {
    expect(winText({ ...report.rows[0]!, winRate: 0.625 })).toBe(
      "Wins 63 % of the problems; ties count half",
    );
    expect(winText(undefined)).toBeUndefined();
    expect(subject(report)).toBe(
      "4 searches · 60 problems · 4 seeds · searched with classifier · fashion 1.0.0",
    );
    expect(budgetText(report, 128, "nfe")).toBe("×16, 128 NFE");
    expect(budgetText(report, 2, "seconds")).toBe("2 s");
    const [curve] = panelsOf(report, choice)[0]!.curves;
    expect(curveText(report, "More steps", curve!.rows.slice(0, 2))).toBe(
      "More steps: ×1 0.520 (0.508 to 0.532), ×2 0.532 (0.518 to 0.546)",
    );
  });
});

describe("the table in a browser", () => {
  let pages: NotebookPages;
  let notebook: NotebookPage;
  beforeAll(async () => {
    pages = await NotebookPages.launch("webview/report/renderer.ts");
    notebook = await pages.open();
  }, 180_000);
  afterAll(() => pages?.close());
  const heads = (): Promise<string[]> => notebook.page.locator(".report-table thead th").allInnerTexts();
  /** Of each line that has a name, the name and the cell under a heading. */
  const column = async (name: string): Promise<[string, string][]> => {
    const at = (await heads()).findIndex((head) => head.startsWith(name));
    const rows = await notebook.page
      .locator(".report-table tbody tr:not(.why)")
      .evaluateAll((all) => all.map((row: any) => [...row.cells].map((cell: any) => cell.innerText.trim())));
    return rows.map((cells) => [cells[0], cells[at]]);
  };

  test("has a head whose parts stand beside each other, and fits its width", async () => {
    await notebook.render(makeReport({ seconds: [1, 2] }));
    const { page } = notebook;
    const boxes = await page
      .locator(".head button, .head .muted, .problem")
      .evaluateAll((all) => all.map((one: any) => one.getBoundingClientRect().toJSON()));
    expect(boxes.length).toBe(9);
    boxes
      .slice(1)
      .forEach((box, i) => expect(box.left, `part ${i + 1}`).toBeGreaterThanOrEqual(boxes[i]!.right));
    expect(boxes.at(-1)!.right).toBeLessThan(1100);
  });

  test("shows the second evaluation of the winners beside the first, and only where there is one", async () => {
    await notebook.render(report);
    expect(await heads()).not.toContain("fresh");
    await notebook.render(repeated, "2");
    expect((await heads()).slice(1, 4)).toEqual(["classifier", "fresh", "gain"]);
    const fresh = await column("fresh");
    expect(fresh.filter(([, text]) => text !== "–")).toEqual([["Zero-order", "0.512"]]);
    const { page } = notebook;
    expect(
      await page.locator(".selected").evaluateAll((all) => all.map((one: any) => one.dataset.arm)),
    ).toEqual(["zero-order"]);
    expect(await page.locator("figcaption").first().innerText()).toContain(
      "faint: the score that selected them",
    );
    // A legend over one panel alone moves neither out of line.
    const tops = await page
      .locator("figure svg")
      .evaluateAll((all) => all.map((one: any) => one.getBoundingClientRect().top));
    expect(tops).toHaveLength(2);
    expect(tops[0]).toBe(tops[1]);
  });

  test("is ordered by a press on a heading, the other way by a second, as it was by a third; what is flagged keeps its sentence", async () => {
    await notebook.render(report);
    const { page } = notebook;
    const given = await column("diversity");
    const judge = page.getByRole("button", { name: "judge" });
    await judge.press("Enter");
    const values = async (): Promise<number[]> =>
      (await column("judge"))
        .filter(([name]) => !name.startsWith("best of "))
        .map(([, text]) => Number(text));
    const down = await values();
    expect(down).toEqual([...down].sort((a, b) => b - a));
    expect(await page.locator("[aria-sort]").getAttribute("aria-sort")).toBe("descending");
    // The heading is drawn anew, and keeps the focus.
    await page.keyboard.press("Enter");
    expect(await values()).toEqual([...down].reverse());
    const why = page.locator(".why").filter({ hasText: "hacking" });
    expect(await why.evaluate((row: any) => row.previousElementSibling.innerText)).toMatch(/^weak verifier/i);
    await page.keyboard.press("Enter");
    expect(await column("diversity")).toEqual(given);
    expect(await page.locator("[aria-sort]").count()).toBe(0);
    // p-values: the smallest first; a best-of-N stays under its method.
    await page.getByRole("button", { name: "p (Holm)" }).click();
    const names = (await column("p (Holm)")).map(([name]) => name);
    expect(names[names.findIndex((name) => name.startsWith("best of ")) - 1]).toMatch(/^paths/i);
    expect(await notebook.leaked()).toEqual([]);
    expect(notebook.complaints).toEqual([]);
  });
});

describe("the layout of a panel", () => {
  const size = { width: 520, height: 264, left: 44, right: 120 };
  const [panel] = panelsOf(report, initialChoice(report));

  test("keeps every point, band and label inside, equal doublings equally far apart", () => {
    const layout = layoutPanel(panel!, size);
    for (const { points, labelY } of layout.curves) {
      for (const { x, y } of points) {
        expect(x).toBeGreaterThanOrEqual(layout.plot.left);
        expect(x).toBeLessThanOrEqual(layout.plot.right);
        expect(y).toBeGreaterThanOrEqual(layout.plot.top);
        expect(y).toBeLessThanOrEqual(layout.plot.bottom);
      }
      expect(labelY).toBeGreaterThan(0);
      expect(labelY).toBeLessThan(size.height);
    }
    const gaps = layout.xTicks.slice(1).map(({ x }, i) => x - layout.xTicks[i]!.x);
    for (const gap of gaps) expect(gap).toBeCloseTo(gaps[0]!, 6);
    const labels = layout.curves.map(({ labelY }) => labelY).sort((a, b) => a - b);
    for (let i = 1; i < labels.length; i++) expect(labels[i]! - labels[i - 1]!).toBeGreaterThanOrEqual(15.9);
  });

  test("has no band without intervals, and stands with a single budget or none", () => {
    const few = makeReport({ intervals: false });
    const layout = layoutPanel(panelsOf(few, initialChoice(few))[0]!, size);
    expect(layout.curves.every(({ band }) => band === undefined)).toBe(true);
    const flat = {
      ...panel!,
      curves: panel!.curves.map((curve) => ({ ...curve, rows: curve.rows.slice(1, 2) })),
    };
    for (const { points } of layoutPanel(flat, size).curves)
      for (const { x, y } of points) expect(Number.isFinite(x + y)).toBe(true);
    expect(layoutPanel({ ...panel!, curves: [] }, size).curves).toEqual([]);
  });

  test("of the gains' column has 0 on its scale", () => {
    const rows = linesOf(report, initialChoice(report)).map(({ heldOut }) => heldOut);
    const scale = intervalScale(rows, 96);
    expect(scale(0)).toBeGreaterThan(5);
    expect(scale(0)).toBeLessThan(91);
    expect(Number.isFinite(intervalScale([], 96)(0))).toBe(true);
  });
});

test("CSV quotes what needs it, and no name becomes a formula", () => {
  const [row] = report.rows;
  const lines = reportCsv([
    { ...row!, algorithm: '=SUM(A1), "x"', flags: ["hacking", "saturation"], why: ["one", "two, three"] },
  ]).split("\r\n");
  expect(lines[0]!.split(",").slice(0, 6)).toEqual([
    "algorithm",
    "budget",
    "unit",
    "verifier",
    "role",
    "mean",
  ]);
  expect(lines[1]).toContain(`"'=SUM(A1), ""x""",8,nfe,classifier,searched,0.52,`);
  expect(lines[1]).toContain('hacking; saturation,"one; two, three",');
  expect(lines).toHaveLength(3);
});

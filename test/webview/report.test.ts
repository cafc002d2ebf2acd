import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reportCsv } from "../../src/search/reportCsv.js";
import type { ReportRecord } from "../../src/search/reportRecord.js";
import { intervalScale, layoutPanel, panelHeight } from "../../webview/report/layout.js";
import {
  colourOf,
  flagsOf,
  hasFresh,
  initialChoice,
  linesOf,
  panelsOf,
  verifierNames,
  type Choice,
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
/** As they were before there was a second evaluation. */
const before: ReportRecord = {
  ...report,
  rows: report.rows.map(({ fresh: _, freshLow: __, freshHigh: ___, ...rest }) => rest),
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
      searched: "alignment",
      heldOut: "judge-concept",
      budget: 128,
      arm: undefined,
    });
    expect(initialChoice(makeReport({ judged: false })).heldOut).toBeUndefined();
    expect(initialChoice(makeReport({ budgets: [], seconds: [1, 2] }))).toMatchObject({
      unit: "seconds",
      budget: 2,
    });
  });

  test("is a curve for each arm from the single sample on, more steps in grey", () => {
    const [searched, heldOut] = panelsOf(report, choice);
    expect([searched!.role, heldOut!.role, heldOut!.verifier]).toEqual([
      ...["searched", "held-out", "judge-concept"],
    ]);
    expect(searched!.curves.map(({ arm, colour }) => [arm.name, colour])).toEqual([
      ["more steps", -1],
      ["random search · alignment", 0],
      ["zero-order · alignment", 1],
      ["paths · alignment", 2],
    ]);
    for (const { rows } of searched!.curves)
      expect(rows.map(({ budget }) => budget)).toEqual([4, 8, 16, 32, 64, 128]);
    expect(heldOut!.curves.map(({ colour }) => colour)).toEqual([-1, 0, 1, 2, 3, 4, 5]);
    expect(heldOut!.curves.every(({ other }) => !other)).toBe(true);
  });

  test("is a verifier that drives one search and judges another in either panel, the odd ones out dashed", () => {
    const both: ReportRecord = {
      ...report,
      verifiers: report.verifiers.map((one) => ({ ...one, role: "both" })),
    };
    expect(verifierNames(both)).toEqual({
      searched: ["alignment", "mistaken", "judge-concept"],
      heldOut: ["alignment", "mistaken", "judge-concept"],
    });
    const [panel] = panelsOf(both, { ...choice, searched: "judge-concept" });
    expect(panel!.curves.filter(({ other }) => other).map(({ arm }) => arm.name)).toEqual([
      ...["random search", "zero-order", "paths"].map((name) => `${name} · alignment`),
      ...["random search", "zero-order", "paths"].map((name) => `${name} · mistaken`),
    ]);
  });

  test("is a line for each arm, those of best-of-N at as many calls in the colour of their method", () => {
    const lines = linesOf(report, choice);
    const searches = ["best-of-n", "method", "method", "equal-calls"];
    expect(lines.map(({ arm }) => arm.kind)).toEqual(["one-sample", "more-steps", ...searches, ...searches]);
    const paths = lines.find(({ arm }) => arm.name === "paths · alignment")!;
    expect(colourOf(report, lines[5]!.arm)).toBe(paths.colour);
    expect(lines[0]!.heldOut!.budget).toBe(4);
  });

  const mistaken = { ...choice, searched: "mistaken" };
  const size = { width: 520, height: 264, left: 44, right: 120 };

  test("is the second evaluation of the winners, where there is one", () => {
    expect(hasFresh(linesOf(before, choice))).toBe(false);
    expect(hasFresh(linesOf(report, choice))).toBe(true);
    expect(hasFresh(linesOf(report, { ...choice, budget: 7 }))).toBe(false);
  });

  test("is drawn by the second evaluation, with the selected score as a faint line, and a legend that says so", () => {
    const [panel] = panelsOf(report, mistaken);
    expect(legendText(panel!.curves)).toBe("points: the winners evaluated again; faint: as selected");
    const { curves, plot } = layoutPanel(panel!, size);
    const random = curves.find(({ curve }) => curve.arm.name === "random search · mistaken")!;
    const { row, point } = random.points.at(-1)!;
    const { mean, fresh, freshLow, freshHigh } = row;
    expect(point).toEqual({ value: fresh, low: freshLow, high: freshHigh, selected: mean });
    // It lies below what selected, and both begin at the single sample.
    const ends = (path: string | undefined): number[] =>
      path!.split(/[ML]/).flatMap((place) => (place === "" ? [] : Number(place.split(",")[1])));
    const [told, selected] = [ends(random.line), ends(random.selected)];
    expect(selected[0]).toBe(told[0]);
    expect(selected.at(-1)).toBeLessThan(told.at(-1)!);
    expect(Math.min(...selected)).toBeGreaterThanOrEqual(plot.top);
    // More steps select nothing.
    expect(curves.map((curve) => curve.selected !== undefined)).toEqual([false, true, true, true]);
    expect(pointText(report, "Random search", row)).toMatch(
      /^Random search at ×32: 0\.\d+ \(0\.\d+ to [01]\.\d+\), as selected 0\.\d+, 128 NFE a run$/,
    );
  });

  test("of an older report is a second evaluation without its interval, or the selected score alone", () => {
    const rows = report.rows.map(({ freshLow: _low, freshHigh: _high, ...rest }) => rest);
    const [panel] = panelsOf(parseReport({ ...copy(), rows }).report, mistaken);
    const [, random] = layoutPanel(panel!, size).curves;
    const { point, row } = random!.points.at(-1)!;
    expect(point).toEqual({ value: row.fresh, low: undefined, high: undefined, selected: row.mean });
    const [old] = panelsOf(parseReport(structuredClone(before)).report, mistaken);
    expect(legendText(old!.curves)).toBeUndefined();
    expect(layoutPanel(old!, size).curves[1]!.points.at(-1)!.point.value).toBe(row.mean);
  });

  test("has no second line where both evaluations say the same", () => {
    const [panel, heldOut] = panelsOf(report, choice);
    expect(legendText(panel!.curves)).toBe("the winners score the same when evaluated again");
    expect(layoutPanel(panel!, size).curves.every(({ selected }) => selected === undefined)).toBe(true);
    expect(legendText(heldOut!.curves)).toBeUndefined();
  });

  test("are flags with their sentences, once each", () => {
    const weak = report.arms.find(({ name }) => name === "random search · mistaken")!;
    const hacking = (at: Choice) => flagsOf(report, at, weak).filter(({ flag }) => flag === "hacking");
    expect(hacking(choice)).toEqual([
      {
        flag: "hacking",
        why: expect.stringMatching(
          /^mistaken rises by 0\.\d+ while judge-concept, held out, falls by 0\.\d+:/,
        ),
      },
    ]);
    expect(hacking({ ...choice, budget: 8 })).toEqual([]);
    const two = copy();
    const row = two.rows.find(
      (one: any) => one.algorithm === weak.name && one.role === "searched" && one.flags.length > 0,
    );
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
      `6 searches · 8 problems · 5 seeds · searched with alignment and mistaken · emoji ${report.model.version}`,
    );
    expect(budgetText(report, 64, "nfe")).toBe("×16, 64 NFE");
    expect(budgetText(report, 2, "seconds")).toBe("2 s");
    const [curve] = panelsOf(report, choice)[0]!.curves;
    expect(curveText(report, "More steps", curve!.rows.slice(0, 2))).toMatch(
      /^More steps: ×1 0\.\d{3} \(0\.\d{3} to 0\.\d{3}\), ×2 0\.\d{3} \(0\.\d{3} to 0\.\d{3}\)$/,
    );
    expect(curveText(report, "Random", panelsOf(report, mistaken)[0]!.curves[1]!.rows.slice(-1))).toMatch(
      /^Random: ×32 0\.\d{3} \(0\.\d{3} to [01]\.\d{3}\), as selected 0\.\d{3}$/,
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
    await notebook.render(before);
    expect(await heads()).not.toContain("fresh");
    await notebook.render(report, "2");
    const { page } = notebook;
    expect(await page.locator("figcaption").first().innerText()).toContain(
      "score the same when evaluated again",
    );
    expect(await page.locator(".selected").count()).toBe(0);
    await page.getByLabel("Verifier, searched").selectOption("mistaken");
    expect((await heads()).slice(1, 4)).toEqual(["mistaken", "fresh", "gain"]);
    const fresh = await column("fresh");
    const names = ["Random search", "Zero-order", "Paths"].map((name) => `${name} · mistaken`);
    expect(
      fresh.filter(([name, text]) => text !== "–" && !name.startsWith("best of")).map(([name]) => name),
    ).toEqual(names);
    const drawn = page.locator(".selected");
    expect(await drawn.evaluateAll((all) => all.map((one: any) => one.dataset.arm))).toEqual(
      names.map((name) => name.charAt(0).toLowerCase() + name.slice(1)),
    );
    expect(await page.locator("figcaption").first().innerText()).toContain("faint: as selected");
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
    const judge = page.getByRole("button", { name: "judge-concept" });
    await judge.press("Enter");
    const values = async (): Promise<number[]> =>
      (await column("judge-concept"))
        .filter(([name]) => !name.startsWith("best of "))
        .map(([, text]) => Number(text));
    const down = await values();
    expect(down).toEqual([...down].sort((a, b) => b - a));
    expect(await page.locator("[aria-sort]").getAttribute("aria-sort")).toBe("descending");
    // The heading is drawn anew, and keeps the focus.
    await page.keyboard.press("Enter");
    expect(await values()).toEqual([...down].reverse());
    const why = page.locator(".why").filter({ hasText: "hacking" }).first();
    expect(await why.evaluate((row: any) => row.previousElementSibling.innerText)).toMatch(/· mistaken/);
    await page.keyboard.press("Enter");
    expect(await column("diversity")).toEqual(given);
    expect(await page.locator("[aria-sort]").count()).toBe(0);
    // What a pointer sees in a title is there for those who listen.
    const told = page.locator("td .unseen");
    expect(await told.first().textContent()).toMatch(/^\. Wins \d+ % of the problems; ties count half$/);
    expect(await told.count()).toBe(report.arms.length - 1);
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

  test("is high enough for a label of each curve, however many there are", () => {
    const crowded = panelsOf(makeReport({ copies: 4 }), initialChoice(report));
    expect(crowded[1]!.curves).toHaveLength(25);
    const height = panelHeight(crowded);
    for (const one of crowded) {
      const labels = layoutPanel(one, { ...size, height }).curves.map(({ labelY }) => labelY);
      for (const label of labels) expect(label).toBeLessThan(height - 18);
    }
    expect(panelHeight(panelsOf(report, initialChoice(report)))).toBe(264);
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
  expect(lines[1]).toContain(`"'=SUM(A1), ""x""",4,nfe,alignment,searched,${row!.mean},`);
  expect(lines[1]).toContain('hacking; saturation,"one; two, three",');
  expect(lines).toHaveLength(3);
});

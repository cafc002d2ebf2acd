import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeOutput } from "./fixtures/records.js";
import { outputOf } from "./fixtures/searches.js";
import { NotebookPages, type NotebookPage } from "./helpers/notebookPage.js";

let pages: NotebookPages;
let notebook: NotebookPage;
beforeAll(async () => (pages = await NotebookPages.launch()), 180_000);
afterAll(() => pages?.close());
beforeEach(async () => (notebook = await pages.open()));
afterEach(() => notebook.close());

const three = makeOutput({ algorithm: "zero-order", rounds: 8, perRound: 4, done: 3, state: "paused" });
const tab = (name: string) => notebook.page.getByRole("tab", { name });
const pixels = (selector: string): Promise<string> =>
  notebook.page.locator(selector).evaluate((canvas: any) => canvas.toDataURL());
/** Of the pictures that were asked for, those that nobody has answered. */
const open = async (): Promise<string[]> =>
  (await notebook.looks()).filter((name) => !notebook.answered.has(name));

describe("three pictures of one run", () => {
  test("tabs change the picture by mouse and by keys; selection and focus are shared", async () => {
    await notebook.live(three);
    await notebook.page.locator("[role=treeitem][tabindex='0']").focus();
    await notebook.page.keyboard.press("Home");
    await tab("Tree").focus();
    await notebook.page.keyboard.press("ArrowRight");
    await expect.poll(() => notebook.page.locator(".branches").isVisible()).toBe(true);
    expect(await notebook.page.locator(".tree, .trace").filter({ visible: true }).count()).toBe(0);
    expect(await tab("Branches").getAttribute("aria-selected")).toBe("true");
    const at = notebook.page.locator(".branches [role=treeitem][tabindex='0']");
    expect(await at.getAttribute("data-candidate")).toBe("r0-c0");
    await at.focus();
    await notebook.page.keyboard.press("ArrowRight");
    await expect.poll(() => at.getAttribute("data-candidate")).toBe("r1-c2");
    await tab("Gallery").click();
    await expect.poll(() => notebook.page.locator(".card").count()).toBe(12);
    expect(await notebook.page.locator(".card[aria-selected='true']").getAttribute("data-candidate")).toBe(
      "r1-c2",
    );
    expect(await notebook.leaked()).toEqual([]);
    expect(notebook.complaints).toEqual([]);
  });

  test("the noise-level cursor moves every view and asks for the pictures it needs, once", async () => {
    const output = await outputOf("paths", 320);
    await notebook.live(output);
    await expect.poll(async () => (await notebook.looks()).length).toBeGreaterThan(5);
    const best = output.record.best!;
    expect((await notebook.looks()).every((name) => name.startsWith(`${best}@`))).toBe(true);
    await notebook.answer(output.record.id, three.atlas[0]!, await open());
    const tree = await pixels(".tree canvas");
    const trace = await pixels(".trace canvas");
    await notebook.page.locator(".frame").nth(3).click();
    await expect.poll(() => notebook.text(".strip-label strong")).toBe("0.625");
    await expect.poll(() => pixels(".tree canvas")).not.toBe(tree);
    await expect.poll(() => pixels(".trace canvas")).not.toBe(trace);
    await tab("Branches").click();
    await expect.poll(() => notebook.page.locator(".level-cursor").isVisible()).toBe(true);
    const left = async (): Promise<number> => (await notebook.page.locator(".level-cursor").boundingBox())!.x;
    const before = await left();
    await notebook.page.locator(".frame[aria-current='true']").focus();
    await notebook.page.keyboard.press("ArrowRight");
    await expect.poll(left).toBeGreaterThan(before + 20);
    // Each branch that has room shows its own preview there, once it has come.
    const others = async (): Promise<string[]> =>
      (await notebook.looks()).filter((name) => name.endsWith("@0.5") && !name.startsWith(`${best}@`));
    await expect.poll(async () => (await others()).length).toBeGreaterThan(3);
    const without = await pixels(".branches canvas");
    await notebook.answer(output.record.id, three.atlas[0]!, await open());
    await expect.poll(() => pixels(".branches canvas")).not.toBe(without);
    expect(await notebook.page.locator(".frame:focus").getAttribute("data-level")).toBe("0.5");
    await notebook.page.keyboard.press("Escape");
    await expect.poll(() => notebook.page.locator(".level-cursor").isHidden()).toBe(true);
    const names = await notebook.looks();
    expect(new Set(names).size).toBe(names.length);
    expect(await notebook.leaked()).toEqual([]);
  });

  test("the tree fetches the previews of its thumbnails, a few at a time, and none for a level that the cursor has left", async () => {
    const many = makeOutput({ algorithm: "random", rounds: 8, perRound: 6 });
    const [chunk] = many.atlas;
    const at = async (level: number): Promise<number> =>
      (await notebook.looks()).filter((name) => name.endsWith(`@${level}`)).length;
    await notebook.live(many);
    await expect.poll(async () => (await open()).length).toBe(8);
    await notebook.answer("fixture", chunk!, await open());
    await notebook.page.locator(".frame[data-level='0.5']").click();
    // That of the best came with the film.
    await expect.poll(async () => (await open()).length).toBeGreaterThan(3);
    const asked = await at(0.5);
    expect(asked).toBeLessThanOrEqual(33);
    await notebook.page.locator(".frame[data-level='0.25']").click();
    await expect.poll(() => notebook.text(".strip-label strong")).toBe("0.25");
    const before = await pixels(".tree canvas");
    while ((await at(0.25)) < 48) {
      const names = await open();
      expect(names.length).toBeLessThanOrEqual(32);
      await notebook.answer("fixture", chunk!, names);
      await expect
        .poll(async () => (await open()).length + Number((await at(0.25)) === 48))
        .toBeGreaterThan(0);
    }
    expect(await at(0.5)).toBe(asked);
    await expect.poll(() => pixels(".tree canvas")).not.toBe(before);
    const names = await notebook.looks();
    expect(new Set(names).size).toBe(names.length);
    expect(notebook.complaints).toEqual([]);
  });

  test("a drag across the branches filters by a band of levels; Escape ends it", async () => {
    await notebook.live(await outputOf("paths", 320));
    await tab("Branches").click();
    // A canvas that was not drawn yet has the width that browsers give one.
    const width = () => notebook.page.locator(".branches canvas").evaluate((canvas: any) => canvas.width);
    await expect.poll(width).not.toBe(300);
    const free = await pixels(".branches canvas");
    const box = (await notebook.page.locator(".branches").boundingBox())!;
    const { mouse } = notebook.page;
    await mouse.move(box.x + box.width * 0.8, box.y + 4);
    await mouse.down();
    await mouse.move(box.x + box.width * 0.9, box.y + 60, { steps: 4 });
    await mouse.up();
    await expect.poll(() => notebook.page.locator(".level-band").innerText()).toMatch(/^0\.\d+ to 0\.\d+$/);
    await expect.poll(() => pixels(".branches canvas")).not.toBe(free);
    await notebook.page.getByRole("button", { name: "Filter" }).click();
    expect(await notebook.page.locator(".filter .muted").innerText()).toMatch(
      /^\d+ of \d+, levels 0\.\d+ to 0\.\d+$/,
    );
    await notebook.page.getByRole("button", { name: "show all" }).click();
    await expect.poll(() => pixels(".branches canvas")).toBe(free);
  });

  test("rendered anew, it is at the tab and the axis where the reader left it", async () => {
    await notebook.live(three);
    await notebook.page.getByRole("combobox", { name: "Compute counted as" }).selectOption("rounds");
    await expect.poll(() => notebook.text(".axis-name")).toBe("round");
    await tab("Branches").click();
    await notebook.page.evaluate(() => (globalThis as any).renderer.disposeOutputItem("1"));
    await notebook.render(three, "2");
    await expect.poll(() => tab("Branches").getAttribute("aria-selected")).toBe("true");
    await tab("Tree").click();
    await expect.poll(() => notebook.text(".trace .axis-name")).toBe("round");
  });

  test("what the last window left counts until the reader does something, which is told in turn", async () => {
    await notebook.live(three);
    const left = { view: "branches", measure: "rounds", log: true, columns: "round", selected: "r2-c1" };
    const looked = { type: "looked", run: "fixture", looked: left } as const;
    await notebook.receive({ ...looked, run: "other" });
    await notebook.receive({ ...looked, looked: { ...left, view: "constructor", measure: "" } });
    await expect.poll(() => notebook.text(".side-title")).toContain("r2-c1");
    expect(await tab("Tree").getAttribute("aria-selected")).toBe("true");
    await tab("Gallery").click();
    await expect.poll(() => tab("Gallery").getAttribute("aria-selected")).toBe("true");
    await notebook.receive(looked);
    expect(await tab("Gallery").getAttribute("aria-selected")).toBe("true");
    const told = await notebook.page.evaluate(() =>
      (globalThis as any).sent.filter(({ type }: any) => type === "looked"),
    );
    expect(told.at(-1)).toEqual({
      ...looked,
      looked: { ...left, view: "gallery", measure: "nfe" },
    });
    const another = await pages.open();
    await another.live(three);
    await another.receive({ type: "looked", run: "fixture", looked: told.at(-1).looked });
    await expect
      .poll(() => another.page.getByRole("tab", { name: "Gallery" }).getAttribute("aria-selected"))
      .toBe("true");
    expect(another.complaints).toEqual([]);
    await another.close();
  });

  test("the axis counts seconds while a run is alive, and logarithms; columns are rounds or noise levels; all is kept", async () => {
    const output = await outputOf("paths", 320);
    const { page } = notebook;
    const by = page.getByRole("combobox", { name: "Compute counted as" });
    await notebook.render(output);
    await notebook.receive({ type: "gone", run: output.record.id, reason: "No kernel is running." });
    expect(await by.locator("[value=seconds]").isDisabled()).toBe(true);
    const ends = output.record.rounds.map(({ index }) => 250 * index);
    const status = { milliseconds: 900, live: true, ends } as const;
    await notebook.receive({ type: "snapshot", output, sequence: 1, status });
    await by.selectOption("seconds");
    await expect.poll(() => notebook.text(".axis-name")).toBe("s");
    const rounds = await pixels(".tree canvas");
    await page.getByRole("button", { name: "log" }).click();
    await expect.poll(() => notebook.text(".axis-name")).toBe("s, log");
    await page.getByRole("button", { name: "log" }).click();
    await expect.poll(() => pixels(".tree canvas")).toBe(rounds);
    await page.getByRole("combobox", { name: "Columns of the tree" }).selectOption("level");
    await expect.poll(() => pixels(".tree canvas")).not.toBe(rounds);
    const levels = await pixels(".tree canvas");
    await page.evaluate(() => (globalThis as any).renderer.disposeOutputItem("1"));
    await notebook.render(output, "2");
    await notebook.receive({ type: "snapshot", output, sequence: 1, status });
    await expect.poll(() => notebook.text(".axis-name")).toBe("s");
    await expect.poll(() => pixels(".tree canvas")).toBe(levels);
    // Nobody knows the seconds any more: the axis counts something else, and says so.
    await page.evaluate(() => (globalThis as any).renderer.disposeOutputItem("2"));
    await notebook.render(output, "3");
    await expect.poll(() => notebook.text(".axis-name")).toBe("NFE");
    expect(await by.inputValue()).toBe("nfe");
    expect(await notebook.text(".notes")).toContain("Seconds are in no record");
    expect(await notebook.text(".notes")).toContain("the axis counts NFE.");
    expect(notebook.complaints).toEqual([]);
  });

  test("colours are those of the verifier that is chosen, in every picture, and are kept; the best stays the best", async () => {
    await notebook.live(three);
    const { page } = notebook;
    const by = page.getByRole("combobox", { name: "Colour by" });
    expect(await by.locator("option").allInnerTexts()).toEqual(["alignment", "judge-concept"]);
    const scale = (): Promise<string[]> => page.locator(".key .number").allInnerTexts();
    const range = (name: string): string[] => {
      const scores = three.record.candidates.flatMap(({ scores }) => scores[name] ?? []);
      return [Math.min(...scores), Math.max(...scores)].map((score) => score.toFixed(3));
    };
    expect(await scale()).toEqual(range("alignment"));
    const [tree, trace] = [await pixels(".tree canvas"), await pixels(".trace canvas")];
    await tab("Branches").click();
    const branches = await pixels(".branches canvas");
    await by.selectOption("judge-concept");
    await expect.poll(scale).toEqual(range("judge-concept"));
    await expect.poll(() => pixels(".branches canvas")).not.toBe(branches);
    await tab("Tree").click();
    await expect.poll(() => pixels(".tree canvas")).not.toBe(tree);
    expect(await pixels(".trace canvas")).toBe(trace);
    expect(await notebook.text(".side-title")).toContain(`Best so far · ${three.record.best}`);
    const judged = await pixels(".tree canvas");
    await page.evaluate(() => (globalThis as any).renderer.disposeOutputItem("1"));
    await notebook.render(three, "2");
    await expect.poll(() => by.inputValue()).toBe("judge-concept");
    await expect.poll(() => pixels(".tree canvas")).toBe(judged);
    expect(await notebook.leaked()).toEqual([]);
    expect(notebook.complaints).toEqual([]);
  });

  test("the table is the pictures in words: each candidate, in the order that is pressed; a row selects", async () => {
    await notebook.live(three);
    const { page } = notebook;
    await tab("Table").click();
    const rows = () => page.locator(".candidates tbody tr").allInnerTexts();
    await expect.poll(async () => (await rows()).length).toBe(13);
    const { candidates, best } = three.record;
    const cells = (await rows()).map((row) => row.split("\t"));
    const byScore = [...candidates].sort(
      (a, b) => (b.scores["alignment"] ?? -1) - (a.scores["alignment"] ?? -1),
    );
    expect(cells.map(([id]) => id)).toEqual(byScore.map(({ id }) => id));
    expect(cells[0]![0]).toBe(best);
    const first = byScore[0]!;
    const said = [first.scores["alignment"], first.scores["judge-concept"]].map((score) => score!.toFixed(3));
    expect(cells[0]).toEqual([
      best,
      ...said,
      String(first.round),
      "around",
      first.parents[0],
      "1 to 0",
      "kept",
      "8",
    ]);
    expect(cells.at(-1)).toEqual([
      "r0-c0",
      "none",
      "none",
      "0",
      "noise",
      "noise",
      "1 to 1",
      "not decided yet",
      "0",
    ]);
    await page.getByRole("columnheader", { name: "round" }).getByRole("button").press("Enter");
    await expect.poll(async () => (await rows())[0]).toMatch(/^r0-c0/);
    await page.getByRole("columnheader", { name: "round" }).getByRole("button").press("Enter");
    await expect.poll(async () => (await rows())[0]).toMatch(/^r3-c0/);
    expect(await page.locator("[aria-sort=descending]").getAttribute("data-column")).toBe("round");
    await page.getByRole("button", { name: "r2-c1", exact: true }).click();
    await expect.poll(() => notebook.text(".side-title")).toContain("r2-c1");
    expect(await page.locator("tr[aria-selected=true]").getAttribute("data-candidate")).toBe("r2-c1");
    await page.getByRole("button", { name: "Filter" }).click();
    await page.getByRole("searchbox").fill("r1-");
    await expect.poll(() => notebook.text(".candidates caption")).toBe("4 candidates");
    expect(await notebook.leaked()).toEqual([]);
    expect(notebook.complaints).toEqual([]);
  });

  test("the twin of the traces has the particles' effective size and ancestors, where there are any", async () => {
    const heads = (): Promise<string[]> => notebook.page.locator(".unseen th[scope=col]").allTextContents();
    await notebook.live(three);
    expect(await heads()).toEqual([
      ...["Round", "NFE", "Best so far"],
      ...["alignment, searched", "judge-concept, held out"],
    ]);
    const output = await outputOf("feynmanKac");
    await notebook.render(output, "2");
    expect((await heads()).slice(-3)).toEqual(["Particles", "Effective sample size", "Unique ancestors"]);
    const { particles } = output.record.rounds.at(-1)!;
    const last = notebook.page.locator(".unseen tbody tr").last().locator("td");
    expect((await last.allTextContents()).slice(-3)).toEqual([
      String(particles!.count),
      String(Math.round(particles!.ess * 10) / 10),
      String(particles!.ancestors),
    ]);
  });

  test("in the gallery a preview says at which level it is, behind the final images", async () => {
    await notebook.render(await outputOf("halving"));
    await tab("Gallery").click();
    const cards = notebook.page.locator(".card");
    await expect.poll(() => cards.count()).toBe(16);
    const levels = await cards.evaluateAll((all) =>
      all.map((card) => card.querySelector(".at")?.textContent ?? "final"),
    );
    expect(levels.slice(0, 4)).toEqual(["final", "final", "final", "final"]);
    expect(new Set(levels.slice(4))).toEqual(new Set(["at 0.5", "at 0.75"]));
  });

  test("the filter finds by id, status and score, and says how many pass", async () => {
    await notebook.live(three);
    await notebook.page.getByRole("button", { name: "Filter" }).click();
    const count = notebook.page.locator(".filter .muted");
    await notebook.page.getByRole("searchbox").fill("r2-");
    await expect.poll(() => count.innerText()).toBe("4 of 12");
    await notebook.page.keyboard.press("Enter");
    const second = three.record.candidates.filter(({ round }) => round === 2);
    const best = Math.max(...second.map(({ scores }) => scores["alignment"]!));
    const { id } = second.find(({ scores }) => scores["alignment"] === best)!;
    await expect.poll(() => notebook.text(".side-title")).toContain(id);
    expect(await notebook.page.locator("[role=status]").textContent()).toMatch(
      new RegExp(`^${id}, .*alignment .*. 4 of 12 pass.$`),
    );
    await notebook.page.getByRole("combobox", { name: "Status" }).selectOption("kept");
    await expect.poll(() => count.innerText()).toBe("1 of 12");
    await tab("Gallery").click();
    await expect.poll(() => notebook.page.locator(".card").count()).toBe(1);
    await notebook.page.getByLabel("At noise levels").fill("0.9 to 0.5");
    await expect.poll(() => count.innerText()).toBe("1 of 12, levels 0.9 to 0.5");
    await notebook.page.getByLabel("At least as good as").fill("99");
    await expect.poll(() => notebook.text(".gallery")).toBe("No candidate passes the filter.");
  });

  test("two candidates side by side: slider, difference, scores of both", async () => {
    await notebook.live(three);
    await tab("Gallery").click();
    await notebook.page
      .locator(".card")
      .nth(2)
      .click({ modifiers: ["Shift"] });
    const compare = notebook.page.locator(".compare");
    await expect.poll(() => compare.isVisible()).toBe(true);
    const names = await notebook.page.locator(".scores thead th").allInnerTexts();
    expect(names.slice(1)).toEqual([three.record.best, expect.stringMatching(/^r\d/), "rank"]);
    expect(await notebook.text(".notes-side")).not.toContain("Gains");
    const half = await pixels(".compare canvas");
    await compare.getByRole("slider").focus();
    await notebook.page.keyboard.press("End");
    await expect.poll(() => pixels(".compare canvas")).not.toBe(half);
    await compare.getByRole("button", { name: "difference" }).click();
    expect(await notebook.text(".compare-side .muted")).toMatch(/% apart on average$/);
    await notebook.page.keyboard.press("Escape");
    await expect.poll(() => compare.count()).toBe(0);
  });

  test("by keys alone: with Shift the arrows choose whom the shown one is compared with, and it is said", async () => {
    await notebook.live(three);
    const { keyboard } = notebook.page;
    for (const view of ["Tree", "Branches"]) {
      await tab(view).click();
      await notebook.page.locator(`.${view.toLowerCase()} [role=treeitem][tabindex='0']`).focus();
      const name = (i: number) => notebook.page.locator(".scores thead th").nth(i).innerText();
      // Without a pause: each of them goes on from where the last one led.
      for (const key of ["Home", "Shift+ArrowRight", "Shift+ArrowDown"]) await keyboard.press(key);
      await expect.poll(() => notebook.page.locator(".scores thead th").count()).toBe(4);
      expect([await name(1), await name(2)]).toEqual(["r0-c0", expect.stringMatching(/^r1-c\d$/)]);
      const said = await notebook.page.locator("[role=status]").textContent();
      expect(said).toMatch(new RegExp(`^Compared with ${await name(2)}, alignment 0\\.\\d+, `));
      await keyboard.press("Escape");
    }
    expect(await notebook.leaked()).toEqual([]);
  });

  test("without a kernel the strip says what previews need, and asks for nothing", async () => {
    await notebook.render(three);
    await notebook.receive({ type: "gone", run: "fixture", reason: "No kernel is running." });
    await expect
      .poll(() => notebook.page.locator(".strip-label").getAttribute("title"))
      .toMatch(/need the model: run the cell/);
    expect(await notebook.text(".strip-note")).toMatch(/need the model: run the cell/);
    await notebook.page.waitForTimeout(300);
    expect(await notebook.page.evaluate(() => (globalThis as any).sent)).toEqual([
      { type: "ready", run: "fixture" },
    ]);
  });
});

describe("a candidate closely", () => {
  test("details: all that makes it again, and its ancestors, who can be gone to", async () => {
    await notebook.live(three);
    const { page } = notebook;
    const details = page.locator(".side details");
    expect(await details.locator("dl").isVisible()).toBe(false);
    await details.locator("summary").click();
    const rows = async (): Promise<Record<string, string>> => {
      const [names, values] = [
        await details.locator("dt").allInnerTexts(),
        await details.locator("dd").allInnerTexts(),
      ];
      return Object.fromEntries(names.map((name, i) => [name, values[i]!]));
    };
    const best = three.record.candidates.find(({ id }) => id === three.record.best)!;
    expect(await rows()).toMatchObject({
      "made by": "around",
      "noise levels": "1 to 0",
      cost: "8 NFE, 16 forwards, 2 verifier calls",
      seed: "7 copy",
      "noise key": `${best.key} copy`,
      parameters: "neighbours 4, similarity 0.95",
      sampler: "euler, 8 steps, guidance 2",
      model: "emoji 1",
    });
    await page.evaluate(() =>
      (globalThis as any).addEventListener("copy", (event: any) => {
        (globalThis as any).copied = event.composedPath()[0].value;
      }),
    );
    await page.getByRole("button", { name: "Copy key" }).click();
    expect(await page.evaluate(() => (globalThis as any).copied)).toBe(best.key);
    await page.getByRole("button", { name: "Copy seed" }).click();
    expect(await page.evaluate(() => (globalThis as any).copied)).toBe("7");
    await details.getByRole("button", { name: best.parents[0]!, exact: true }).click();
    await expect.poll(() => notebook.text(".side-title")).toContain(best.parents[0]!);
    expect(await details.locator("dl").isVisible()).toBe(true);
    expect(notebook.complaints).toEqual([]);
  });

  test("pressed, its picture lies over the plots in whole multiples of its pixels, is asked for whole, and follows the selection", async () => {
    await notebook.live(three);
    const { page } = notebook;
    const small = page.locator(".side .picture");
    expect(await small.locator("canvas").evaluate((one: any) => one.clientWidth / one.width)).toBe(4);
    await small.click();
    const large = page.locator(".enlarged");
    await expect.poll(() => large.isVisible()).toBe(true);
    const times = await large.locator("canvas").evaluate((one: any) => one.clientWidth / one.width);
    expect(Number.isInteger(times) && times > 6).toBe(true);
    expect(await large.innerText()).toContain(`32 × 32 pixels, × ${times}`);
    await expect.poll(async () => (await notebook.looks()).includes(`${three.record.best}@full`)).toBe(true);
    const best = await pixels(".enlarged canvas");
    await page.locator(".side summary").click();
    await page.locator(".ancestry .link").last().click();
    await expect.poll(() => pixels(".enlarged canvas")).not.toBe(best);
    await large.getByRole("button", { name: "pixel scale" }).click();
    expect(await large.locator("canvas").evaluate((one: any) => one.clientWidth)).toBe(32);
    await page.keyboard.press("Escape");
    await expect.poll(() => large.isVisible()).toBe(false);
    expect(await small.evaluate((one: any) => one.matches(":focus"))).toBe(true);
    expect(await notebook.leaked()).toEqual([]);
    expect(notebook.complaints).toEqual([]);
  });
});

describe("zoom", () => {
  const box = async () => (await notebook.page.locator(".tree").boundingBox())!;
  const marks = (): Promise<string> =>
    notebook.page
      .locator(".trace .tick.x")
      .allInnerTexts()
      .then((texts) => texts.join(" "));

  test("pinching, dragging and keys move tree and traces together; a drag selects nothing; Escape shows all again", async () => {
    await notebook.live(three);
    const { page } = notebook;
    const whole = [await pixels(".tree canvas"), await marks()];
    const { x, y, width, height } = await box();
    await page.mouse.move(x + width * 0.3, y + height / 2);
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -200);
    await page.keyboard.up("Control");
    await expect.poll(marks).not.toBe(whole[1]);
    const closer = [await pixels(".tree canvas"), await marks()];
    await page.mouse.move(x + width * 0.5, y + 8);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.3, y + 8, { steps: 4 });
    await page.mouse.up();
    await expect.poll(marks).not.toBe(closer[1]);
    expect(await pixels(".tree canvas")).not.toBe(closer[0]);
    expect(await notebook.text(".side-title")).toContain("Best so far");
    await page.locator("[role=treeitem][tabindex='0']").focus();
    await page.keyboard.press("Escape");
    await expect.poll(marks).toBe(whole[1]);
    expect(await pixels(".tree canvas")).toBe(whole[0]);
    await page.keyboard.press("+");
    await expect.poll(marks).not.toBe(whole[1]);
    await page.keyboard.press("0");
    await expect.poll(marks).toBe(whole[1]);
    expect(notebook.complaints).toEqual([]);
  });

  test("buttons do the same for those without a wheel; only the tree has them", async () => {
    await notebook.live(three);
    const zoom = notebook.page.getByRole("group", { name: "Zoom along compute" });
    const whole = await marks();
    await zoom.getByText("+").click();
    await expect.poll(marks).not.toBe(whole);
    await zoom.getByText("−").click();
    await expect.poll(marks).toBe(whole);
    expect(await zoom.getByText("−").isDisabled()).toBe(true);
    await tab("Gallery").click();
    await expect.poll(() => zoom.isVisible()).toBe(false);
  });

  test("who is selected by keys comes into sight", async () => {
    await notebook.live(three);
    const { page } = notebook;
    await page.locator("[role=treeitem][tabindex='0']").focus();
    await page.keyboard.press("End");
    for (let i = 0; i < 3; i++) await page.keyboard.press("+");
    await page.keyboard.press("Home");
    const tree = await box();
    const ring = page.locator(".ring.selected").first();
    await expect.poll(async () => (await ring.boundingBox())!.x).toBeGreaterThan(tree.x - 1);
    expect((await ring.boundingBox())!.x).toBeLessThan(tree.x + tree.width);
  });

  test("so close that a strip of colours has room, thumbnails come", async () => {
    await notebook.live(makeOutput({ algorithm: "random", rounds: 4, perRound: 400 }));
    const { page } = notebook;
    const colours = (): Promise<number> =>
      page.locator(".tree canvas").evaluate((canvas: any) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size;
      });
    const before = await colours();
    const { x, y, width, height } = await box();
    await page.mouse.move(x + width * 0.4, y + height / 2);
    await page.keyboard.down("Control");
    for (let i = 0; i < 4; i++) await page.mouse.wheel(0, -150);
    await page.keyboard.up("Control");
    // Score colours are of one scale, pictures have thousands.
    await expect.poll(colours).toBeGreaterThan(2 * before + 5000);
  });
});

test("the filter lets one round through, and all again", async () => {
  await notebook.live(three);
  const { page } = notebook;
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByLabel("Of round").fill("2");
  await expect.poll(() => notebook.text(".filter .muted")).toBe("4 of 12");
  await page.getByRole("button", { name: "show all" }).click();
  await expect.poll(() => page.getByLabel("Of round").inputValue()).toBe("");
  await page.getByRole("button", { name: "Filter" }).click();
  expect(await notebook.text(".filter .muted")).toBe("12 of 12");
});

test("dropped subtrees fold behind a glyph, which unfolds them again", async () => {
  await notebook.live(three);
  const { page } = notebook;
  const before = await pixels(".tree canvas");
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByLabel("fold dropped").check();
  await expect.poll(() => notebook.text(".filter .muted")).toBe("12 of 12, 9 folded");
  const folded = await pixels(".tree canvas");
  expect(folded).not.toBe(before);
  const tree = page.locator(".tree");
  const { width, height } = (await tree.boundingBox())!;
  // Glyphs stand in the rounds' columns: one is met on the way.
  for (let y = 6; y < height && (await page.getByLabel("fold dropped").isChecked()); y += 10)
    for (
      let x = width * 0.2;
      x < width * 0.75 && (await page.getByLabel("fold dropped").isChecked());
      x += 16
    )
      await tree.click({ position: { x, y } });
  expect(await page.getByLabel("fold dropped").isChecked()).toBe(false);
  expect(notebook.complaints).toEqual([]);
});

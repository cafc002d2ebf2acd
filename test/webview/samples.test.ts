import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { parseSamples, SamplesError } from "../../webview/samples/parseSamples.js";
import emoji from "./fixtures/emoji.json";
import { NotebookPages, type NotebookPage } from "./helpers/notebookPage.js";

let pages: NotebookPages;
let notebook: NotebookPage;
beforeAll(async () => (pages = await NotebookPages.launch("webview/samples/renderer.ts")), 180_000);
afterAll(() => pages?.close());
beforeEach(async () => (notebook = await pages.open()));
afterEach(() => notebook.close());

const { side, columns, png } = emoji;
const seeds = ["3", "18446744073709551615", "5", "6", "7"];
const chunk = { ids: seeds.map((_, i) => String(i)), tile: [side, side], columns, png };
const output = { version: 1, count: 5, size: [side, side], seeds, atlas: [chunk] };

const tile = (seed: string) => notebook.page.getByRole("button", { name: `Seed ${seed}`, exact: true });
const widths = (selector: string): Promise<number[]> =>
  notebook.page.locator(selector).evaluateAll((all) => all.map((one: any) => one.clientWidth));

describe("images of a cell", () => {
  test("stand side by side with their seeds, each pixel as wide as the others; a seed copies itself", async () => {
    await notebook.render(output);
    const { page } = notebook;
    expect(await notebook.text(".samples-head")).toMatch(/^5 images · 32 × 32\s/);
    expect(await page.locator(".seed").allInnerTexts()).toEqual(seeds);
    expect(await widths(".tile canvas")).toEqual(seeds.map(() => 3 * side));
    await page.evaluate(() =>
      (globalThis as any).addEventListener("copy", (event: any) => {
        (globalThis as any).copied = event.composedPath()[0].value;
      }),
    );
    await page.getByRole("button", { name: `Copy seed ${seeds[1]}` }).click();
    expect(await page.evaluate(() => (globalThis as any).copied)).toBe(seeds[1]);
    expect(await page.locator("[role=status]").textContent()).toBe(`Seed ${seeds[1]} copied.`);
    expect(notebook.complaints).toEqual([]);
  });

  test("grow and shrink by whole multiples; the pressed one is large until Escape; keys stay here", async () => {
    await notebook.render(output);
    const { page } = notebook;
    await page.getByRole("button", { name: "Larger" }).click();
    expect(new Set(await widths(".tile canvas"))).toEqual(new Set([4 * side]));
    for (const name of ["Smaller", "Smaller"]) await page.getByRole("button", { name }).click();
    expect(new Set(await widths(".tile canvas"))).toEqual(new Set([2 * side]));
    await tile("3").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    const large = page.locator(".chosen");
    expect(await large.innerText()).toContain(`Seed ${seeds[1]}`);
    expect(await widths(".chosen canvas")).toEqual([8 * side]);
    const pixels = (): Promise<string> => large.locator("canvas").evaluate((one: any) => one.toDataURL());
    const second = await pixels();
    await page.keyboard.press("End");
    await expect.poll(() => large.innerText()).toContain("Seed 7");
    expect(await pixels()).not.toBe(second);
    expect(await tile("7").getAttribute("aria-pressed")).toBe("true");
    await page.keyboard.press("d");
    await page.keyboard.press("Escape");
    expect(await large.isHidden()).toBe(true);
    expect(await page.locator(".tile[tabindex='0'], .seed[tabindex='0']").count()).toBe(2);
    expect(await notebook.leaked()).toEqual([]);
  });

  test("of more than are shown, or without seeds, say so", async () => {
    const { seeds: _seeds, ...without } = { ...output, count: 100, size: [512, 512] };
    await notebook.render(without);
    expect(await notebook.text(".samples-head")).toMatch(/^100 images · 512 × 512 · first 5\s/);
    expect(await notebook.page.locator(".seed").count()).toBe(0);
    expect(await notebook.page.getByRole("button", { name: "Image 2" }).count()).toBe(1);
  });
});

describe("what is no such output", () => {
  test.each([
    [null, "the output should be an object"],
    [{ ...output, version: 2 }, "version should be 1"],
    [{ ...output, atlas: [{ ...chunk, png: "PHN2Zz4=" }] }, "atlas should be 1 to 4096 PNG images"],
    [{ ...output, atlas: [] }, "atlas should be"],
  ])("is refused with a sentence: %#", (value, sentence) => {
    expect(() => parseSamples(value)).toThrow(SamplesError);
    expect(() => parseSamples(value)).toThrow(sentence);
  });

  test("seeds that are none are left out, counts that make no sense are counted anew; nothing is executed or asked for", async () => {
    const evil = `"><img src="http://evil.invalid/x" onerror="globalThis.hit = 1">`;
    expect(parseSamples({ ...output, seeds: [evil, ...seeds.slice(1)] }).seeds).toBeUndefined();
    expect(parseSamples({ ...output, count: -3, size: ["a", NaN] })).toMatchObject({
      count: 5,
      size: [side, side],
    });
    await notebook.render({ ...output, seeds: seeds.map(() => evil), size: [evil, evil], more: evil });
    expect(await notebook.page.locator("#output img").count()).toBe(0);
    await notebook.render({ version: 1, atlas: evil }, "2");
    expect(await notebook.text(".dnb-refused")).toMatch(/^These images cannot be drawn: atlas should be/);
    expect(await notebook.page.evaluate(() => (globalThis as any).hit)).toBeUndefined();
    expect(notebook.complaints).toEqual([]);
  });
});

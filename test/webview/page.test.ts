import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../harness/browser.mjs";
import { makeOutput } from "./fixtures/records.js";
import { servePage } from "./helpers/servePage.mjs";

let browser: Browser;
let script: string;
beforeAll(async () => {
  const entryPoints = ["webview/page.ts"];
  const loader = { ".css": "text" } as const;
  const built = await build({
    ...{ bundle: true, write: false, format: "iife", globalName: "dnb", target: "es2022" },
    ...{ loader, entryPoints },
  });
  script = built.outputFiles[0]!.text;
  browser = await launchBrowser();
}, 180_000);
afterAll(() => browser?.close());

const complaints: string[] = [];

async function open(options: Parameters<Browser["newPage"]>[0]): Promise<Page> {
  const page = await browser.newPage(options);
  page.on("pageerror", (error) => complaints.push(error.message));
  await servePage(page, {}, (url) => complaints.push(`asked the network for ${url}`));
  await page.addScriptTag({ content: script });
  const output = makeOutput({ algorithm: "zero-order", rounds: 8, perRound: 4 });
  await page.evaluate((output) => {
    const { dnb, document } = globalThis as any;
    dnb.renderSearch(document.querySelector("#output"), output);
  }, output);
  return page;
}

/** Mean brightness of a canvas over the page's background, 0..1. */
const brightness = (page: Page): Promise<number> =>
  page
    .locator(".trace canvas")
    .first()
    .evaluate((canvas: any) => {
      const { getComputedStyle, document } = globalThis as any;
      const copy = canvas.cloneNode();
      const context = copy.getContext("2d");
      context.fillStyle = getComputedStyle(document.body).backgroundColor;
      context.fillRect(0, 0, copy.width, copy.height);
      context.drawImage(canvas, 0, 0);
      const { data } = context.getImageData(0, 0, copy.width, copy.height);
      let sum = 0;
      for (let i = 0; i < data.length; i++) if (i % 4 < 3) sum += data[i];
      return sum / ((data.length / 4) * 3 * 255);
    });

test("a dark page is printed on white paper, its pictures too, without buttons; on the screen it is as before", async () => {
  const page = await open({ viewport: { width: 1000, height: 800 }, colorScheme: "dark" });
  await expect.poll(() => brightness(page)).toBeLessThan(0.3);
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await expect.poll(() => brightness(page)).toBeGreaterThan(0.85);
  for (const control of [".export", ".zoom", ".caption-end .link"])
    expect(await page.locator(control).first().isVisible(), control).toBe(false);
  expect(await page.locator(".scores").isVisible()).toBe(true);
  await page.emulateMedia({ media: "screen", colorScheme: "dark" });
  await expect.poll(() => brightness(page)).toBeLessThan(0.3);
  expect(complaints).toEqual([]);
});

test("at 200 % zoom nothing is cut off or needs sideways scrolling", async () => {
  const page = await open({ viewport: { width: 640, height: 480 }, deviceScaleFactor: 2 });
  const wide = await page.evaluate(
    `document.documentElement.scrollWidth - document.documentElement.clientWidth`,
  );
  expect(wide).toBe(0);
  for (const part of [".title", ".pill", ".tree", ".trace", ".scores", ".export"]) {
    const box = (await page.locator(part).first().boundingBox())!;
    expect(box.x, part).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width, part).toBeLessThanOrEqual(640);
  }
});

test("whoever wants less motion sees none", async () => {
  const page = await open({ reducedMotion: "reduce" });
  const moving = await page.locator(".dnb-search").evaluate(
    (host: any) =>
      [...host.shadowRoot.querySelectorAll("*")].filter((element) => {
        const { transitionDuration, animationName } = (globalThis as any).getComputedStyle(element);
        return (
          animationName !== "none" ||
          transitionDuration.split(", ").some((time: string) => parseFloat(time) > 0)
        );
      }).length,
  );
  expect(moving).toBe(0);
});

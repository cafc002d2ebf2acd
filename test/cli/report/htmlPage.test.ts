import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { encode } from "fast-png";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { htmlPage } from "../../../src/cli/report/htmlPage.js";
import type { Notebook, OutputItem } from "../../../src/document/notebook.js";
import { launchBrowser } from "../../harness/browser.mjs";
import { makeOutput } from "../../webview/fixtures/records.js";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "dnb-page-")));
let browser: Browser;
beforeAll(async () => (browser = await launchBrowser()), 180_000);
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

const script = readFileSync("dist/page.js", "utf8");
const picture = (width: number, height: number): Uint8Array =>
  encode({ width, height, channels: 1, data: new Uint8Array(width * height).fill(90) });
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

const EVIL = `"></script><script>globalThis.hit = 1</script><img src=x onerror="globalThis.hit = 1"><a href="javascript:globalThis.hit = 1">x</a>`;

/** Markdown with pictures, a search, a wide and a tall picture, a chart, text that is hostile. */
function notebook(): Notebook {
  mkdirSync(join(folder, "images"), { recursive: true });
  writeFileSync(join(folder, "images/a.png"), picture(3000, 40));
  const rows = Array.from(
    { length: 12 },
    (_, i) => `| ${i} | a rather long text of the table in its row ${i} |`,
  );
  const text = `# Title\n\n![wide](images/a.png) ![remote](http://evil.invalid/x.png)\n\n| n | text |\n|---|---|\n${rows.join("\n")}\n\n> quoted\n\n${EVIL}\n\n[js](javascript:globalThis.hit=1)`;
  const search = { json: makeOutput({ algorithm: "zero-order", rounds: 8, perRound: 4 }) };
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="300" onload="globalThis.hit=1"><script>globalThis.hit = 1</script></svg>';
  const outputs: OutputItem[] = [
    { mime: "application/vnd.dnb.search+json", ...search, extra: {} },
    { mime: "image/png", base64: base64(picture(2500, 30)), extra: {} },
    { mime: "image/png", base64: base64(picture(60, 4000)), extra: {} },
    { mime: "image/svg+xml", text: svg, extra: {} },
    { mime: "text/plain", text: EVIL, extra: {} },
    { mime: "text/html", text: EVIL, extra: {} },
  ];
  const cell = (kind: "code" | "markdown", id: string, source: string, items: readonly OutputItem[]) => ({
    ...{ kind, id, source: source.split("\n"), extra: {} },
    outputs: items.map((item) => ({ items: [item], extra: {} })),
  });
  return {
    dnb: 1,
    meta: { title: `A <title>${EVIL}` },
    cells: [cell("markdown", "text", text, []), cell("code", "code", `// ${EVIL}`, outputs)],
    extra: {},
  };
}

/** The page as a file, in a browser without a network; `complaints`: what it wanted of one, and what went wrong. */
async function open(
  options: Parameters<Browser["newPage"]>[0] = {},
): Promise<{ page: Page; complaints: string[] }> {
  const file = join(folder, "page.html");
  writeFileSync(file, await htmlPage(notebook(), { name: "nb.dnb", folder, script }));
  const complaints: string[] = [];
  const page = await browser.newPage(options);
  await page.context().setOffline(true);
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("request", (request) => {
    const url = request.url();
    if (!/^(?:data|blob):/.test(url) && url !== pathToFileURL(file).href) complaints.push(`asked for ${url}`);
  });
  await page.goto(pathToFileURL(file).href);
  return { page, complaints };
}

describe("a page that stands alone", () => {
  test("shows everything, stays interactive, and asks nothing of the network", async () => {
    const { page, complaints } = await open({ viewport: { width: 1000, height: 900 } });
    expect(await page.title()).toBe(`A <title>${EVIL}`);
    expect(await page.locator("h1").innerText()).toBe("Title");
    expect(await page.locator(".markdown td").count()).toBe(24);
    expect(await page.locator("blockquote").innerText()).toBe("quoted");
    expect(await page.locator(".missing").innerText()).toContain("http://evil.invalid/x.png is not loaded");
    const pictures = await page
      .locator("img")
      .evaluateAll((all: any[]) => all.map(({ naturalWidth }) => naturalWidth as number));
    expect(pictures).toEqual([3000, 2500, 60, 2000]);

    const title = page.locator(".side-title").first();
    const before = await title.innerText();
    await page
      .locator(".tree")
      .first()
      .click({ position: { x: 60, y: 100 } });
    await expect.poll(() => title.innerText(), { timeout: 10_000 }).not.toBe(before);
    await page.locator("[data-view=gallery]").click();
    await expect.poll(() => page.locator(".gallery").isVisible(), { timeout: 10_000 }).toBe(true);
    await page.locator("a").evaluateAll((all: any[]) => all.forEach((link) => link.click()));
    expect(await page.evaluate("globalThis.hit")).toBeUndefined();
    expect(complaints).toEqual([]);
    await page.close();
  });

  test("is printed with every picture whole", async () => {
    // A4 less its margins, in CSS pixels.
    const paper = {
      width: Math.floor(((210 - 28) / 25.4) * 96),
      height: Math.floor(((297 - 28) / 25.4) * 96),
    };
    const { page, complaints } = await open({ viewport: paper, colorScheme: "dark" });
    await page.emulateMedia({ media: "print" });
    const boxes = await page.locator("img, canvas, td, pre, .search").evaluateAll((all: any[]) =>
      all.map((element) => {
        const { left, right, height } = element.getBoundingClientRect();
        return { what: element.className || element.tagName, left, right, height };
      }),
    );
    expect(boxes.length).toBeGreaterThan(30);
    for (const { what, left, right, height } of boxes) {
      expect(left, what).toBeGreaterThanOrEqual(0);
      expect(right, what).toBeLessThanOrEqual(paper.width + 0.5);
      expect(height, what).toBeLessThanOrEqual(paper.height);
    }
    const pdf = await page.pdf({ format: "A4", preferCSSPageSize: true });
    const text = pdf.toString("latin1");
    expect(text.startsWith("%PDF-")).toBe(true);
    expect(text.match(/\/Type \/Page\b/g)?.length).toBeGreaterThanOrEqual(2);
    expect(text.match(/\/Subtype \/Image/g)?.length).toBeGreaterThanOrEqual(3);
    expect(complaints).toEqual([]);
    await page.close();
  });
});

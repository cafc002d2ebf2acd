import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../harness/browser.mjs";
import { makeOutput } from "./fixtures/records.js";
import { themes } from "./fixtures/themes.mjs";
import { dress } from "./helpers/dress.mjs";
import { servePage } from "./helpers/servePage.mjs";

/** The built panel in a real browser, with an editor around it that keeps what it is sent. */
let browser: Browser;
let script: string;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  const built = await build({
    ...{ bundle: true, write: false, format: "iife", target: "es2022", minify: true },
    loader: { ".css": "text" },
    entryPoints: ["webview/ui/inspector.ts"],
  });
  script = built.outputFiles[0]!.text;
  browser = await launchBrowser();
}, 180_000);
afterAll(() => browser?.close());
afterEach(() => page?.close());

const hacked = makeOutput({
  ...{ algorithm: "zero-order", rounds: 8, perRound: 4, done: 5, state: "paused" },
  hacked: true,
});

async function open(output: unknown, width = 1400, height = 800): Promise<void> {
  page = await browser.newPage({ viewport: { width, height } });
  complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await servePage(page, { "/inspector.js": script }, (url) => complaints.push(`asked for ${url}`));
  await dress(page, themes.light);
  await page.addStyleTag({ content: "body { margin: 0 }" });
  await page.evaluate(() => {
    const global = globalThis as any;
    global.sent = [];
    global.acquireVsCodeApi = () => ({ postMessage: (message: unknown) => global.sent.push(message) });
  });
  await page.addScriptTag({ url: "/inspector.js" });
  await tell({ type: "open", output });
}

/** As the editor posts it. */
const tell = (message: unknown): Promise<void> =>
  page.evaluate(
    (message) =>
      new Promise<void>((heard) => {
        const global = globalThis as any;
        global.addEventListener("message", () => setTimeout(heard), { once: true });
        global.postMessage(message, "*");
      }),
    message,
  );
const snapshot = (output: unknown) =>
  ({ type: "snapshot", output, sequence: 1, status: { milliseconds: 900, live: true } }) as const;
const text = (selector: string): Promise<string> => page.locator(selector).first().innerText();

test.each([
  [560, 800],
  [760, 800],
  [1000, 620],
  [1400, 800],
])(
  "at %i by %i pixels no part lies over another, and nothing is wider than the window",
  async (width, height) => {
    await open(hacked, width, height);
    await tell(snapshot(hacked));
    await expect.poll(() => page.locator(".trace canvas").count()).toBeGreaterThan(0);
    const wide = await page.evaluate(
      `document.documentElement.scrollWidth - document.documentElement.clientWidth`,
    );
    expect(wide).toBe(0);
    const parts = [
      ".head",
      ".caption",
      ".filter",
      ".branches",
      ".tree",
      ".trace",
      ".notes",
      ".side",
      ".gallery",
      ".strip",
    ];
    const boxes = await Promise.all(
      parts.map(async (part) => ({ part, ...(await page.locator(part).first().boundingBox())! })),
    );
    for (const [i, one] of boxes.entries())
      for (const other of boxes.slice(i + 1)) {
        const across = Math.min(one.x + one.width, other.x + other.width) - Math.max(one.x, other.x);
        const down = Math.min(one.y + one.height, other.y + other.height) - Math.max(one.y, other.y);
        // In its own column the gallery scrolls behind the strip.
        const isScrolled = one.part === ".gallery" && other.part === ".strip";
        expect(
          isScrolled || across <= 1 || down <= 1,
          `${one.part} over ${other.part}: ${across} by ${down}`,
        ).toBe(true);
      }
    const fields = await page
      .locator(".filter > *")
      .evaluateAll((all) =>
        all.map((one: any) =>
          (one.shadowRoot?.querySelector(".root, .control") ?? one).getBoundingClientRect().toJSON(),
        ),
      );
    fields.forEach((field, i) => {
      const next = fields[i + 1];
      if (next && next.top < field.bottom && next.bottom > field.top)
        expect(field.right, `field ${i}`).toBeLessThanOrEqual(next.left + 1);
    });
    expect(complaints).toEqual([]);
  },
);

test("what a record says is text; another run's messages and nonsense change nothing; what is none is refused in words", async () => {
  const evil = `"><img src="http://evil.invalid/x" onerror="globalThis.hit = 1"><script>globalThis.hit = 1</script>`;
  const { record, atlas } = hacked;
  const hostile = {
    ...record,
    algorithm: { name: evil, options: { [evil]: evil, deep: { evil } } },
    problem: { ...record.problem, condition: evil, solver: evil },
    model: { ...record.model, name: evil },
    notices: [evil],
    verifiers: record.verifiers.map((one) => ({ ...one, name: one.name + evil })),
    candidates: record.candidates.map((one) => ({ ...one, key: evil, op: evil, failure: evil })),
  };
  await open({ record: hostile, atlas });
  await tell(snapshot({ record: hostile, atlas }));
  await expect.poll(() => text(".details")).toContain("<script>");
  for (const forbidden of ["script", "img", "a[href]", "iframe"])
    expect(await page.locator(`.dnb-search ${forbidden}`).count(), forbidden).toBe(0);
  const before = await text(".view");
  await tell(snapshot({ record: { ...record, id: "another" }, atlas }));
  await tell({ type: "gone", run: "another", reason: evil });
  expect(complaints).toEqual([]);
  for (const nonsense of [null, 5, [], { type: "delta", delta: null }, { type: "constructor" }])
    await tell(nonsense);
  expect(await text(".view")).toBe(before);
  expect(await page.evaluate("globalThis.hit")).toBeUndefined();
  await page.close();
  await open({ record: { version: 3 } });
  expect(await text("body")).toMatch(/^This result cannot be drawn: record\.version should be 1/);
  expect(complaints).toEqual([]);
});

test("the panel's own controls look for a candidate: what is typed filters, Enter shows it, Show all forgets", async () => {
  await open(hacked);
  await tell(snapshot(hacked));
  const field = page.locator("vscode-text-field[placeholder=id]").locator("input");
  const count = () => text(".filter .muted");
  await field.fill("r3-c2");
  await expect.poll(count).toBe("1 of 20");
  await field.press("Enter");
  await expect.poll(() => text(".side-title")).toContain("r3-c2");
  await page.locator("vscode-button", { hasText: "Show all" }).click();
  await expect.poll(count).toBe("20 of 20");
  expect(complaints).toEqual([]);
});

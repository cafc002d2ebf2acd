import { build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SearchOutput } from "../../src/search/record.js";
import { launchBrowser } from "../harness/browser.mjs";
import { makeOutput } from "./fixtures/records.js";
import { themes } from "./fixtures/themes.mjs";
import { dress } from "./helpers/dress.mjs";
import { servePage } from "./helpers/servePage.mjs";
import { startRenderer } from "./helpers/startRenderer.mjs";
import { processorClock } from "./helpers/stopwatch.mjs";

/** The built renderer in a real browser, with a notebook around it that records what the renderer sends. */
let browser: Browser;
let script: string;
let page: Page;
let requests: string[];
let errors: string[];

beforeAll(async () => {
  const options = {
    bundle: true,
    write: false,
    format: "esm",
    loader: { ".css": "text" },
    target: "es2022",
  } as const;
  const built = await build({ ...options, entryPoints: ["webview/renderer.ts"], minify: true });
  script = built.outputFiles[0]!.text;
  browser = await launchBrowser();
}, 180_000);
afterAll(() => browser?.close());

beforeEach(async () => {
  await page?.close();
  page = await browser.newPage({ viewport: { width: 1100, height: 700 } });
  requests = [];
  errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  await servePage(page, { "/renderer.js": script }, (url) => requests.push(url));
  await theme("light");
});

const zero = { algorithm: "zero-order", rounds: 8, perRound: 4 } as const;
const three = makeOutput({ ...zero, done: 3, state: "paused" });
const four = makeOutput({ ...zero, done: 4, state: "paused" });

const theme = (name: keyof typeof themes): Promise<void> => dress(page, themes[name]);
const open = (messaging = true): Promise<void> => startRenderer(page, messaging);

const render = (output: unknown, id = "1"): Promise<void> =>
  page.evaluate(
    ({ output, id }) => {
      const global = globalThis as any;
      const element = global.document.querySelector("#output");
      global.renderer.renderOutputItem({ id, json: () => output }, element, new AbortController().signal);
    },
    { output, id },
  );
const receive = (event: unknown): Promise<void> =>
  page.evaluate((event) => (globalThis as any).receive(event), event);
const sent = (): Promise<unknown[]> =>
  page.evaluate(() => (globalThis as any).sent.splice(0).filter(({ type }: any) => type !== "look"));
const text = (selector: string): Promise<string> => page.locator(selector).first().innerText();
const snapshot = (output: SearchOutput, sequence = 1) =>
  ({ type: "snapshot", output, sequence, status: { milliseconds: 1500, live: true } }) as const;

function delta(sequence: number) {
  const { state, best, spent, notices, candidates, rounds } = four.record;
  return {
    type: "delta",
    delta: {
      run: "fixture",
      sequence,
      head: { state, best, spent, notices },
      candidates: candidates.filter(({ round }) => round === 4),
      rounds: rounds.slice(3),
      atlas: [],
      status: { milliseconds: 2000, live: true },
    },
  };
}

describe("the renderer in a browser", () => {
  test("asks at once, grows with deltas, acts by its buttons", async () => {
    await open();
    await render(three);
    expect(await sent()).toEqual([{ type: "ready", run: "fixture" }]);
    expect(await page.locator(".actions").isHidden()).toBe(true);
    await receive(snapshot(three));
    await page.getByRole("button", { name: "Step" }).click();
    expect(await sent()).toEqual([{ type: "search", run: "fixture", action: { kind: "step", rounds: 1 } }]);
    await expect.poll(() => page.getByRole("button", { name: "Step" }).isDisabled()).toBe(true);
    await receive(delta(2));
    await expect.poll(() => text(".pill")).toBe("paused · round 4 of 8");
    expect(await text(".spent")).toBe("128 / 256 NFE · 2.0 s");
    expect(await page.locator("[role=status]").textContent()).toMatch(/^paused · round 4 of 8, best 0\.\d+$/);
    expect(await page.getByRole("button", { name: "Step" }).isEnabled()).toBe(true);
    expect([errors, requests]).toEqual([[], []]);
  });

  test("asks again after a gap, but not at each further delta", async () => {
    await open();
    await render(three);
    await receive(snapshot(three));
    await page.evaluate(() => {
      const now = Date.now;
      Date.now = () => now() + 5000;
    });
    await sent();
    await receive(delta(4));
    await receive(delta(5));
    expect(await sent()).toEqual([{ type: "ready", run: "fixture" }]);
    expect(await text(".pill")).toBe("paused · round 3 of 8");
  });

  test("no kernel: one quiet sentence, whether it says so, cannot be reached, or is silent", async () => {
    await open();
    await render(three);
    const reason = "This workspace is not trusted: what is saved is shown, nothing runs.";
    await receive({ type: "gone", run: "fixture", reason });
    await expect.poll(() => page.locator(".quiet").isVisible()).toBe(true);
    // Running the cell would not help: the reason is there to be read, not only where a pointer rests.
    expect(await text(".quiet")).toBe("Saved result.");
    expect(await text(".notes")).toBe(reason);
    expect(await page.locator(".actions").isHidden()).toBe(true);
    await open(false);
    await render(three, "2");
    expect(await page.locator(".quiet").isVisible()).toBe(true);
    await open();
    await render(three, "3");
    await expect.poll(() => page.locator(".quiet").isVisible(), { timeout: 5000 }).toBe(true);
    expect(await text(".quiet")).toBe("Saved result. Run the cell to make it live.");
  });

  test("a saved search that can be continued has Step and Run; one that has ended has not", async () => {
    await open();
    await render(three);
    await receive({ type: "gone", run: "fixture", reason: "No kernel is running.", canContinue: true });
    await expect.poll(() => page.getByRole("button", { name: "Step" }).isEnabled()).toBe(true);
    expect(await page.getByRole("button", { name: "Stop" }).isVisible()).toBe(false);
    expect(await text(".quiet")).toBe("Saved result.");
    await sent();
    await page.getByRole("button", { name: "Step" }).click();
    expect(await sent()).toEqual([{ type: "search", run: "fixture", action: { kind: "step", rounds: 1 } }]);
    await open();
    await render({ ...three, record: { ...three.record, state: "finished" } });
    await receive({ type: "gone", run: "fixture", reason: "No kernel is running.", canContinue: true });
    await expect.poll(() => page.locator(".quiet").isVisible()).toBe(true);
    expect(await page.locator(".actions").isHidden()).toBe(true);
  });

  test("keys move through the tree, and none of them reaches the notebook", async () => {
    await open();
    await render(three);
    await receive(snapshot(three));
    await page.locator("[role=treeitem][tabindex='0']").focus();
    const at = (): Promise<string | null> =>
      page.locator("[role=treeitem][tabindex='0']").getAttribute("data-candidate");
    expect(await at()).toBe(three.record.best);
    await page.keyboard.press("Home");
    await expect.poll(at).toBe("r0-c0");
    await page.keyboard.press("ArrowRight");
    await expect.poll(at).toBe("r1-c2");
    await page.keyboard.press("ArrowDown");
    await expect.poll(at).toBe("r1-c3");
    expect(await page.locator("[role=treeitem]:focus").getAttribute("aria-posinset")).toBe("4");
    expect(await text(".side-title")).toContain("Selected · r1-c3");
    await page.keyboard.press("d");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Escape");
    await expect.poll(() => text(".side-title")).toContain("Best so far");
    await page.keyboard.press("Escape");
    expect(await page.evaluate(() => (globalThis as any).leaked)).toEqual(["Escape"]);
    expect(await page.locator("[role=treeitem][tabindex='0']").count()).toBe(1);
  });

  test("rendered again, the same item keeps its DOM and selection; a new one its selection", async () => {
    await open();
    await render(three);
    await page.locator(".frame").nth(1).click();
    await page.evaluate(
      () => ((globalThis as any).first = (globalThis as any).document.querySelector(".dnb-search")),
    );
    await render(four);
    expect(await page.evaluate(() => (globalThis as any).first.isConnected)).toBe(true);
    expect(await text(".side-title")).toContain("Selected · r1-c2");
    await page.evaluate(() => (globalThis as any).renderer.disposeOutputItem("1"));
    await render(four, "2");
    expect(await text(".side-title")).toContain("Selected · r1-c2");
  });

  test("a theme change redraws the canvas", async () => {
    await open();
    await render(three);
    const tree = page.locator(".tree canvas");
    await page.waitForTimeout(100);
    const pixels = (): Promise<string> => tree.evaluate((canvas: any) => canvas.toDataURL());
    const light = await pixels();
    await theme("dark");
    await expect.poll(pixels).not.toBe(light);
  });

  // In VS Code's own light and dark themes the orange of charts is translucent: what the minimap marks a match with.
  test.each(Object.keys(themes) as (keyof typeof themes)[])(
    "%s: every line and its label stand out from the background",
    async (name) => {
      await theme(name);
      await open();
      await render(three);
      const contrasts = await page.evaluate(() => {
        const { document, getComputedStyle } = globalThis as any;
        const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        const drawn = (...layers: string[]): number => {
          for (const layer of layers) {
            context.fillStyle = layer;
            context.fillRect(0, 0, 1, 1);
          }
          const linear = [...context.getImageData(0, 0, 1, 1).data].map((value: number) =>
            value <= 10 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4,
          );
          return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]! + 0.05;
        };
        const probe = document.querySelector("#output *").shadowRoot.appendChild(document.createElement("i"));
        const colour = (value: string): string => {
          probe.style.color = value;
          return getComputedStyle(probe).color;
        };
        const background = colour("var(--dnb-background)");
        const contrast = (value: string): number => {
          const pair = [drawn(background), drawn(background, colour(value))].sort((a, b) => b - a);
          return pair[0]! / pair[1]!;
        };
        const all = (name: string) => [0, 1, 2, 3, 4].map((i) => contrast(`var(--dnb-${name}-${i})`));
        return { lines: all("series"), labels: all("series-text") };
      });
      expect(Math.min(...contrasts.lines)).toBeGreaterThan(3);
      expect(Math.min(...contrasts.labels)).toBeGreaterThan(4.5);
    },
  );

  test("what is no record is refused with a sentence; markup is text; nothing asks the network", async () => {
    await open();
    await render({ record: { version: 3 } });
    expect(await text("#output")).toMatch(/^This result cannot be drawn: record\.version should be 1/);
    const evil = `<img src="http://evil.invalid/x" onerror="globalThis.hit = 1"><script>globalThis.hit = 1</script>`;
    const { record, atlas } = three;
    const hostile = {
      ...record,
      algorithm: { name: evil, options: {} },
      problem: { ...record.problem, condition: evil },
      reason: evil,
      state: "stopped",
      notices: [evil, "javascript:alert(1)"],
      verifiers: record.verifiers.map((verifier) => ({ ...verifier, name: verifier.name + evil })),
      candidates: record.candidates.map((candidate) => ({
        ...candidate,
        key: evil,
        failure: evil,
        op: evil,
      })),
    };
    await render({ record: hostile, atlas }, "2");
    await page.waitForTimeout(200);
    expect(await page.locator("#output script, #output img").count()).toBe(0);
    expect(await page.evaluate(() => (globalThis as any).hit)).toBeUndefined();
    expect([errors, requests]).toEqual([[], []]);
  });

  test("10,000 candidates: picture and hover stay quick", async () => {
    await open();
    const output = makeOutput({ algorithm: "random", rounds: 10, perRound: 1000, pictures: false });
    // In the page before the clock starts, which is the processor's: what else the machine does is not counted.
    await page.evaluate((output) => void ((globalThis as any).saved = output), output);
    const clock = await processorClock(page);
    const before = await clock();
    await page.evaluate(() => {
      const global = globalThis as any;
      const element = global.document.querySelector("#output");
      global.renderer.renderOutputItem(
        { id: "1", json: () => global.saved },
        element,
        new AbortController().signal,
      );
    });
    const took = 1000 * ((await clock()) - before);
    expect(took).toBeLessThan(500);
    await page.mouse.move(300, 200);
    await expect.poll(() => page.locator(".tooltip").isVisible()).toBe(true);
    console.log(`10,000 candidates: first picture after ${Math.round(took)} ms`);
  }, 30_000);
});

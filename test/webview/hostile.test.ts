import { deflateSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeOutput } from "./fixtures/records.js";
import { processorClock } from "./helpers/stopwatch.mjs";
import { NotebookPages, type NotebookPage } from "./helpers/notebookPage.js";

let pages: NotebookPages;
let notebook: NotebookPage;
beforeAll(async () => (pages = await NotebookPages.launch()), 180_000);
afterAll(() => pages?.close());
beforeEach(async () => (notebook = await pages.open()));
afterEach(() => notebook.close());

const three = makeOutput({ algorithm: "zero-order", rounds: 8, perRound: 4, done: 3, state: "paused" });
const { record, atlas } = three;
const [searched, held] = record.verifiers;

/** Every text of a value, names of fields excepted, followed by `evil`; what must keep its meaning stays. */
function poisoned(value: unknown, evil: string, field = ""): any {
  if (typeof value === "string")
    return ["role", "direction", "status", "state"].includes(field) ? value : value + evil;
  if (Array.isArray(value)) return value.map((entry) => poisoned(entry, evil, field));
  if (typeof value !== "object" || value === null) return value;
  const isNamed = field === "scores" || field === "verifierCalls";
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [isNamed ? name + evil : name, poisoned(entry, evil, name)]),
  );
}

/** Through everything that a reader can open, and its rendered HTML at the end. */
async function lookAtAll(): Promise<void> {
  const { page } = notebook;
  for (const view of ["branches", "gallery", "tree"]) {
    await page.locator(`[data-view=${view}]`).click();
    await page.locator(view === "gallery" ? ".gallery" : `.${view}`).hover({ position: { x: 200, y: 90 } });
  }
  await page.locator(".tree").click({ position: { x: 60, y: 100 } });
  await page.getByRole("button", { name: "Compare" }).click();
  await page.waitForTimeout(150);
}

/** A PNG of one colour and so many pixels to a side, as base64. */
function unfolding(side: number): string {
  const chunk = (name: string, data: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head[8] = 1;
  const rows = deflateSync(Buffer.alloc(side * (1 + Math.ceil(side / 8))));
  const parts = [chunk("IHDR", head), chunk("IDAT", rows), chunk("IEND", Buffer.alloc(0))];
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), ...parts]).toString("base64");
}

/** As PNG has it (ISO 3309); Node's own is younger than the Node that is asked for. */
function crc32(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  }
  return ~sum >>> 0;
}

const hit = (): Promise<unknown> => notebook.page.evaluate(() => (globalThis as any).hit);

describe("texts are texts", () => {
  test.each([
    `"><img src="http://evil.invalid/x" onerror="globalThis.hit = 1"><script>globalThis.hit = 1</script>`,
    `' onmouseover='globalThis.hit = 1' onfocus='globalThis.hit = 1' autofocus x='`,
    `<a href="javascript:globalThis.hit = 1">x</a><svg onload="globalThis.hit = 1"><iframe srcdoc="<script>parent.hit = 1</script>">`,
    `javascript:globalThis.hit = 1`,
    `</style><style>@import url(http://evil.invalid/x);*{background:url(http://evil.invalid/y)}</style>\u202e\u0000`,
  ])("%j in every string", async (evil) => {
    const output = {
      record: { ...poisoned(record, evil), notices: [evil], failure: evil, reason: evil },
      atlas: [],
    };
    await notebook.live(output);
    await lookAtAll();
    const root = "#output .dnb-search";
    for (const forbidden of ["script", "img", "iframe", "a[href]", "svg", "style", "link", "object"])
      expect(await notebook.page.locator(`${root} ${forbidden}`).count(), forbidden).toBe(0);
    const handlers = await notebook.page
      .locator(root)
      .evaluate((host: any) =>
        [...host.shadowRoot.querySelectorAll("*")].flatMap((element: any) =>
          element
            .getAttributeNames()
            .filter((name: string) => name.startsWith("on") || name === "href" || name === "src"),
        ),
      );
    expect(handlers).toEqual([]);
    expect(await hit()).toBeUndefined();
    expect(notebook.complaints).toEqual([]);
  });

  test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "%s as the name of everything",
    async (name) => {
      const scores = (value: number): unknown => JSON.parse(`{"${name}": ${value}, "judge-concept": 0.5}`);
      const candidates = record.candidates.map((candidate, i) => ({
        ...candidate,
        ...(i === 3 ? { id: name } : {}),
        parents: i > 3 ? [name] : [],
        scores: i === 0 ? {} : scores(i / 20),
      }));
      const verifiers = [{ ...searched!, name }, held!];
      // As text: a copy between browser and test has no field of the name __proto__.
      const text = JSON.stringify({
        record: { ...record, verifiers, candidates, best: name, algorithm: { name, options: {} } },
        atlas,
      });
      await notebook.page.evaluate((text) => {
        const { renderer, document } = globalThis as any;
        const item = { id: "1", json: () => JSON.parse(text) as unknown };
        renderer.renderOutputItem(item, document.querySelector("#output"), new AbortController().signal);
      }, text);
      await expect.poll(() => notebook.text(".side-title")).toContain(name);
      await lookAtAll();
      expect(await notebook.page.locator("#output").innerHTML()).not.toContain("native code");
      expect(await notebook.page.locator(".view").innerText()).not.toMatch(/NaN|native code|\[object/);
      expect(notebook.complaints).toEqual([]);
    },
  );
});

describe("numbers that make no sense", () => {
  const odd = [NaN, Infinity, -Infinity, -1e308, 1e308, -5, 2.5, 1e-320];
  test.each(odd)("%f wherever there is a number", async (value) => {
    const twist = (entry: unknown, field = ""): any => {
      if (typeof entry === "number") return field === "version" ? entry : value;
      if (Array.isArray(entry)) return entry.map((one) => twist(one, field));
      if (typeof entry !== "object" || entry === null) return entry;
      return Object.fromEntries(Object.entries(entry).map(([name, one]) => [name, twist(one, name)]));
    };
    await notebook.render({ record: twist(record), atlas: twist(atlas) });
    await notebook.page.waitForTimeout(150);
    for (const view of ["branches", "gallery", "tree"])
      await notebook.page.locator(`[data-view=${view}]`).click();
    expect(await notebook.page.locator(".view").innerText()).not.toMatch(/NaN|Infinity|undefined/);
    expect(notebook.complaints).toEqual([]);
  });
});

describe("ancestry that makes no sense", () => {
  test("circles, oneself as a parent, parents that are not there or come later: said in a sentence", async () => {
    const [first, ...rest] = record.candidates;
    const candidates = [
      { ...first!, parents: [rest[0]!.id] },
      { ...rest[0]!, parents: [first!.id, rest[0]!.id] },
      { ...rest[1]!, parents: ["nowhere"] },
      ...rest.slice(2),
    ];
    await notebook.live({ record: { ...record, candidates }, atlas });
    expect(await notebook.text(".notes")).toContain(
      "3 candidates name a parent that is not an earlier candidate",
    );
    await lookAtAll();
    expect(notebook.complaints).toEqual([]);
  });
});

describe("more than there can be", () => {
  /** `source` makes the output in the page; `took`: milliseconds that the window did not answer. */
  const rendered = (source: string): Promise<{ took: number; text: string }> =>
    notebook.page.evaluate(`{
      const three = ${JSON.stringify(three)};
      const output = (() => { ${source} })();
      const element = document.querySelector("#output");
      const started = performance.now();
      renderer.renderOutputItem({ id: "1", json: () => output }, element, new AbortController().signal);
      ({ took: performance.now() - started, text: element.textContent });
    }`);
  const many = (count: number, more: string): string =>
    `const { record } = three; const one = record.candidates[1];
     const candidates = Array.from({ length: ${count} }, (_, i) => ({ ...one, id: "c" + i, round: 1, ${more} }));
     return { record: { ...record, candidates, best: "c" + ${count - 1}, rounds: [] }, atlas: [] };`;

  test("a million candidates are refused with a sentence, at once", async () => {
    const { took, text } = await rendered(many(1_000_000, "parents: []"));
    expect(text).toBe("This result cannot be drawn: record.candidates should be at most 500000 entries.");
    expect(took).toBeLessThan(1000);
  }, 60_000);

  test.each([
    ["a chain of 100,000", many(100_000, `parents: i ? ["c" + (i - 1)] : []`)],
    [
      "100,000 of one parent, each a round of its own",
      many(100_000, `parents: i ? ["c0"] : [], round: i + 1`),
    ],
    [
      "as many noise levels and notices",
      `const { record } = three; const levels = Array.from({ length: 200000 }, (_, i) => 1 - i / 200000);
       return { record: { ...record, levels, notices: levels.map(String) }, atlas: [] };`,
    ],
  ])(
    "%s does not freeze the window",
    async (_, source) => {
      const clock = await processorClock(notebook.page);
      await rendered(source);
      for (const view of ["branches", "gallery", "tree"]) {
        await notebook.page.locator(`[data-view=${view}]`).click();
        await notebook.page.evaluate(
          () => new Promise((done) => (globalThis as any).requestAnimationFrame(done)),
        );
      }
      // Seconds of work for all four pictures; it was half a minute for one, once.
      expect(await clock()).toBeLessThan(8);
      expect(notebook.complaints).toEqual([]);
    },
    90_000,
  );

  test("thousands of verifiers are refused with a sentence", async () => {
    const { text } = await rendered(
      `const { record } = three; const verifiers = Array.from({ length: 5000 }, (_, i) => ({ ...record.verifiers[1], name: "v" + i }));
       return { record: { ...record, verifiers }, atlas: [] };`,
    );
    expect(text).toBe("This result cannot be drawn: record.verifiers should be at most 64 entries.");
  });
});

describe("pictures that are none", () => {
  const head = "iVBORw0KGgoAAAANSUhEUgAA";
  test.each([
    ["no PNG at all", { png: "PHN2ZyBvbmxvYWQ9ImhpdCgpIj4=" }],
    ["the head of a PNG and nothing good behind it", { png: `${head}${"A".repeat(400)}` }],
    ["a few bytes that unfold to 16,000 by 16,000 pixels", { png: unfolding(16_000) }],
    ["a text that ends the attribute", { png: `${head}" onerror="globalThis.hit = 1` }],
    ["a link", { png: "http://evil.invalid/x.png" }],
    ["negative sizes", { tile: [-32, -32] }],
    ["sizes beyond all measure", { tile: [1e9, 1e9] }],
    ["tiles beyond the picture", { columns: 4000 }],
    ["names of nobody", { ids: ["__proto__", "nobody", 5, null] }],
  ])("%s", async (_, change) => {
    const chunks = atlas.map((chunk) => ({ ...chunk, ...change }));
    const clock = await processorClock(notebook.page);
    await notebook.live({ record, atlas: chunks } as any);
    await lookAtAll();
    expect(await clock()).toBeLessThan(4);
    expect(await notebook.text(".pill")).toBe("paused · round 3 of 8");
    expect(await hit()).toBeUndefined();
    expect(notebook.complaints).toEqual([]);
  });

  test("what would unfold to more than a window can draw is counted among those that are not shown", async () => {
    await notebook.live({ record, atlas: [{ ...atlas[0]!, png: unfolding(16_000) }] });
    expect(await notebook.text(".notes")).toContain(
      "1 set of thumbnails is no PNG of a usable size and not shown.",
    );
  });
});

describe("messages", () => {
  const other = { ...three, record: { ...record, id: "another", state: "running" } } as typeof three;
  test("of another run, or none at all, change nothing", async () => {
    await notebook.live(three);
    const before = await notebook.text(".view");
    const status = { milliseconds: 9e6, live: true } as const;
    await notebook.receive({ type: "snapshot", output: other, sequence: 7, status });
    await notebook.receive({ type: "gone", run: "another", reason: "x" });
    await notebook.delta(2, { run: "another", head: { ...record, state: "failed" } });
    for (const nonsense of [
      null,
      5,
      "snapshot",
      [],
      { type: "snapshot" },
      { type: "delta", delta: null },
      { type: "x" },
    ])
      await notebook.receive(nonsense as any);
    for (const broken of [
      { type: "snapshot", output: { record: { id: "fixture" } } },
      { type: "delta", delta: { run: "fixture", sequence: 2 } },
    ])
      await notebook.receive(broken as any);
    expect(await notebook.text(".view")).toBe(before);
    // What cannot be read is told to the console, and nobody else.
    expect(notebook.complaints.every((complaint) => complaint.includes("could not be read"))).toBe(true);
  });

  test("to a disposed output do nothing, and it asks for nothing more", async () => {
    await notebook.live(three);
    await notebook.page.evaluate(() => (globalThis as any).renderer.disposeOutputItem("1"));
    await notebook.sent();
    const before = await notebook.page.locator("#output").innerHTML();
    for (let sequence = 2; sequence < 8; sequence++)
      await notebook.delta(sequence, { run: "fixture", head: { ...record, state: "running" } });
    await notebook.page.waitForTimeout(3500);
    expect(await notebook.page.locator("#output").innerHTML()).toBe(before);
    expect(await notebook.sent()).toEqual([]);
    expect(notebook.complaints).toEqual([]);
  });
});

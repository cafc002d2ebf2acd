import { readFileSync } from "node:fs";
import type { Download } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { candidatesCsv } from "../../webview/state/csv.js";
import { modelOf } from "../../webview/state/model.js";
import { parseOutput } from "../../webview/state/parse.js";
import { makeOutput } from "./fixtures/records.js";
import { NotebookPages, type NotebookPage } from "./helpers/notebookPage.js";

const three = makeOutput({ algorithm: "zero-order", rounds: 8, perRound: 4, done: 3, state: "paused" });

describe("the table of candidates", () => {
  const csv = candidatesCsv(modelOf(parseOutput(three).record)).split("\r\n");
  test("has a row for each, with scores and cost", () => {
    expect(csv[0]).toBe(
      "id,round,op,parents,from,level,status,alignment,judge-concept,nfe,forwards,logWeight,key",
    );
    expect(csv).toHaveLength(three.record.candidates.length + 2);
    const { scores } = three.record.candidates[1]!;
    expect(csv[2]).toBe(
      `r1-c0,1,around,r0-c0,1,0,dropped,${scores["alignment"]},${scores["judge-concept"]},8,16,,7/r1-c0`,
    );
  });

  test("what a spreadsheet would compute stays text; commas and quotes are quoted", () => {
    const [first, ...rest] = three.record.candidates;
    const record = {
      ...three.record,
      candidates: [{ ...first!, key: '=HYPERLINK("x"),1', op: "-1+1" }, ...rest],
    };
    const row = candidatesCsv(modelOf(parseOutput({ record, atlas: [] }).record)).split("\r\n")[1]!;
    expect(row).toContain(",'-1+1,");
    expect(row.endsWith(`"'=HYPERLINK(""x""),1"`)).toBe(true);
  });
});

describe("files from a view", () => {
  let pages: NotebookPages;
  let notebook: NotebookPage;
  beforeAll(async () => (pages = await NotebookPages.launch()), 180_000);
  afterAll(() => pages?.close());
  beforeEach(async () => (notebook = await pages.open()));
  afterEach(() => notebook.close());

  async function exported(what: string): Promise<readonly [name: string, bytes: Buffer]> {
    const [download] = (await Promise.all([
      notebook.page.waitForEvent("download"),
      notebook.page.getByLabel("Export").selectOption(what),
    ])) as [Download, unknown];
    return [download.suggestedFilename(), readFileSync(await download.path())];
  }

  /** The SVG, shown by the browser without anything else, is the PNG: but for the edges of letters and lines. */
  async function samePicture(svg: string, png: Buffer): Promise<void> {
    expect(await difference(svg, png)).toBeLessThan(0.1);
  }

  /** Pixels that differ, as a share of those that are drawn on. */
  async function difference(svg: string, png: Buffer): Promise<number> {
    expect(svg).not.toMatch(/NaN|Infinity|undefined|<script|foreignObject/);
    const apart = await notebook.page.evaluate(
      async (urls) => {
        const { document, Image } = globalThis as any;
        const [width, height] = [550, 180];
        const pixels = await Promise.all(
          urls.map(async (url: string) => {
            const image = new Image();
            image.src = url;
            await image.decode();
            const canvas = Object.assign(document.createElement("canvas"), { width, height });
            const context = canvas.getContext("2d");
            context.imageSmoothingQuality = "high";
            context.drawImage(image, 0, 0, width, height);
            return context.getImageData(0, 0, width, height).data as Uint8ClampedArray;
          }),
        );
        const [a, b] = pixels as [Uint8ClampedArray, Uint8ClampedArray];
        const blank = b.filter((value, i) => Math.abs(value - b[i % 4]!) > 24).length;
        const other = a.filter((value, i) => Math.abs(value - b[i]!) > 64).length;
        return { drawn: blank / a.length, other: other / a.length };
      },
      [
        `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`,
        `data:image/png;base64,${png.toString("base64")}`,
      ],
    );
    expect(apart.drawn).toBeGreaterThan(0.02);
    return apart.other / apart.drawn;
  }

  test("branches and gallery are SVG too, and what a record says is text in it", async () => {
    const hostile = three.record.verifiers.map((one) => ({ ...one, name: `${one.name}<script>"&` }));
    const renamed = three.record.candidates.map((one) => ({
      ...one,
      scores: Object.fromEntries(
        Object.entries(one.scores).map(([name, score]) => [`${name}<script>"&`, score]),
      ),
    }));
    const problem = { ...three.record.problem, verifier: hostile[0]!.name };
    const record = { ...three.record, verifiers: hostile, candidates: renamed, problem };
    await notebook.live({ ...three, record });
    for (const view of ["Tree", "Branches", "Gallery"]) {
      await notebook.page.getByRole("tab", { name: view }).click();
      // What is in sight: thumbnails come one after the other.
      const apart = async (): Promise<number> => {
        const [name, svg] = await exported("svg");
        expect(name).toBe(`fixture-${view.toLowerCase()}.svg`);
        const [, png] = await exported("png");
        return difference(svg.toString("utf8"), png);
      };
      await expect.poll(apart, { timeout: 10_000 }).toBeLessThan(0.1);
    }
  });

  test("record and candidates are what is shown; pictures are PNG of their size; nothing asks the network", async () => {
    await notebook.live(three);
    const [json, record] = await exported("json");
    expect(json).toBe("fixture.json");
    expect(JSON.parse(record.toString("utf8"))).toMatchObject({ id: "fixture", state: "paused" });
    expect((await exported("csv"))[1].toString("utf8").split("\r\n")).toHaveLength(15);
    const [name, picture] = await exported("png");
    expect(name).toBe("fixture-tree.png");
    expect(picture.subarray(1, 4).toString()).toBe("PNG");
    const stage = (await notebook.page.locator(".stage").boundingBox())!;
    expect(picture.readUInt32BE(16)).toBe(Math.ceil(stage.width * 2));
    const [svgName, svg] = await exported("svg");
    expect(svgName).toBe("fixture-tree.svg");
    await samePicture(svg.toString("utf8"), picture);
    const [sheet, images] = await exported("sheet");
    expect(sheet).toBe("fixture-images.png");
    // Twelve pictures with 32 pixels a side, three times as large, and a line of text below each.
    expect([images.readUInt32BE(16), images.readUInt32BE(20)]).toEqual([12 + 4 * 108, 12 + 3 * 126]);
    const [, image] = await exported("image");
    expect([image.readUInt32BE(16), image.readUInt32BE(20)]).toEqual([32, 32]);
    expect(notebook.complaints).toEqual([]);
    expect(await notebook.page.getByLabel("Export").inputValue()).toBe("");
  });
});

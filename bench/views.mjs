// The views in a headless browser with software rendering: first pictures, frames, following a live run, the size of a saved output.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { launchBrowser } from "../test/harness/browser.mjs";
import { themes } from "../test/webview/fixtures/themes.mjs";
import { dress } from "../test/webview/helpers/dress.mjs";
import { servePage } from "../test/webview/helpers/servePage.mjs";
import { importTypeScript } from "../test/webview/helpers/shootLooks.mjs";
import { startRenderer } from "../test/webview/helpers/startRenderer.mjs";
import { followed, looked } from "../test/webview/helpers/stopwatch.mjs";
import { median, report } from "./figures.mjs";

/** Milliseconds, as the product promises them. */
const PROMISES = [
  { count: 10_000, first: 300, frame: 17, times: 5 },
  { count: 100_000, first: 1500, frame: 35, times: 3 },
];

export default async function bench() {
  const { makeOutput } = await importTypeScript("test/webview/fixtures/records.ts");
  const script = await bundle();
  const browser = await launchBrowser();
  try {
    const figures = [];
    for (const { count, first, frame, times } of PROMISES) {
      const output = makeOutput({ algorithm: "random", rounds: 10, perRound: count / 10, pictures: false });
      const runs = [];
      for (let i = 0; i < times; i++) {
        const page = await open(browser, script);
        runs.push(await looked(page, output));
        await page.close();
      }
      const name = count.toLocaleString("en-US");
      const of = (key) => median(runs.map((run) => run[key]));
      const figure = (words, key, target, beside) =>
        figures.push({ name: `${name} candidates, ${words}`, value: of(key), unit: "ms", target, beside });
      figure("first picture", "first", first, `${of("work").toFixed(0)} ms of processor time`);
      figure("first branches", "branches", first);
      figure("a frame while panning", "panning", frame, `95 % below ${of("slowest").toFixed(0)} ms`);
      figure("a frame while the pointer moves", "hovering", frame);
    }
    const page = await open(browser, script);
    const live = makeOutput({ algorithm: "random", rounds: 200, perRound: 10 });
    const value = await followed(page, live);
    figures.push({ name: "a core, at 100 new candidates a second", value, unit: "%", target: 5 });
    figures.push(await savedSize());
    return report(figures);
  } finally {
    await browser.close();
  }
}

async function open(browser, script) {
  const page = await browser.newPage({ viewport: { width: 1100, height: 700 } });
  await servePage(page, { "/renderer.js": script }, (url) => {
    throw new Error(`The view asked the network for ${url}.`);
  });
  await startRenderer(page);
  await dress(page, themes.light);
  return page;
}

async function bundle() {
  const options = { bundle: true, write: false, format: "esm", minify: true, target: "es2022" };
  const loader = { ".css": "text" };
  const built = await build({ ...options, loader, entryPoints: ["webview/renderer.ts"] });
  return built.outputFiles[0].text;
}

/** A real search, saved as a notebook saves it. */
async function savedSize() {
  const folder = mkdtempSync(join(tmpdir(), "dnb-bench-"));
  try {
    const source = `import { openSession, randomSearch } from "dnb";
const session = await openSession("fashion");
const run = session.search(randomSearch({ candidates: 1000 }), { condition: "Ankle boot", verifier: "classifier" });
await run.run();
run`;
    const cells = [{ id: "k3f9a2", kind: "code", source: source.split("\n"), outputs: [] }];
    const [input, output] = ["in.dnb", "out.dnb"].map((name) => join(folder, name));
    writeFileSync(input, JSON.stringify({ dnb: 1, meta: {}, cells }));
    await promisify(execFile)(process.execPath, [resolve("dist/cli.js"), "run", input, "-o", output]);
    const saved = JSON.parse(readFileSync(output, "utf8")).cells[0].outputs.at(-1);
    const { json } = saved.items.find(({ mime }) => mime.startsWith("application/vnd.dnb.search"));
    const pictures = [
      ...json.atlas.map(({ png }) => png),
      ...saved.items.map(({ base64 = "" }) => base64),
    ].join("");
    return {
      name: "a saved output of 1,000 candidates with thumbnails",
      value: JSON.stringify(saved).length / 1000,
      unit: "kB",
      target: 300,
      beside: `${json.record.candidates.count} candidates, ${(pictures.length / 1000).toFixed(0)} kB of it pictures`,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// The views in a headless browser with software rendering: first pictures, frames, following a live run, the size of a saved output.
import { build } from "esbuild";
import { launchBrowser } from "../test/harness/browser.mjs";
import { themes } from "../test/webview/fixtures/themes.mjs";
import { dress } from "../test/webview/helpers/dress.mjs";
import { savedOutput, searchOf } from "../test/webview/helpers/savedOutput.mjs";
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
  const saved = await savedOutput(`import { openSession, randomSearch } from "dnb";
const session = await openSession("emoji");
const run = session.search(randomSearch({ candidates: 1000 }), { condition: "octopus", steps: 4, verifier: "alignment", heldOut: ["judge-concept"] });
await run.run();
run`);
  const { record, atlas } = searchOf(saved);
  const pictures = [...atlas.map(({ png }) => png), ...saved.items.map(({ base64 = "" }) => base64)].join("");
  return {
    name: "a saved output of 1,000 candidates with thumbnails",
    value: JSON.stringify(saved).length / 1000,
    unit: "kB",
    target: 300,
    beside: `${record.candidates.count} candidates, ${(pictures.length / 1000).toFixed(0)} kB of it pictures`,
  };
}

// Every look of the views, as screenshots to be looked at: node build.mjs renderer page inspector samples && node test/webview/gallery.mjs [words in names]
import { readFileSync } from "node:fs";
import { savedOutput, searchOf } from "./helpers/savedOutput.mjs";
import { importTypeScript, shootLooks } from "./helpers/shootLooks.mjs";

const emoji = JSON.parse(readFileSync("test/webview/fixtures/emoji.json", "utf8"));
const { makeOutput } = await importTypeScript("test/webview/fixtures/records.ts");
const { unpackSearch } = await importTypeScript("src/document/columns/savedSearch.ts");
const zero = (more = {}) => makeOutput({ algorithm: "zero-order", rounds: 8, perRound: 4, ...more });
const random = (rounds, perRound, more = {}) =>
  makeOutput({ algorithm: "random", rounds, perRound, ...more });

/** By algorithm. */
const searches = new Map();

/** How many candidates there may be; made when they are shot. */
const counts = {
  20: () => random(5, 4),
  2000: () => random(8, 250),
  100000: () => random(100, 1000, { pictures: false }),
};

/** name: what is shown. `live`: a kernel answers; `gone`: none; `page`: the HTML export; `panel`: the inspector; `samples`: images of a cell. */
const looks = [
  ...Object.entries({
    paths: "searchOverPaths({ paths: 4, width: 4 })",
    halving: "successiveHalving({ candidates: 16 })",
    steering: "feynmanKac({ particles: 8, temperature: 0.05 })",
    evolution: "evolutionarySearch()",
    treesearch: "treeSearch({ temperature: 0.1 })",
    zeroorder: "zeroOrderSearch()",
    beam: "beamSearch({ beams: 3, branches: 3 })",
    softvalue: "softValueDecoding({ children: 4 })",
    rollover: "rolloverBudgetForcing()",
    breadthfirst: "breadthFirstSearch({ particles: 6, temperature: 0.2 })",
    depthfirst: "depthFirstSearch({ threshold: 0.6 })",
    epsilongreedy: "epsilonGreedy()",
  }).flatMap(([name, algorithm]) => {
    const output = () => searched(algorithm);
    const themes = name === "paths" ? ["light", "dark", "contrast"] : ["light"];
    return [
      { name: `branches-${name}`, output, live: true, themes, click: ["[data-view=branches]"] },
      { name: `tree-${name}`, output, live: true },
      { name: `gallery-${name}`, output, live: true, click: ["[data-view=gallery]"] },
    ];
  }),
  ...[480, 820, 1400].flatMap((width) =>
    Object.entries(counts).map(([count, output]) => ({
      ...{ name: `grid-${count}-${width}`, output, live: true, width },
      themes: ["light", "dark", "contrast", "contrast-light"],
    })),
  ),
  {
    name: "zero-running",
    output: zero({ done: 5, state: "running" }),
    live: true,
    themes: ["light", "dark", "contrast", "contrast-light"],
  },
  { name: "zero-paused", output: zero({ done: 3, state: "paused" }), live: true, hover: [0.261, 0.373] },
  { name: "zero-ready", output: zero({ done: 0, state: "ready" }), live: true },
  {
    name: "zero-finished",
    output: zero(),
    live: true,
    themes: ["light", "dark", "contrast"],
    keys: ["ArrowLeft", "ArrowUp"],
  },
  {
    name: "zero-failed",
    output: zero({ failed: ["r2-c1", "r4-c0"], done: 5, state: "paused", hacked: true }),
    live: true,
    themes: ["light", "dark"],
  },
  { name: "zero-gone", output: zero(), gone: true },
  { name: "zero-narrow", output: zero({ done: 5, state: "running" }), live: true, width: 480 },
  {
    name: "zero-middle",
    output: zero({ done: 5, state: "paused" }),
    live: true,
    width: 760,
    themes: ["dark"],
  },
  { name: "zero-wide", output: zero({ done: 6, state: "paused" }), live: true, width: 1400 },
  { name: "zero-zoom", output: zero({ done: 5, state: "paused" }), live: true, width: 560, scale: 2 },
  { name: "zero-40", output: makeOutput({ algorithm: "zero-order", rounds: 40, perRound: 4 }), live: true },
  {
    name: "zero-16",
    output: makeOutput({ algorithm: "zero-order", rounds: 8, perRound: 16 }),
    live: true,
    themes: ["dark"],
  },
  { name: "aesthetic", output: zero({ aesthetic: true }), live: true, themes: ["light", "dark"] },
  { name: "random-16", output: random(4, 4), gone: true },
  { name: "random-64", output: random(1, 64), live: true, themes: ["light", "dark"] },
  { name: "random-64-rounds", output: random(8, 8, { done: 5, state: "running" }), live: true },
  {
    name: "random-1000",
    output: random(1, 1000),
    live: true,
    themes: ["light", "dark", "contrast"],
    hover: [0.4, 0.5],
  },
  {
    name: "random-20000",
    output: random(20, 1000, { pictures: false }),
    live: true,
    themes: ["light", "dark"],
  },
  {
    name: "ballot",
    output: waiting(zero({ done: 3, state: "paused" })),
    live: true,
    themes: ["light", "dark", "contrast"],
    click: [".choice >> nth=2", ".choice >> nth=4"],
  },
  {
    name: "fold",
    output: zero({ perRound: 8 }),
    live: true,
    themes: ["light", "dark"],
    click: ["text=Filter", "text=fold dropped"],
  },
  {
    name: "zoom-2000",
    output: random(4, 500),
    live: true,
    themes: ["light", "dark"],
    click: Array.from({ length: 4 }, () => ".zoom >> text=+"),
  },
  { name: "table", output: zero(), live: true, themes: ["light", "dark"], click: ["[data-view=table]"] },
  { name: "details", output: zero(), live: true, themes: ["light", "dark"], click: [".side summary"] },
  { name: "enlarged", output: zero(), live: true, themes: ["light", "dark"], click: ["button.picture"] },
  {
    name: "compare",
    output: zero(),
    live: true,
    themes: ["light", "dark"],
    click: ["[data-action=compare]", "text=difference"],
  },
  { name: "judge", output: zero({ hacked: true }), live: true, select: ["Colour by", "judge-concept"] },
  ...[720, 1000, 1400].map((width) => ({
    ...{ name: `panel-${width}`, output: () => searched("searchOverPaths({ paths: 4, width: 4 })") },
    ...{ live: true, panel: true, width, height: 860 },
    themes: ["light", "dark", "contrast", "contrast-light"],
  })),
  { name: "panel-2000", output: random(8, 250), live: true, panel: true, width: 1400, height: 860 },
  { name: "samples", samples: 20, themes: ["light", "dark", "contrast", "contrast-light"] },
  { name: "samples-chosen", samples: 64, themes: ["light"], click: [".tile >> nth=5"] },
  { name: "samples-narrow", samples: 6, width: 480, click: [".tile >> nth=2"] },
  { name: "page", output: zero(), page: true, themes: ["light", "dark"] },
];

/** A real search on the embedded model, as the command line saves it; each of them is run once. */
function searched(algorithm) {
  const source = `import * as dnb from "dnb";
const { ${algorithm.split("(")[0]}, openSession } = dnb;
const session = await openSession("emoji");
const run = session.search(${algorithm}, { condition: "octopus", seed: 7, verifier: "alignment", heldOut: ["judge-concept"], budget: { nfe: 400 } });
await run.run();
run`;
  const search =
    searches.get(algorithm) ?? savedOutput(source).then((output) => unpackSearch(searchOf(output)));
  searches.set(algorithm, search);
  return search;
}

/** A person is asked. */
function waiting({ record, atlas }) {
  const candidates = ["r3-c2", "r3-c0", "r2-c1", "r3-c3", "r3-c1"];
  const question = { number: 3, verifier: "human", text: "Which octopus is best?", round: 3, candidates };
  return { record: { ...record, state: "waiting", question }, atlas };
}

await shootLooks(looks, ["renderer.js", "inspector.js", "samples.js"], async (tab, look) => {
  if (typeof look.output === "function") look.output = await look.output();
  const { output, live = false } = look;
  if (look.samples) {
    const { side, columns, png } = emoji;
    const seeds = Array.from({ length: look.samples }, (_, i) => String(i));
    const atlas = [{ ids: seeds, tile: [side, side], columns, png }];
    await tab.evaluate(openSamples, { version: 1, count: look.samples, size: [side, side], seeds, atlas });
  } else if (look.panel) {
    await tab.evaluate(servePanel, output);
    await tab.addScriptTag({ url: "/inspector.js" });
    // The toolkit reads the theme when its window has loaded.
    await tab.evaluate(() => globalThis.dispatchEvent(new Event("load")));
  } else if (look.page) {
    await tab.evaluate(
      (output) => globalThis.dnb.renderSearch(document.querySelector("#output"), output),
      output,
    );
  } else {
    // As text: a hundred thousand entries one by one would take minutes.
    await tab.evaluate(openNotebook, { text: JSON.stringify(output), live });
  }
  await tab.waitForTimeout(250);
  if (look.keys) {
    await tab.locator(".items [tabindex='0']").focus();
    for (const key of look.keys) await tab.keyboard.press(key);
  }
  if (look.select) await tab.getByRole("combobox", { name: look.select[0] }).selectOption(look.select[1]);
  for (const selector of look.click ?? []) await tab.locator(selector).click();
  if (look.hover) {
    const box = await tab.locator(".tree").boundingBox();
    await tab.mouse.move(box.x + look.hover[0] * box.width, box.y + look.hover[1] * box.height);
  }
  await tab.waitForTimeout(200);
});

/** In the page: what VS Code does for a renderer, with a kernel that answers `ready` or is not there. */
async function openNotebook({ text, live }) {
  const output = JSON.parse(text);
  const { activate } = await import("/renderer.js");
  let receive;
  const run = output.record.id;
  const { renderOutputItem } = activate({
    setState() {},
    getState: () => undefined,
    postMessage: (request) => {
      if (request.type !== "ready") return;
      const status = { milliseconds: 6120, live: true };
      if (live) receive({ type: "snapshot", output, sequence: 1, status });
      else receive({ type: "gone", run, reason: "The kernel does not know this run." });
    },
    onDidReceiveMessage: (listener) => ((receive = listener), { dispose() {} }),
    workspace: { isTrusted: true },
  });
  renderOutputItem(
    { id: "1", json: () => output },
    document.querySelector("#output"),
    new AbortController().signal,
  );
}

/** In the page: the images of a cell. */
async function openSamples(output) {
  const { activate } = await import("/samples.js");
  const element = document.querySelector("#output");
  activate({}).renderOutputItem({ id: "1", json: () => output }, element, new AbortController().signal);
}

/** In the page: what the editor does for its panel, with a kernel that answers. */
function servePanel(output) {
  const answers = {
    opened: { type: "open", output },
    ready: { type: "snapshot", output, sequence: 1, status: { milliseconds: 6120, live: true } },
  };
  globalThis.acquireVsCodeApi = () => ({
    postMessage: ({ type }) => {
      if (Object.hasOwn(answers, type)) globalThis.postMessage(answers[type], "*");
    },
  });
}

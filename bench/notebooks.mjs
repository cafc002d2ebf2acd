// Opening, saving and merging notebooks, and what `dnb run` adds to the cells' own time.
import { build } from "esbuild";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { report, timed } from "./figures.mjs";

const node = promisify(execFile);

/** So many make 5 MB. */
const SEARCHES = 28;

export default async function bench() {
  const folder = mkdtempSync(join(tmpdir(), "dnb-bench-"));
  try {
    const { decodeNotebook, writeNotebook, mergeNotebooks, keepOutputs, writeRedacted, ...more } =
      await bundled(folder);
    const { toPlainNotebook, fromPlainNotebook, loadCodec, chunkOf } = more;
    await loadCodec();
    const privacy = { homes: ["/home/somebody"], user: "somebody", secrets: ["a secret of some length"] };
    // What VS Code's serializer does, but for its classes.
    const open = (bytes) => toPlainNotebook(decodeNotebook(bytes));
    const save = (plain) => {
      const notebook = fromPlainNotebook(plain, Math.random);
      return new TextEncoder().encode(writeRedacted(keepOutputs(notebook), privacy));
    };
    // As it is in the window after its runs: with a thumbnail of every candidate.
    const run = toPlainNotebook(notebook(SEARCHES, (cell) => items(cell, chunkOf)));
    const bytes = save(run);
    const large = open(bytes);
    const small = new TextEncoder().encode(writeNotebook(notebook(1000)));
    const thousand = open(small);
    const [base, ours, theirs] = [notebook(500), edited(notebook(500), 0), edited(notebook(500), 1)];
    // Other work on the machine only adds: the calmest of many tells of the code.
    const best = async (work) => {
      const times = [];
      for (let i = 0; i < 30; i++) times.push(await timed(work));
      return Math.min(...times);
    };
    const size = `${(bytes.length / 1e6).toFixed(1)} MB, ${SEARCHES} searches`;
    const runs = [];
    writeFileSync(
      join(folder, "one.dnb"),
      JSON.stringify({ dnb: 1, cells: [{ id: "a", kind: "code", source: ["1"] }] }),
    );
    for (let i = 0; i < 5; i++)
      runs.push(
        await timed(() =>
          node(process.execPath, [
            resolve("dist/cli.js"),
            "run",
            join(folder, "one.dnb"),
            "-o",
            join(folder, "out.dnb"),
          ]),
        ),
      );
    // The first save after opening has to write everything; later ones take what they wrote before.
    const firsts = [];
    for (let i = 0; i < 15; i++) {
      const opened = open(bytes);
      firsts.push(await timed(() => save(opened)));
    }
    return report([
      { name: `open (${size})`, value: await best(() => open(bytes)), unit: "ms", target: 60 },
      { name: `save (${size}), the first after opening`, value: Math.min(...firsts), unit: "ms", target: 60 },
      { name: "save it again", value: await best(() => save(large)), unit: "ms", target: 60 },
      {
        name: "save it after its runs, all thumbnails there",
        value: await best(() => save(run)),
        unit: "ms",
        target: 60,
      },
      { name: "open 1,000 cells", value: await best(() => open(small)), unit: "ms", target: 30 },
      { name: "save 1,000 cells", value: await best(() => save(thousand)), unit: "ms", target: 30 },
      {
        name: "merge 500 cells, all changed on both sides",
        value: await best(() => mergeNotebooks(base, ours, theirs)),
        unit: "ms",
        target: 200,
      },
      { name: "dnb run of a cell that does nothing", value: Math.min(...runs), unit: "ms", target: 1000 },
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function bundled(folder) {
  const outfile = join(folder, "document.mjs");
  const names = [
    "decodeNotebook",
    "writeNotebook",
    "merge/mergeNotebooks",
    "summary/keepOutputs",
    "redact",
    "summary/tiles",
    "../editor/plainNotebook",
  ];
  const contents = names.map((name) => `export * from "./src/document/${name}.js";`).join("\n");
  await build({
    stdin: { contents, resolveDir: resolve(".") },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    outfile,
  });
  return import(pathToFileURL(outfile).href);
}

/** Of five lines a cell; `itemsOf`: what each shows, beside a hundred lines. */
function notebook(count, itemsOf) {
  const cells = Array.from({ length: count }, (_, cell) => ({
    id: `cell${cell}`,
    kind: "code",
    source: Array.from(
      { length: itemsOf ? 100 : 5 },
      (_, line) => `const value${line} = "of cell ${cell}" + ${line};`,
    ),
    outputs: itemsOf ? [{ items: itemsOf(cell), extra: {} }] : [],
    extra: {},
  }));
  return { dnb: 1, meta: {}, cells, extra: {} };
}

/** A search of 170 candidates with their thumbnails, larger than a save keeps, and a sheet of them. */
function items(cell, chunkOf) {
  const ids = Array.from({ length: 170 }, (_, i) => `r${i}-c0`);
  const candidates = ids.map((id, i) => {
    const cost = { nfe: 8, forwards: 8, decodes: 1, verifierCalls: { classifier: 1, judge: 1 } };
    const scores = { classifier: Math.sin(cell + i), judge: Math.cos(cell * i) };
    const at = { nfe: 8 * i, forwards: 8 * i, verifierCalls: i };
    return {
      id,
      parents: [`r${i - 1}-c0`],
      round: i,
      op: "around",
      from: 1,
      level: 0,
      status: "dropped",
      scores,
      key: `${i}/around/0`,
      cost: { ...cost, cold: cost },
      at,
    };
  });
  const rounds = ids.map((id, index) => ({ index: index + 1, candidates: [id], best: id }));
  const shape = { width: 28, height: 28, channels: 1 };
  const tiles = ids.map((id, i) => ({ id, data: picture(cell * 170 + i, shape) }));
  return [
    {
      mime: "application/vnd.dnb.search+json",
      json: { record: { candidates, rounds, best: ids[0] }, atlas: [chunkOf(tiles, shape)] },
      extra: {},
    },
    { mime: "image/png", base64: chunkOf(tiles.slice(0, 32), shape).png, extra: {} },
    { mime: "text/plain", text: "a search", extra: {} },
  ];
}

/** Smooth with some noise, as samples of a small model are; the same for the same number. */
function picture(number, { width, height }) {
  let state = number + 1;
  const noise = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const [x0, y0, size] = [noise() * width, noise() * height, 20 + 60 * noise()];
  return Uint8Array.from({ length: width * height }, (_, at) => {
    const distance = ((at % width) - x0) ** 2 + (Math.floor(at / width) - y0) ** 2;
    return Math.round(235 * Math.exp(-distance / size) + 60 * noise());
  });
}

function edited(before, line) {
  return {
    ...before,
    cells: before.cells.map((cell) => ({
      ...cell,
      source: cell.source.with(line * 3, `edited on side ${line}`),
    })),
  };
}

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

export default async function bench() {
  const folder = mkdtempSync(join(tmpdir(), "dnb-bench-"));
  try {
    const { decodeNotebook, writeNotebook, mergeNotebooks, keepOutputs, writeRedacted, loadCodec } =
      await bundled(folder);
    await loadCodec();
    const large = notebook(50, true);
    const bytes = new TextEncoder().encode(writeNotebook(large));
    const thousand = notebook(1000, false);
    const small = new TextEncoder().encode(writeNotebook(thousand));
    const privacy = { homes: ["/home/somebody"], user: "somebody", secrets: ["a secret of some length"] };
    const save = (value) => new TextEncoder().encode(writeRedacted(keepOutputs(value), privacy));
    const [base, ours, theirs] = [
      notebook(500, false),
      edited(notebook(500, false), 0),
      edited(notebook(500, false), 1),
    ];
    // Other work on the machine only adds: the calmest of many tells of the code.
    const best = async (work) => {
      const times = [];
      for (let i = 0; i < 30; i++) times.push(await timed(work));
      return Math.min(...times);
    };
    const size = `${(bytes.length / 1e6).toFixed(1)} MB`;
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
    return report([
      { name: `open (${size})`, value: await best(() => decodeNotebook(bytes)), unit: "ms", target: 60 },
      {
        name: `save (${size}), summary and redaction included`,
        value: await best(() => save(large)),
        unit: "ms",
        target: 60,
      },
      { name: "open 1,000 cells", value: await best(() => decodeNotebook(small)), unit: "ms", target: 30 },
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

/** With a record of 170 candidates and a picture in every cell, or with five lines in it. */
function notebook(count, full) {
  const lines = full ? 100 : 5;
  const cells = Array.from({ length: count }, (_, cell) => ({
    id: `cell${cell}`,
    kind: "code",
    source: Array.from({ length: lines }, (_, line) => `const value${line} = "of cell ${cell}" + ${line};`),
    outputs: full ? [{ items: items(cell), extra: {} }] : [],
    extra: {},
  }));
  return { dnb: 1, meta: {}, cells, extra: {} };
}

function items(cell) {
  const candidates = Array.from({ length: 170 }, (_, i) => {
    const cost = { nfe: 8, forwards: 8, decodes: 1, verifierCalls: { classifier: 1, judge: 1 } };
    const scores = { classifier: Math.sin(cell + i), judge: Math.cos(cell * i) };
    const at = { nfe: 8 * i, forwards: 8 * i, verifierCalls: i };
    return {
      id: `r${i}-c0`,
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
  const picture = Buffer.from(Array.from({ length: 15000 }, (_, i) => (i * 7 + cell) % 256)).toString(
    "base64",
  );
  return [
    { mime: "application/vnd.dnb.search+json", json: { record: { candidates }, atlas: [] }, extra: {} },
    { mime: "image/png", base64: picture, extra: {} },
    { mime: "text/plain", text: "a search", extra: {} },
  ];
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

// TypeScript in cells: a notebook of 60 cells and 3,000 names, asked over the protocol as VS Code asks, beside TypeScript's own service on
// one module with the same names.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { median, report, timed } from "./figures.mjs";

const CELLS = 60;
const NAMES = 50;
const SERIES = 3;
const ROUNDS = 10;

/** Each cell declares 50 names of all kinds and uses those of the cell before it. */
export function largeNotebook(cells = CELLS, names = NAMES) {
  return Array.from({ length: cells }, (_, cell) =>
    Array.from({ length: names }, (_, index) => declaration(cell, index)).join("\n"),
  );
}

function declaration(cell, index) {
  const name = `n${cell}_${index}`;
  const before = cell ? `n${cell - 1}_${index}` : undefined;
  switch (index % 5) {
    case 0:
      return `const ${name} = { score: ${before ? `${before}.score + 1` : 1}, label: "a" };`;
    case 1:
      return `let ${name} = ${before ? `${before} * 2` : index};`;
    case 2:
      return `function ${name}(value: number): number {\n  return ${before ? `${before}(value)` : "value"} + ${index};\n}`;
    case 3:
      return `interface ${name} {\n  a: number;\n  b?: ${before ?? "string"};\n}`;
    default:
      return `class ${name} {\n  items = [${before ? `new ${before}()` : "1"}];\n}`;
  }
}

export default async function bench() {
  const { createProtocolConnection, StreamMessageReader, StreamMessageWriter } =
    await import("vscode-languageserver/node");
  const folder = mkdtempSync(join(tmpdir(), "dnb-bench-"));
  const notebook = pathToFileURL(join(folder, "bench.dnb")).href;
  const uri = (cell) => `vscode-notebook-cell:${notebook.slice("file:".length)}#C${cell}`;
  const texts = largeNotebook();
  texts[CELLS - 1] += "\nn";
  const server = spawn(process.execPath, [resolve("dist/language.js"), "--stdio"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const connection = createProtocolConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  const shown = new Map();
  connection.onNotification("textDocument/publishDiagnostics", ({ uri, diagnostics }) =>
    shown.set(uri, diagnostics),
  );
  connection.listen();
  let version = 0;
  const edit = async (cell, text) => {
    texts[cell] = text;
    await connection.sendNotification("notebookDocument/didChange", {
      notebookDocument: { uri: notebook, version: ++version },
      change: { cells: { textContent: [{ document: { uri: uri(cell), version }, changes: [{ text }] }] } },
    });
  };
  /** The names listed where a cell ends. */
  const complete = async (cell) => {
    const lines = texts[cell].split("\n");
    const position = { line: lines.length - 1, character: lines.at(-1).length };
    const { items } = await connection.sendRequest("textDocument/completion", {
      textDocument: { uri: uri(cell) },
      position,
    });
    return items;
  };

  const cold = await timed(async () => {
    await connection.sendRequest("initialize", { processId: process.pid, rootUri: null, capabilities: {} });
    await connection.sendNotification("initialized", {});
    await connection.sendNotification("notebookDocument/didOpen", {
      notebookDocument: {
        uri: notebook,
        notebookType: "dnb",
        version,
        cells: texts.map((_, cell) => ({ kind: 2, document: uri(cell) })),
      },
      cellTextDocuments: texts.map((text, cell) => ({
        uri: uri(cell),
        languageId: "dnb-typescript",
        version: 0,
        text,
      })),
    });
    const items = await complete(CELLS - 1);
    // Every fifth is an interface, which does not stand where a statement begins.
    const listed = items.filter(({ label }) => /^n\d+_\d+$/.test(label)).length;
    if (listed !== CELLS * NAMES * 0.8)
      throw new Error(`The completion list has ${listed} names of the notebook.`);
  });
  const all = await timed(async () => {
    while (shown.size < CELLS) await new Promise((resolve) => setTimeout(resolve, 10));
  });
  const wrong = [...shown.values()].flat().filter(({ severity }) => severity === 1);
  // The "n" that is being written.
  if (wrong.length !== 1) throw new Error(`The notebook should have one error: ${JSON.stringify(wrong)}`);

  const target = CELLS >> 1;
  const text = texts[target];
  const bodies = await calmest(async (i) => {
    await settle(shown, uri(CELLS - 1));
    return timed(async () => {
      await edit(target, `${text}\nconsole.log(${i});\nn`);
      await complete(target);
    });
  });
  const names = await calmest(async (i) => {
    await settle(shown, uri(CELLS - 1));
    return timed(async () => {
      await edit(target, `${text}\nconst added${i} = ${i};\nn`);
      const items = await complete(target);
      if (!items.some(({ label }) => label === `added${i}`)) throw new Error("The added name is not listed.");
    });
  });
  await edit(target, text);
  const hovers = await calmest((i) =>
    timed(() =>
      connection.sendRequest("textDocument/hover", {
        textDocument: { uri: uri((i % CELLS) + 1) },
        position: { line: 0, character: 8 },
      }),
    ),
  );
  const memory =
    Number(execFileSync("ps", ["-o", "rss=", "-p", String(server.pid)], { encoding: "utf8" })) / 1024;
  connection.dispose();
  server.kill();
  const bare = await bareService(folder);
  rmSync(folder, { recursive: true, force: true });

  return report([
    {
      name: "language: start to the first completion list",
      value: cold,
      unit: "ms",
      beside: `bare TypeScript ${bare.cold.toFixed(0)} ms`,
    },
    { name: "language: all 60 cells checked after that", value: all, unit: "ms" },
    {
      name: "language: completion after a body edit, median",
      value: bodies,
      unit: "ms",
      target: 150,
      beside: `bare TypeScript, one module ${bare.edit.toFixed(0)} ms`,
    },
    {
      name: "language: completion after a new name, median",
      value: names,
      unit: "ms",
      target: 700,
      beside: `bare TypeScript, one module ${bare.edit.toFixed(0)} ms`,
    },
    { name: "language: hover, median", value: hovers, unit: "ms" },
    { name: "language: memory of the server", value: memory, unit: "MB" },
  ]);
}

/** The median of the calmest of several series: other work on the machine only adds. */
async function calmest(measure) {
  const medians = [];
  for (let series = 0; series < SERIES; series++) {
    const times = [];
    for (let i = 0; i < ROUNDS; i++) times.push(await measure(series * ROUNDS + i));
    medians.push(median(times));
  }
  return Math.min(...medians);
}

/** The diagnostics of an earlier edit are out, so that they are not what is measured. */
async function settle(shown, uri) {
  shown.delete(uri);
  for (let i = 0; i < 300 && !shown.has(uri); i++) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** TypeScript's language service on one module with the names of all cells, in this process. */
async function bareService(folder) {
  const { ts } = await import("ts-morph").then(({ default: module, ...names }) =>
    names.ts ? names : module,
  );
  const file = join(folder, "bare.ts");
  const base = `${largeNotebook().join("\n")}\nexport {};\n`;
  let text = base;
  let version = 0;
  const service = ts.createLanguageService({
    getCompilationSettings: () => ({
      target: 9,
      module: 200,
      moduleResolution: 100,
      strict: true,
      types: [],
      lib: ["lib.esnext.d.ts"],
    }),
    getScriptFileNames: () => [file],
    getScriptVersion: (name) => (name === file ? String(version) : "0"),
    getScriptSnapshot: (name) =>
      ts.ScriptSnapshot.fromString(name === file ? text : (ts.sys.readFile(name) ?? "")),
    getCurrentDirectory: () => folder,
    getDefaultLibFileName: () => resolve("dist/types/lib/lib.esnext.d.ts"),
    fileExists: (name) => name === file || ts.sys.fileExists(name),
    readFile: (name) => (name === file ? text : ts.sys.readFile(name)),
  });
  const complete = async () => service.getCompletionsAtPosition(file, text.length - 1, {});
  const cold = await timed(complete);
  const edit = await calmest((i) =>
    timed(async () => {
      text = `${base}console.log(${i});\nn`;
      version++;
      await complete();
    }),
  );
  return { cold, edit };
}

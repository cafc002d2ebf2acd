/**
 * Who may import whom: the table of the design, one row for each folder. The longest row that a file's path starts with holds for it. A
 * new folder changes this table and its copy in the documentation first.
 */
export interface Row {
  /** Folders and files of ours, beside the row's own. */
  readonly ours?: readonly string[];
  /** The same, but only `import type`. */
  readonly types?: readonly string[];
  readonly packages?: readonly string[];
  /** May it use Node's own modules? */
  readonly node?: boolean;
}

const drawing = ["d3-hierarchy", "d3-scale", "d3-shape", "uplot", "vscode-notebook-renderer"];
const protocol = ["src/kernel/protocol.ts", "src/kernel/protocol"];
const contracts = ["src/search/record.ts", "src/search/reportRecord.ts", "src/kernel/protocol.ts"];

export const table: Readonly<Record<string, Row>> = {
  // The composition root.
  "src/extension.ts": {
    ours: ["src/document/here", "src/editor", "src/editor/language", "src/kernel/client"],
    packages: ["vscode"],
    node: true,
  },
  // The same without Node: the build fails when a module of it comes along.
  "src/extension.web.ts": { ours: ["src/editor"], packages: ["vscode"] },
  "src/editor": {
    ours: ["src/document", "src/document/summary", "src/kernel/client", ...protocol],
    packages: ["vscode"],
    node: true,
  },
  // A bundle of its own, read with the first notebook.
  "src/editor/language": {
    ours: ["src/editor"],
    packages: ["vscode", "vscode-languageclient", "vscode-languageclient/node"],
    node: true,
  },
  // Pure: text in, notebook out.
  "src/document": {},
  // What Node knows of the person at this machine.
  "src/document/here": { ours: ["src/document"], node: true },
  "src/document/merge": { ours: ["src/document"] },
  // Thumbnails are taken out of their atlas and packed again.
  "src/document/summary": { ours: ["src/document"], packages: ["fast-png"] },
  // How a cell is read is the kernel's to say.
  "src/language": {
    ours: ["src/document", "src/kernel/compiler/dialect.ts"],
    packages: ["ts-morph"],
    node: true,
  },
  // A process of its own, which speaks the Language Server Protocol.
  "src/language/server": {
    ours: ["src/language"],
    packages: [
      "ts-morph",
      "vscode-languageserver",
      "vscode-languageserver/node",
      "vscode-languageserver-textdocument",
    ],
    node: true,
  },
  "src/kernel": { ours: ["src/search"], packages: ["ts-morph"], node: true },
  // A bundle of its own, read when a cell draws its first chart.
  "src/kernel/plot": {
    ours: ["src/search/curvePoint.ts"],
    types: ["src/search/reportRecord.ts"],
    packages: ["@observablehq/plot", "linkedom"],
  },
  // A bundle of its own, read when a cell loads its first picture.
  "src/kernel/pictures": { ours: ["src/search/files"] },
  // The contract as types, and beside it what parses and frames it.
  "src/kernel/protocol.ts": { types: ["src/search"] },
  "src/kernel/protocol": { ours: ["src/kernel/protocol.ts"], types: ["src/search"], node: true },
  // Bundled into the extension and the command line, so neither the search nor the compiler may come along.
  "src/kernel/client": { ours: protocol, types: ["src/search"], node: true },
  "src/search": { packages: ["fast-png", "jpeg-js"], node: true },
  // Generators over plain data: no clock, no files, no randomness of their own.
  "src/search/algorithms": { ours: ["src/search"] },
  "src/search/files": {
    ours: ["src/search"],
    packages: ["fast-png", "jpeg-js", "@jsquash/webp"],
    node: true,
  },
  "src/search/onnx": {
    ours: ["src/search"],
    packages: ["onnxruntime-node", "@huggingface/tokenizers", "entities"],
    node: true,
  },
  // Markdown of pages.
  "src/cli/report": {
    ours: ["src/cli", "src/document", ...protocol],
    packages: ["markdown-it"],
    node: true,
  },
  "src/cli/pack": { ours: ["src/cli", "src/document"], packages: ["fflate"], node: true },
  // The comparison alone, which needs nothing of the search.
  "src/cli/verify": {
    ours: ["src/cli", "src/document", "src/document/summary", "src/search/replay/compareRecords.ts"],
    types: ["src/search/record.ts", "src/language/parameters"],
    node: true,
  },
  "src/cli/git": {
    ours: ["src/cli", "src/document", "src/document/merge", ...protocol],
    node: true,
  },
  "src/cli": {
    ours: [
      "src/kernel/client",
      ...protocol,
      "src/document",
      "src/document/here",
      "src/document/merge",
      "src/document/summary",
    ],
    types: ["src/search/record.ts", "src/language/parameters"],
    // Parameters in files.
    packages: ["yaml"],
    node: true,
  },
  // Beside types what turns a report into text and what its curves go through, the same as in a cell.
  webview: {
    ours: ["src/search/reportCsv.ts", "src/search/curvePoint.ts"],
    types: contracts,
    packages: drawing,
  },
  "webview/ui": { ours: ["webview"], types: contracts, packages: [...drawing, "@vscode/webview-ui-toolkit"] },
};

/** One import in one file; `target` is a path of ours, a package's name, or `node:...`. */
export interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

/** What is wrong with it, as a sentence, or nothing. */
export function objection({ file, target, typeOnly }: Import): string | undefined {
  const home = rowOf(file);
  if (!home) return `${file} lies in no folder of the table in test/static/importRule.ts: add its row first.`;
  const row = table[home] ?? {};
  if (target.startsWith("node:"))
    return row.node ? undefined : `${file} imports ${target}, but ${home} does not use Node.`;
  if (!/^(src|webview|test)\//.test(target)) {
    if (row.packages?.includes(target)) return undefined;
    return `${file} imports the package ${target}, but ${home} may import ${list(row.packages)}.`;
  }
  // A row within a row ("src/search/onnx") is a door of its own: its parent may use it, others only when their row says so.
  const allowed = [home, ...(row.ours ?? []), ...(typeOnly ? (row.types ?? []) : [])];
  if (allowed.some((folder) => within(target, folder))) return undefined;
  if (!typeOnly && row.types?.some((folder) => within(target, folder)))
    return `${file} imports values from ${target}, but ${home} may import only its types ("import type").`;
  return `${file} imports ${target}, but ${home} may import ${list([...(row.ours ?? []), ...(row.types ?? [])])}.`;
}

function rowOf(file: string): string | undefined {
  return Object.keys(table)
    .filter((folder) => within(file, folder))
    .sort((a, b) => b.length - a.length)[0];
}

function within(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function list(names: readonly string[] = []): string {
  return names.length ? `only ${names.join(", ")}` : "nothing else";
}

import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import type { Notebook } from "../../document/notebook.js";
import type { Command } from "../command.js";
import { EXIT } from "../exit.js";
import { openNotebook, prepareFolder, writeWhole } from "../files.js";
import { oneOperand, readArguments } from "../readArguments.js";
import { htmlPage } from "../report/htmlPage.js";
import { packed } from "./archive.js";

export const packCommand: Command = {
  name: "pack",
  summary: "put a notebook, its page and the files that it imports into one zip",
  usage: `Usage: dnb pack <notebook.dnb> [-o <file.zip>]

The archive has the notebook, the same as a page for those who have no VS Code, the modules and JSON files that its cells import from its
folder, and the hash of each. The same files make the same archive.

  -o, --output <file>   where it goes (default: <notebook>.zip)`,
  run: async (args) => {
    const { values, positionals } = readArguments(args, { output: { type: "string", short: "o" } });
    const input = oneOperand("pack", "notebook", positionals);
    const output = values.output ?? `${input}.zip`;
    prepareFolder(output);
    const notebook = openNotebook(input);
    const page = htmlPage(notebook, input, readFileSync(join(__dirname, "page.js"), "utf8"));
    const { files, outside } = importedBy(notebook, dirname(resolve(input)));
    const name = basename(input, ".dnb");
    files.set(basename(input), readFileSync(input));
    files.set(`${name}.html`, new TextEncoder().encode(page));
    writeWhole(output, packed(files));
    for (const path of outside)
      process.stderr.write(`dnb: ${path} lies outside of the notebook's folder and was not packed\n`);
    return EXIT.ok;
  },
};

const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(["'])(\.{1,2}\/[^"'\n]+)\1/g;
const ENDINGS = ["", ".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".json", "/index.ts", "/index.js"];

/** The files of the folder that cells import, and what those import in turn, by their paths in it. */
function importedBy({ cells }: Notebook, folder: string) {
  const files = new Map<string, Uint8Array>();
  const outside = new Set<string>();
  const follow = (source: string, from: string): void => {
    for (const [, , specifier = ""] of source.matchAll(SPECIFIER)) {
      const path = fileOf(resolve(from, specifier));
      if (path === undefined) continue;
      const name = relative(folder, path).split(sep).join("/");
      if (name.startsWith("../")) outside.add(path);
      else if (!files.has(name)) {
        const bytes = readFileSync(path);
        files.set(name, bytes);
        if (!name.endsWith(".json")) follow(bytes.toString(), dirname(path));
      }
    }
  };
  for (const { kind, source } of cells) if (kind === "code") follow(source.join("\n"), folder);
  return { files, outside };
}

/** As TypeScript finds it: "./x.js" may mean x.ts. */
function fileOf(path: string): string | undefined {
  const candidates = [...ENDINGS.map((ending) => path + ending), path.replace(/\.([cm]?)js$/, ".$1ts")];
  return candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isFile());
}

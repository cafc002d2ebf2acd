import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError, type Command } from "../command.js";
import { EXIT } from "../exit.js";
import { openNotebook, prepareFile, writeWhole } from "../files.js";
import { oneOperand, readArguments } from "../readArguments.js";
import { htmlPage } from "../report/htmlPage.js";
import { isPlainName, LIMITS, packed } from "./archive.js";
import { companionsOf } from "./companions.js";

export const packCommand: Command = {
  name: "pack",
  summary: "put a notebook, its page and the files that it uses into one zip",
  usage: `Usage: dnb pack <notebook.dnb> [-o <file.zip>] [--include <path>]

The archive has the notebook, the same as a page for those who have no VS Code, the files of its folder that it names, and the hash of each.
Named is what Markdown cells show or link to, and every file whose path stands in quotes in a code cell or in a module that one imports:
modules, JSON, loadImage("…"), readFile("…"). Paths that are put together at run time, whole folders (a model's) and what begins with a dot
need --include. What is named and was not packed is told. The same files make the same archive.

  -o, --output <file>    where it goes (default: <notebook>.zip)
      --include <path>   this file or folder too; it lies in the notebook's folder`,
  run: async (args) => {
    const { values, positionals } = readArguments(args, {
      output: { type: "string", short: "o" },
      include: { type: "string", multiple: true },
    });
    const input = oneOperand("pack", "notebook", positionals);
    const output = values.output ?? `${input}.zip`;
    prepareFile(output);
    const notebook = openNotebook(input);
    const folder = dirname(resolve(input));
    const { files, notes } = await companionsOf(notebook, folder, values.include ?? []);
    const own = new Set([resolve(input), resolve(output)]);
    const beside = files.filter(({ name }) => !own.has(join(folder, name)));
    checkSize(beside.map(({ path }) => path));
    const script = readFileSync(join(__dirname, "page.js"), "utf8");
    const archive = new Map(beside.map(({ name, path }) => [name, new Uint8Array(readFileSync(path))]));
    archive.set(basename(input), readFileSync(input));
    archive.set(
      pageName(basename(input, ".dnb"), archive),
      new TextEncoder().encode(await htmlPage(notebook, { name: input, folder, script })),
    );
    for (const name of archive.keys())
      if (!isPlainName(name))
        throw new UsageError(`${name} has a name that not every system allows, so it could not be unpacked`);
    writeWhole(output, packed(archive));
    for (const note of notes) process.stderr.write(`dnb: ${note}\n`);
    return EXIT.ok;
  },
};

/** Before gigabytes are read. */
function checkSize(paths: readonly string[]): void {
  const sizes = paths.map((path) => ({ path, size: statSync(path).size })).sort((a, b) => b.size - a.size);
  const total = sizes.reduce((sum, { size }) => sum + size, 0);
  if (total > LIMITS.bytes / 2 || sizes.length > LIMITS.entries / 2)
    throw new UsageError(
      `the notebook and what it names are ${sizes.length} files of ${Math.round(total / 1e6)} MB, the largest ${sizes[0]?.path}; an archive holds ${LIMITS.entries / 2} of ${LIMITS.bytes / 2e6} MB`,
    );
}

/** A page that the notebook itself reads keeps its name. */
function pageName(stem: string, taken: ReadonlyMap<string, unknown>): string {
  let name = `${stem}.html`;
  while (taken.has(name)) name = name.replace(/\.html$/, ".page.html");
  return name;
}

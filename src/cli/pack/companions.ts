import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import type { Notebook } from "../../document/notebook.js";
import { UsageError } from "../command.js";
import { placeOf, type FolderFile, type Place } from "../folderFile.js";
import { pathIn } from "../report/pathIn.js";

/** The files that a reader of a notebook needs beside it. */
export interface Companions {
  readonly files: readonly FolderFile[];
  /** What the notebook names and is not among them, as sentences. */
  readonly notes: readonly string[];
}

/** As TypeScript finds it: "./x" may mean x.ts, and "./x.js" too. */
const ENDINGS = [".ts", ".mts", ".cts", ".tsx", ".js", ".mjs", ".cjs", ".json", "/index.ts", "/index.js"];
const MODULE = /\.[cm]?[jt]sx?$/;
const LONGEST_PATH = 300;

/**
 * Found by what is written: pictures and links of Markdown cells, and every text in quotes, in a code cell or a module that it imports, that
 * names a file: what is imported, `loadImage("…")`, `readFile("…")`. It counts from the notebook's folder, where cells run, and in a module
 * from its own too. A path that is put together at run time is not seen, so `included` adds files and whole folders. Nothing outside of the
 * folder is taken, and what begins with a dot (`.env`) only when `included` names it. `folder` is absolute. Throws UsageError for a path of
 * `included` that is not there or lies outside.
 */
export async function companionsOf(
  { cells }: Notebook,
  folder: string,
  included: readonly string[],
): Promise<Companions> {
  const { addressesIn } = await import("../report/markdown.js");
  const files = new Map<string, FolderFile>();
  const notes = new Set<string>();
  const add = (file: FolderFile): void => {
    if (files.has(file.name)) return;
    files.set(file.name, file);
    if (MODULE.test(file.name)) follow(readFileSync(file.path, "utf8"), dirname(join(folder, file.name)));
  };
  /** The first of the places that is a file, else why there is none. */
  const take = (text: string, places: readonly Place[]): void => {
    const file = places.find((place) => typeof place === "object");
    const note = (why: string): void => void notes.add(`${text} ${why}`);
    if (file && !file.isHidden) add(file);
    else if (file) note("begins with a dot and was not packed; --include packs it");
    else if (places.includes("outside")) note("lies outside of the notebook's folder and was not packed");
    else if (places.includes("folder")) note("is a folder and was not packed; --include packs it");
  };
  const follow = (source: string, from: string): void => {
    for (const text of quoted(source)) {
      const variants = /^\.{1,2}\//.test(text)
        ? [text, text.replace(/\.([cm]?)js$/, ".$1ts"), ...ENDINGS.map((ending) => text + ending)]
        : [text];
      const paths = [...new Set([from, folder])].flatMap((base) =>
        variants.map((name) => resolve(base, name)),
      );
      take(
        text,
        paths.map((path) => placeOf(path, folder)),
      );
    }
  };
  for (const { kind, source } of cells) {
    if (kind === "code") follow(source.join("\n"), folder);
    else
      for (const address of addressesIn(source.join("\n"))) {
        const path = pathIn(address);
        if (path) take(path, [placeOf(path, folder)]);
      }
  }
  for (const path of included) for (const file of namedFiles(path, folder)) add(file);
  return { files: [...files.values()], notes: [...notes] };
}

/**
 * What stands between one quote and the next of its kind on a line. That is every string without substitutions, and, behind the apostrophe of
 * a comment, some texts that are none: those name no file.
 */
function quoted(source: string): Set<string> {
  const found = new Set<string>();
  for (const quote of ['"', "'", "`"]) {
    const parts = source.split(quote).slice(1, -1);
    for (const part of parts)
      if (/\w/.test(part) && part.length <= LONGEST_PATH && !part.includes("\n"))
        found.add(part.replace(/\\(.)/g, "$1"));
  }
  return found;
}

/** The file, or those of the folder but for what begins with a dot in it. */
function namedFiles(path: string, folder: string): FolderFile[] {
  const place = placeOf(resolve(path), folder);
  if (typeof place === "object") return [place];
  if (place !== "folder")
    throw new UsageError(
      `--include ${path}: ${place === "absent" ? "there is no such file or folder" : "it lies outside of the notebook's folder"}`,
    );
  return readdirSync(path, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const file = resolve(entry.parentPath, entry.name);
    const below = relative(resolve(path), file).split(sep);
    const found = below.some((part) => part.startsWith(".")) ? "absent" : placeOf(file, folder);
    return typeof found === "object" ? [found] : [];
  });
}

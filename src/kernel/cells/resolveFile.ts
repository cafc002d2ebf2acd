import { realpathSync, statSync } from "node:fs";
import { dirname, extname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const EXTENSIONS = [".ts", ".tsx", ".mts", ".js", ".mjs", ".cjs", ".json"];

/** What a TypeScript author may mean by a JavaScript extension. */
const TYPESCRIPT: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx"],
  ".mjs": [".mts"],
};

/** Files are the kernel's to load; packages and `node:` modules are Node's. */
export const isWorkspacePath = (specifier: string): boolean =>
  /^(\.{1,2}(\/|$)|file:)/.test(specifier) || isAbsolute(specifier);

export const isPackageFile = (path: string): boolean => /[\\/]node_modules[\\/]/.test(path);

/** The file that `specifier` means when a file in `directory` imports it. Throws with the paths that were tried. */
export function resolveFile(specifier: string, directory: string): string {
  const base = specifier.startsWith("file:") ? fileURLToPath(specifier) : resolve(directory, specifier);
  const extension = extname(base);
  const stem = base.slice(0, base.length - extension.length);
  const candidates = [
    base,
    ...(TYPESCRIPT[extension] ?? []).map((other) => stem + other),
    ...EXTENSIONS.map((added) => base + added),
    ...EXTENSIONS.map((added) => join(base, `index${added}`)),
  ];
  const found = candidates.find(isFile);
  if (found) return realpathSync(found);
  const error = new Error(
    `Cannot find "${specifier}" from ${directory}. Tried ${dirname(base)}/ with ${candidates
      .slice(0, 1 + EXTENSIONS.length)
      .map((path) => path.slice(dirname(base).length + 1))
      .join(", ")}.`,
  );
  throw Object.assign(error, { name: "ModuleNotFound" });
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

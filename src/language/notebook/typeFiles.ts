import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where the compiler finds what it knows of the world. */
export interface TypeFiles {
  /** Folder of TypeScript's own `lib.*.d.ts`. */
  readonly lib: string;
  /** The types of "dnb". */
  readonly dnb: string;
  /** A folder with `@types/node` and `@observablehq/plot`, which cells have without installing them. */
  readonly modules: string;
}

/** Those that the build puts beside the server's bundle. */
export const bundledTypes = (folder: string): TypeFiles => ({
  lib: join(folder, "lib"),
  dnb: join(folder, "dnb.d.ts"),
  modules: join(folder, "node_modules"),
});

/** The types of Node that a folder has installed, else those that come along. */
export function nodeTypes(directory: string, { modules }: TypeFiles): string {
  for (let folder = directory; ; folder = dirname(folder)) {
    const file = join(folder, "node_modules", "@types", "node", "index.d.ts");
    if (existsSync(file)) return file;
    if (dirname(folder) === folder) return join(modules, "@types", "node", "index.d.ts");
  }
}

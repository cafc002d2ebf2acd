import { readFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import type { CompiledModule } from "../compiler/compileModule.js";
import type { FileUse } from "../control/staleCells.js";
import { stampOf } from "../fileStamp.js";
import { isPackageFile } from "./resolveFile.js";
import type { StackTraces } from "./stackTraces.js";

type Extension = (module: NodeModule & { _compile(code: string, path: string): void }, path: string) => void;
/** Node's table of loaders, which its types have on the `Module` that `require` itself uses. */
const extensions = (Module as unknown as { readonly _extensions: Record<string, Extension | undefined> })
  ._extensions;
const cache = (Module as unknown as { readonly _cache: Record<string, NodeModule | undefined> })._cache;

/** What Node keeps there of a JSON file that was imported is no whole module. */
const childrenOf = (module: Partial<NodeModule> | undefined): readonly NodeModule[] => module?.children ?? [];

/** `require()` of TypeScript files of the workspace, and of changed ones again. */
export class RequireFiles {
  /** Of the files outside of packages that are loaded. */
  readonly #stamps = new Map<string, string>();

  constructor(
    private readonly compile: (source: string, path: string) => CompiledModule,
    private readonly traces: StackTraces,
    private readonly imported: (files: readonly FileUse[]) => void,
  ) {
    for (const extension of [".ts", ".tsx", ".mts", ".cts"])
      extensions[extension] = (module, path) => module._compile(this.#compiled(path), path);
  }

  /** Files that changed since they were loaded, and whatever requires them, are loaded again by the next `require`. */
  dropChanged(): void {
    for (const path of Object.keys(cache)) {
      if (isPackageFile(path)) continue;
      const stamp = stampOf(path);
      const known = this.#stamps.get(path);
      if (known === undefined) this.#stamps.set(path, stamp);
      else if (known !== stamp) this.#drop(path);
    }
  }

  /** A cell has required the file: it depends on that, and on all that it requires in turn. */
  required(path: string): void {
    const files = this.#filesOf(path);
    if (files.length) this.imported(files);
  }

  /** A CommonJS file of the workspace for one that imports it, and what it is made of. */
  load(path: string): { readonly value: unknown; readonly files: readonly FileUse[] } {
    this.dropChanged();
    const value: unknown = createRequire(path)(path);
    return { value, files: this.#filesOf(path) };
  }

  #filesOf(path: string): readonly FileUse[] {
    const found = new Map<string, FileUse>();
    const add = (file: string): void => {
      const module = cache[file];
      if (!module || found.has(file) || isPackageFile(file)) return;
      const stamp = this.#stamps.get(file) ?? stampOf(file);
      this.#stamps.set(file, stamp);
      found.set(file, { path: file, stamp });
      for (const { filename } of childrenOf(module)) add(filename);
    };
    add(path);
    return [...found.values()];
  }

  #drop(path: string): void {
    const module = cache[path];
    this.#stamps.delete(path);
    if (!module) return;
    delete cache[path];
    for (const [parent, loaded] of Object.entries(cache))
      if (childrenOf(loaded).includes(module)) this.#drop(parent);
  }

  #compiled(path: string): string {
    this.#stamps.set(path, stampOf(path));
    const compiled = this.compile(readFileSync(path, "utf8"), path);
    const label = this.traces.nameOf(path);
    if (!compiled.ok) {
      const { message, line, column } = compiled.error;
      throw new SyntaxError(`${message} (${label}:${line}:${column})`);
    }
    this.traces.add(path, label, compiled.map);
    return compiled.code;
  }
}

import { readFileSync } from "node:fs";
import { dirname, extname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { SourceTextModule, SyntheticModule, type Module } from "node:vm";
import type { CompiledModule } from "../compiler/compileModule.js";
import type { FileUse } from "../control/staleCells.js";
import { stampOf } from "../fileStamp.js";
import type { Namespace } from "./moduleLoader.js";
import { inlineMap } from "./inlineMap.js";
import { isPackageFile, isWorkspacePath, resolveFile } from "./resolveFile.js";
import type { StackTraces } from "./stackTraces.js";

interface Loaded {
  readonly module: Promise<Module>;
  /** Of the file when it was read: another stamp is another module. */
  readonly stamp: string;
  readonly imports: Set<string>;
  /** What a CommonJS file requires. */
  readonly requires: FileUse[];
}

export interface WorkspaceServices {
  readonly compile: (source: string, fileName: string) => Promise<CompiledModule>;
  /** For what a workspace file imports that is no workspace file, or imports while it runs. */
  readonly load: (specifier: string, directory: string) => Promise<Namespace>;
  /** For CommonJS files of the workspace. */
  readonly require: (path: string) => { readonly value: unknown; readonly files: readonly FileUse[] };
  readonly traces: StackTraces;
  /** Told of each import: the file, and all that it imports in turn. */
  readonly imported: (files: readonly FileUse[]) => void;
}

/** TypeScript, JavaScript and JSON files beside the notebook, as real ES modules: live bindings, cycles, top-level await. */
export class WorkspaceModules {
  readonly #loaded = new Map<string, Loaded>();
  #linking: Promise<unknown> = Promise.resolve();

  constructor(private readonly services: WorkspaceServices) {}

  /** `path`: of a file that is there, and belongs to no package. */
  async import(path: string): Promise<Namespace> {
    // One at a time: two imports that share a file must not link it twice.
    const linked = this.#linking.then(() => this.#link(path));
    this.#linking = linked.catch(() => undefined);
    const module = await linked;
    this.services.imported(this.#filesOf(path));
    return this.#evaluate(module, path);
  }

  #filesOf(path: string, found = new Map<string, FileUse>()): readonly FileUse[] {
    const loaded = this.#loaded.get(path);
    if (loaded && !found.has(path)) {
      found.set(path, { path, stamp: loaded.stamp });
      for (const file of loaded.requires) found.set(file.path, file);
      for (const inner of loaded.imports) this.#filesOf(inner, found);
    }
    return [...found.values()];
  }

  async #link(path: string): Promise<Module> {
    this.#dropChanged();
    try {
      const module = await this.#load(path);
      if (module.status === "unlinked")
        await module.link((specifier, from) => this.#dependency(specifier, from));
      return module;
    } catch (error) {
      // Half a graph is of no use to anyone, and the author is about to mend it.
      this.#loaded.clear();
      throw error;
    }
  }

  /** Resolves when all of it has been evaluated, also what awaits at its top level, and whoever imported it first. */
  async #evaluate(module: Module, path: string): Promise<Namespace> {
    try {
      // Imported by what it imports itself, while that begins.
      while (module.status === "evaluating") await wait(1);
      if (module.status === "errored") throw module.error;
      await module.evaluate();
    } catch (error) {
      await this.#dropFailed(path);
      throw error;
    }
    return module.namespace as Namespace;
  }

  /** The next import tries them again: what they failed for may not be in any file. */
  async #dropFailed(path: string): Promise<void> {
    const failed = new Set([path]);
    for (const [other, { module }] of [...this.#loaded])
      if ((await module.catch(() => undefined))?.status === "errored") failed.add(other);
    this.#drop(failed);
  }

  async #dependency(specifier: string, from: Module): Promise<Module> {
    const parent = from.identifier;
    const directory = dirname(parent);
    if (isWorkspacePath(specifier)) {
      const path = resolveFile(specifier, directory);
      if (!isPackageFile(path)) {
        this.#loaded.get(parent)?.imports.add(path);
        return this.#load(path);
      }
    }
    return synthetic(await this.services.load(specifier, directory), specifier);
  }

  #load(path: string): Promise<Module> {
    const known = this.#loaded.get(path);
    if (known) return known.module;
    const stamp = stampOf(path);
    const requires: FileUse[] = [];
    const module = this.#read(path, requires);
    this.#loaded.set(path, { module, stamp, imports: new Set(), requires });
    return module;
  }

  async #read(path: string, requires: FileUse[]): Promise<Module> {
    const extension = extname(path);
    if (extension === ".json") return synthetic({ default: parseJson(path) }, path);
    if (extension === ".cjs" || extension === ".cts") return this.#commonJs(path, requires);
    const compiled = await this.services.compile(readFileSync(path, "utf8"), path);
    const { traces } = this.services;
    const label = traces.nameOf(path);
    if (!compiled.ok) {
      const { message, line, column } = compiled.error;
      throw new SyntaxError(`${message} (${label}:${line}:${column})`);
    }
    if (extension === ".js" && !compiled.isModule) return this.#commonJs(path, requires);
    traces.add(path, label, compiled.map);
    return new SourceTextModule(`${compiled.code}\n${inlineMap(compiled.map, pathToFileURL(path).href)}`, {
      identifier: path,
      initializeImportMeta: (meta) =>
        void Object.assign(meta, { url: pathToFileURL(path).href, filename: path, dirname: dirname(path) }),
      importModuleDynamically: (async (specifier: string) =>
        this.services.load(specifier, dirname(path))) as never,
    });
  }

  #commonJs(path: string, requires: FileUse[]): Module {
    const { value, files } = this.services.require(path);
    requires.push(...files.filter((file) => file.path !== path));
    const members = typeof value === "object" && value !== null ? (value as Namespace) : {};
    return synthetic({ ...members, default: value }, path);
  }

  /** Files that changed since they were read, and whatever imports them, are read again. */
  #dropChanged(): void {
    const isNew = ({ path, stamp }: FileUse): boolean => stampOf(path) !== stamp;
    const changed = [...this.#loaded].filter(
      ([path, { stamp, requires }]) => isNew({ path, stamp }) || requires.some(isNew),
    );
    this.#drop(new Set(changed.map(([path]) => path)));
  }

  #drop(paths: Set<string>): void {
    for (const path of paths) {
      this.#loaded.delete(path);
      for (const [importer, { imports }] of this.#loaded) if (imports.has(path)) paths.add(importer);
    }
  }
}

function parseJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8").replace(/^\uFEFF/, ""));
  } catch (error) {
    throw new SyntaxError(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function synthetic(namespace: Namespace, identifier: string): Module {
  const names = Object.keys(namespace);
  return new SyntheticModule(
    names,
    function () {
      for (const name of names) this.setExport(name, namespace[name]);
    },
    { identifier },
  );
}

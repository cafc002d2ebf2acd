import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { ts } from "ts-morph";

/** More would make each list wait. */
const MOST_PACKAGES = 20;
const MOST_FILES = 50;

/**
 * What cells may import though none does yet: the packages that the folder's package.json names, and the files beside the notebook. A program of
 * its own, so that cells are checked with what they import and no more. To make it may take a second or two, so that nothing is offered before
 * `prepare` was called.
 */
export class Importable {
  readonly #directory: string;
  #service: ts.LanguageService | undefined;
  #roots: readonly string[] = [];
  #stamp = "";
  #version = 0;
  #isPrepared = false;

  constructor(
    directory: string,
    private readonly options: ts.CompilerOptions,
    private readonly registry: ts.DocumentRegistry,
  ) {
    this.#directory = directory;
  }

  /** Grows whenever there is something else to import. */
  get version(): number {
    this.#look();
    return this.#version;
  }

  prepare(): void {
    if (this.#isPrepared) return;
    this.#isPrepared = true;
    this.#version++;
    this.program()?.getTypeChecker();
  }

  /** Undefined where there is nothing. */
  program(): ts.Program | undefined {
    this.#look();
    if (!this.#isPrepared || !this.#roots.length) return undefined;
    this.#service ??= ts.createLanguageService(this.#host(), this.registry);
    return this.#service.getProgram();
  }

  /** The text of a file has changed. */
  filesChanged(): void {
    this.#version++;
  }

  dispose(): void {
    this.#service?.dispose();
  }

  #look(): void {
    const manifest = ts.findConfigFile(this.#directory, (path) => ts.sys.fileExists(path), "package.json");
    const places = manifest ? [manifest, join(dirname(manifest), "node_modules")] : [];
    const stamp = (): string => {
      const own = this.#roots.filter((path) => !isPackageFile(path));
      return JSON.stringify([this.#directory, ...places, ...own].map(stampOf));
    };
    if (stamp() === this.#stamp) return;
    this.#version++;
    const packages = manifest ? packagesIn(manifest).flatMap((name) => this.#entry(name) ?? []) : [];
    this.#roots = [...this.#files(), ...packages];
    this.#stamp = stamp();
  }

  /** The types of a package; a package without them has nothing that could be offered. */
  #entry(name: string): string | undefined {
    const from = `${this.#directory}/cell.ts`;
    const { resolvedModule } = ts.resolveModuleName(name, from, this.options, ts.sys);
    return resolvedModule?.resolvedFileName.endsWith(".ts") ? resolvedModule.resolvedFileName : undefined;
  }

  #files(): readonly string[] {
    try {
      const names = readdirSync(this.#directory).filter((name) => /\.([mc]?ts|tsx)$/.test(name));
      return names.slice(0, MOST_FILES).map((name) => `${this.#directory}/${name}`);
    } catch {
      // A notebook that is in no folder yet.
      return [];
    }
  }

  #host(): ts.LanguageServiceHost {
    const { sys } = ts;
    const options = { ...this.options, noLib: true, types: [], lib: [] };
    return {
      getCompilationSettings: () => options,
      getProjectVersion: () => String(this.#version),
      getScriptFileNames: () => [...this.#roots],
      getScriptVersion: (file) => (isPackageFile(file) ? "0" : stampOf(file)),
      getScriptSnapshot: (file) => {
        const text = sys.readFile(file);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => this.#directory,
      getDefaultLibFileName: () => "lib.d.ts",
      fileExists: (file) => sys.fileExists(file),
      readFile: (file) => sys.readFile(file),
      directoryExists: (path) => sys.directoryExists(path),
      getDirectories: (path) => sys.getDirectories(path),
      realpath: (path) => sys.realpath?.(path) ?? path,
      useCaseSensitiveFileNames: () => sys.useCaseSensitiveFileNames,
    };
  }
}

/** Those that a program needs to run; a broken file names none. */
function packagesIn(manifest: string): readonly string[] {
  try {
    const content = JSON.parse(readFileSync(manifest, "utf8")) as Record<string, unknown> | null;
    const names = ["dependencies", "optionalDependencies", "peerDependencies"].flatMap((group) =>
      Object.keys(content?.[group] ?? {}),
    );
    return [...new Set(names)].slice(0, MOST_PACKAGES);
  } catch {
    return [];
  }
}

const isPackageFile = (path: string): boolean => path.includes("/node_modules/");

function stampOf(path: string): string {
  try {
    const { mtimeMs, size } = statSync(path);
    return `${mtimeMs}-${size}`;
  } catch {
    return "gone";
  }
}

import { statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { ts } from "ts-morph";
import { cellDeclarations, type CellDeclarations } from "./cellDeclarations.js";
import { CellSnapshot } from "./cellSnapshot.js";
import { cellTail, type CellTail, type Link } from "./cellTail.js";
import { compilerOptions } from "./compilerOptions.js";
import { ExportMap } from "./exportMap.js";
import { Importable } from "./importable.js";
import { NameTable } from "./nameTable.js";
import { nodeTypes, type TypeFiles } from "./typeFiles.js";

/** A code cell. `key` stays with it while the notebook is open, and is unique in it. */
export interface CellText {
  readonly key: string;
  readonly text: string;
  /** As people count cells, from 1, those without code among them. Default: by its place among these. */
  readonly number?: number;
}

export interface FileChange {
  readonly path: string;
  readonly created: boolean;
}

/** A code cell as a module: a file that only the compiler sees, in the notebook's folder, so that imports resolve from there. */
export interface CellModule extends Required<CellText> {
  readonly file: string;
  readonly index: number;
  readonly declarations: CellDeclarations;
  readonly tail: CellTail;
  readonly version: number;
}

const IDENTIFIER = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu;

/** Shared by all notebooks: the libraries are parsed once. */
const registry = ts.createDocumentRegistry(ts.sys.useCaseSensitiveFileNames);

let opened = 0;

/** The cells of a notebook as one TypeScript program: one module for each, which sees the names of the others. */
export class NotebookProject {
  readonly service: ts.LanguageService;
  readonly #types: TypeFiles;
  readonly #directory: string;
  readonly #name: string;
  readonly #options: ts.CompilerOptions;
  readonly #roots: readonly string[];
  readonly #importable: Importable;
  readonly #exports: ExportMap;
  readonly #mentions = new Map<string, { readonly text: string; readonly names: ReadonlySet<string> }>();
  #cells: readonly CellModule[] = [];
  #byFile = new Map<string, CellModule>();
  #byKey = new Map<string, CellModule>();
  #table = new NameTable([], new Set());
  #globals: ReadonlySet<string> | undefined;
  /** The cell whose tail has all names, as a completion list needs them. */
  #focus: string | undefined;
  #version = 0;
  #resolveAnew = false;
  /** Cells that import what was not there: it may be, at the next change. */
  readonly #lacking = new Set<string>();

  /** `path`: of the notebook, which need not exist. */
  constructor(path: string, types: TypeFiles) {
    this.#types = types;
    this.#directory = slashed(dirname(path));
    // Two notebooks may have one path: those that are no files yet. Their cells must not be taken for each other's.
    this.#name = `${basename(path)}.${++opened}`;
    this.#options = compilerOptions(this.#directory, types);
    this.#importable = new Importable(this.#directory, this.#options, registry);
    this.#exports = new ExportMap({
      getCurrentProgram: () => this.service.getProgram(),
      getPackageJsonAutoImportProvider: () => this.#importable.program(),
    });
    this.#roots = [types.dnb, nodeTypes(dirname(path), types)].map(slashed);
    this.service = ts.createLanguageService(this.#host(), registry);
  }

  get cells(): readonly CellModule[] {
    return this.#cells;
  }

  /** By a cell's key. Throws for one that the notebook does not have. */
  cell(key: string): CellModule {
    const cell = this.#byKey.get(key);
    if (!cell) throw new Error(`The notebook has no cell ${key}.`);
    return cell;
  }

  /** By the name of a file; nothing for one that is no cell. */
  cellOf(file: string): CellModule | undefined {
    return this.#byFile.get(file);
  }

  /** The code cells, in the notebook's order. */
  update(cells: readonly CellText[]): void {
    const declarations = cells.map(({ key, text }) => {
      const before = this.#byKey.get(key);
      return before?.text === text ? before.declarations : cellDeclarations(text);
    });
    this.#table = new NameTable(declarations, this.#globalNames());
    this.#rebuild(cells, declarations);
  }

  /** From now on this cell's module knows every name that the notebook has for it. */
  focus(key: string): void {
    if (this.#focus === key) return;
    this.#focus = key;
    this.#rebuild(
      this.#cells,
      this.#cells.map(({ declarations }) => declarations),
    );
  }

  /** From now on, what no cell imports yet is offered too. For a moment in which nobody waits. */
  prepareImports(): void {
    this.#importable.prepare();
  }

  /** Files on the disk have changed, come or gone: what imports mean is found out anew. */
  filesChanged(): void {
    this.#version++;
    this.#importable.filesChanged();
    this.#resolveAnew = true;
    this.program();
    this.#resolveAnew = false;
  }

  /** Does it matter to the cells that files have come, changed or gone? */
  concerns(files: readonly FileChange[]): boolean {
    return files.some(({ path, created }) => {
      if (!created) return !!this.program().getSourceFile(slashed(path));
      // A module may be found now, or another one under its name. Data that something writes is neither, most of the time.
      return this.#lacking.size > 0 || !path.endsWith(".json");
    });
  }

  /** Whether a cell imports what cannot be found. */
  lacks({ file }: CellModule, modules: boolean): void {
    if (modules) this.#lacking.add(file);
    else this.#lacking.delete(file);
  }

  /** What a name in a cell's tail stands for, by its place in the cell's module. */
  linkAt(cell: CellModule, start: number): { readonly name: string; readonly cell: CellModule } | undefined {
    const place = start - cell.text.length;
    if (place < 0) return undefined;
    for (const [name, links] of cell.tail.links)
      for (const link of links) {
        const target = this.#cells[link.cell];
        if (link.start === place && target) return { name, cell: target };
      }
    return undefined;
  }

  /** The cells that take `name` from `cell`, and where their tails bind it. */
  consumers(name: string, { index }: CellModule): readonly { cell: CellModule; start: number }[] {
    return this.#cells.flatMap((cell) =>
      (cell.tail.links.get(name) ?? [])
        .filter((link: Link) => link.cell === index)
        .map(({ start }) => ({ cell, start: cell.text.length + start })),
    );
  }

  /** The program of the cells as they are now. */
  program(): ts.Program {
    const program = this.service.getProgram();
    if (!program) throw new Error("The language service has no program.");
    return program;
  }

  dispose(): void {
    this.service.dispose();
    this.#importable.dispose();
  }

  #rebuild(cells: readonly CellText[], declarations: readonly CellDeclarations[]): void {
    const names = cells.map(({ key }, index) => this.#fileName(key, declarations[index]));
    const specifiers = names.map((name) => JSON.stringify(`./${name}`));
    const specifier = (index: number): string => specifiers[index] ?? `""`;
    let changed = cells.length !== this.#cells.length;
    this.#cells = cells.map(({ key, text, number: given }, index): CellModule => {
      const before = this.#byKey.get(key);
      const own = declarations[index] ?? cellDeclarations(text);
      const used = key === this.#focus ? this.#table.names() : this.#mentioned(key, text);
      const tail = cellTail({ index, declarations: own, table: this.#table, names: used, specifier });
      const file = `${this.#directory}/${names[index]}`;
      const same = before?.text === text && before.tail.text === tail.text && before.file === file;
      const number = given ?? index + 1;
      if (!same || before.index !== index || before.number !== number) changed = true;
      const version = same ? before.version : (before?.version ?? 0) + 1;
      return { key, text, number, index, declarations: own, tail, version, file };
    });
    if (!changed) return;
    this.#version++;
    this.#byKey = new Map(this.#cells.map((cell) => [cell.key, cell]));
    this.#byFile = new Map(this.#cells.map((cell) => [cell.file, cell]));
    for (const key of this.#mentions.keys()) if (!this.#byKey.has(key)) this.#mentions.delete(key);
  }

  /** Words of the cell that may be names of another one: too many do no harm. */
  #mentioned(key: string, text: string): Iterable<string> {
    let known = this.#mentions.get(key);
    if (known?.text !== text) {
      known = { text, names: new Set(text.match(IDENTIFIER)) };
      this.#mentions.set(key, known);
    }
    return known.names;
  }

  /** What a cell means by a name before any cell has declared it: JavaScript's, Node's and TypeScript's own. */
  #globalNames(): ReadonlySet<string> {
    if (this.#globals) return this.#globals;
    const program = this.program();
    const root = this.#roots[0] === undefined ? undefined : program.getSourceFile(this.#roots[0]);
    const meanings = ts.SymbolFlags.Value | ts.SymbolFlags.Type | ts.SymbolFlags.Namespace;
    const symbols = root ? program.getTypeChecker().getSymbolsInScope(root, meanings) : [];
    return (this.#globals = new Set(symbols.map(({ name }) => name)));
  }

  #fileName = (key: string, own: CellDeclarations | undefined): string =>
    `${this.#name}.${key}.${own?.isTsx ? "tsx" : "ts"}`;

  #host(): ts.LanguageServiceHost & Unlisted {
    const text = (file: string): string | undefined => {
      const cell = this.#byFile.get(file);
      return cell ? cell.text + cell.tail.text : ts.sys.readFile(file);
    };
    return {
      getCompilationSettings: () => this.#options,
      getProjectVersion: () => String(this.#version),
      getScriptFileNames: () => [...this.#roots, ...this.#byFile.keys()],
      getScriptVersion: (file) => String(this.#byFile.get(file)?.version ?? stamp(file)),
      getScriptSnapshot: (file) => {
        const content = text(file);
        return content === undefined ? undefined : new CellSnapshot(content);
      },
      getCurrentDirectory: () => this.#directory,
      getDefaultLibFileName: () => `${slashed(this.#types.lib)}/lib.esnext.d.ts`,
      fileExists: (file) => this.#byFile.has(file) || ts.sys.fileExists(file),
      readFile: text,
      directoryExists: (path) => ts.sys.directoryExists(path),
      getDirectories: (path) => ts.sys.getDirectories(path),
      readDirectory: (...search) => ts.sys.readDirectory(...search),
      realpath: (path) => ts.sys.realpath?.(path) ?? path,
      useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
      getPackageJsonAutoImportProvider: () => this.#importable.program(),
      getCachedExportInfoMap: () => this.#exports.current(String(this.#importable.version)),
      hasInvalidatedResolutions: (file) => this.#resolveAnew || this.#lacking.has(file),
    };
  }
}

/** Of the host, though the types of TypeScript leave them out. */
interface Unlisted {
  /** Without it, what an import means is found once only. */
  hasInvalidatedResolutions(file: string): boolean;
  /** What may be imported beside what the program has. */
  getPackageJsonAutoImportProvider(): ts.Program | undefined;
  getCachedExportInfoMap(): unknown;
}

/** Libraries and packages do not change while a notebook is open; files of the workspace do. */
function stamp(file: string): string {
  if (/[\\/]node_modules[\\/]|[\\/]lib\.[^\\/]*\.d\.ts$/.test(file)) return "0";
  try {
    const { mtimeMs, size } = statSync(file);
    return `${mtimeMs}-${size}`;
  } catch {
    return "gone";
  }
}

const slashed = (path: string): string => path.replaceAll("\\", "/");

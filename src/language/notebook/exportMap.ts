import { ts } from "ts-morph";

/** TypeScript's list of what may be imported, which it makes anew for each completion unless it is kept. Its types leave it out. */
interface Kept {
  clear(): void;
  /** Symbols belong to one program; the names stay. */
  releaseSymbols(): void;
}

interface Programs {
  getCurrentProgram(): ts.Program | undefined;
  getPackageJsonAutoImportProvider(): ts.Program | undefined;
  getGlobalTypingsCacheLocation(): undefined;
}

const { createCacheableExportInfoMap: create } = ts as unknown as {
  createCacheableExportInfoMap: (programs: Programs) => Kept;
};

/** What cells may import, kept for as long as the files are the same that it comes from: cells themselves give nothing to import. */
export class ExportMap {
  readonly #kept: Kept;
  #program: ts.Program | undefined;
  #files = "";

  constructor(private readonly programs: Omit<Programs, "getGlobalTypingsCacheLocation">) {
    this.#kept = create({ ...programs, getGlobalTypingsCacheLocation: () => undefined });
  }

  /** `version`: of files on the disk. */
  current(version: string): Kept {
    const program = this.programs.getCurrentProgram();
    const files = `${version} ${program?.getSourceFiles().length}`;
    if (program !== this.#program) this.#kept.releaseSymbols();
    if (files !== this.#files) this.#kept.clear();
    this.#program = program;
    this.#files = files;
    return this.#kept;
  }
}

import { SourceMap, type SourceMapPayload } from "node:module";
import { basename, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { unmangle } from "../compiler/mangle.js";

/** The file in a folder in whose name its cells import packages; there is none. */
export const IMPORTER_NAME = "notebook.js";

/** The inspector tells of a thrown error by its stack, and that of a message of 100 MB would take it many seconds. */
const LONGEST_HEADER = 20_000;

/** Place in a source as the author wrote it, from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface CellPlace extends Place {
  /** Of the execution that the script belongs to. */
  readonly sequence: number;
}

/** V8 gives them this, Node's types forget it. */
type CallSite = NodeJS.CallSite & { toString(): string };

interface Script {
  /** "Cell 3", or the path of a workspace file. */
  readonly label: string;
  readonly sequence?: number;
  readonly map: () => SourceMap;
}

/** Knows the scripts that the kernel made, and writes stacks in terms of their sources: `at inner (Cell 3:12:5)`. */
export class StackTraces {
  readonly #scripts = new Map<string, Script>();
  readonly #places = new WeakMap<object, readonly CellPlace[]>();

  /** `home`: folder of the kernel's own code, whose frames are left out; `directory`: the notebook's, which paths are relative to. */
  constructor(
    private readonly home: string,
    private readonly directory: () => string,
  ) {}

  /** As stacks have it. */
  nameOf(path: string): string {
    return relative(this.directory(), path);
  }

  add(url: string, label: string, map: string, sequence?: number): void {
    let parsed: SourceMap | undefined;
    const read = (): SourceMap => (parsed ??= new SourceMap(JSON.parse(map) as SourceMapPayload));
    this.#scripts.set(url, { label, map: read, ...(sequence !== undefined && { sequence }) });
  }

  /** Frames in cells, innermost first; known once the error's stack has been read. */
  placesOf(error: object): readonly CellPlace[] {
    return this.#places.get(error) ?? [];
  }

  /** A position in a script that the kernel made, both from 1. */
  locate(url: string, line: number, column: number): Place | undefined {
    const script = this.#scripts.get(url);
    if (!script) return undefined;
    const entry = script.map().findEntry(line - 1, column - 1);
    if (!("originalLine" in entry)) return undefined;
    return { line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  }

  /** For `Error.prepareStackTrace`. */
  readonly prepare = (error: Error, sites: readonly NodeJS.CallSite[]): string => {
    const places: CellPlace[] = [];
    const frames = sites.flatMap((site) => this.#frame(site as CallSite, places) ?? []);
    if (typeof error === "object" && error !== null) this.#places.set(error, places);
    return [unmangle(header(error)), ...frames.map((frame) => `    at ${frame}`)].join("\n");
  };

  /**
   * The frames of a stack as text. Where a library has put its own `Error.prepareStackTrace` in place of this one, they are still in terms of
   * what the compiler made.
   */
  framesIn(error: object, stack: string): readonly string[] {
    const places: CellPlace[] = [];
    const frames = stack
      .split("\n")
      .filter((line) => line.startsWith("    at "))
      .flatMap((line) => this.#translated(line, places));
    if (!places.length) return frames;
    if (!this.#places.has(error)) this.#places.set(error, places);
    // What the kernel began with.
    const end = frames.findLastIndex((frame) => !frame.endsWith(" (<anonymous>)"));
    return frames.slice(0, end + 1);
  }

  #translated(text: string, places: CellPlace[]): string[] {
    const [, name, url, line, column] = /^ {4}at (?:(.*) \()?(.+?):(\d+):(\d+)\)?$/.exec(text) ?? [];
    if (url === undefined) return [text];
    if (this.#isOwn(url)) return [];
    const script = this.#scripts.get(url);
    if (!script) return [text];
    const where = this.#place(script, url, Number(line), Number(column), places);
    if (where === undefined) return [];
    return [`    at ${name ? `${unmangle(name)} (${where})` : where}`];
  }

  #isOwn(url: string): boolean {
    return url.startsWith("node:") || url.startsWith(this.home);
  }

  /** "Cell 3:12:5"; undefined for what the compiler added, which has no place in the source, and no meaning to the author. */
  #place(script: Script, url: string, line: number, column: number, places: CellPlace[]): string | undefined {
    const place = this.locate(url, line, column);
    if (!place) return undefined;
    if (script.sequence !== undefined) places.push({ ...place, sequence: script.sequence });
    return `${script.label}:${place.line}:${place.column}`;
  }

  #frame(site: CallSite, places: CellPlace[]): string | undefined {
    const url = site.getFileName() || site.getScriptNameOrSourceURL();
    const line = site.getLineNumber();
    const column = site.getColumnNumber();
    if (!url || this.#isOwn(url)) return undefined;
    const script = this.#scripts.get(url);
    if (!script) {
      if (basename(url) === IMPORTER_NAME && line === 1) return undefined;
      return this.#shortened(site.toString());
    }
    const where = line && column ? this.#place(script, url, line, column, places) : undefined;
    if (where === undefined) return undefined;
    const name = nameIn(site.toString(), `${url}:${line}:${column}`);
    return name ? `${unmangle(name)} (${where})` : where;
  }

  /** Paths of packages relative to where the notebook is. */
  #shortened(frame: string): string {
    return frame.replace(/file:\/\/\/[^\s)]*?(?=:\d+:\d+)/, (url) => {
      try {
        return this.nameOf(fileURLToPath(url));
      } catch {
        return url;
      }
    });
  }
}

/** What stands before the place, which may itself have parentheses in it. */
function nameIn(frame: string, place: string): string | undefined {
  const end = ` (${place})`;
  return frame.endsWith(end) ? frame.slice(0, -end.length) : /^(.+) \(.*\)$/s.exec(frame)?.[1];
}

function header(error: unknown): string {
  try {
    return Error.prototype.toString.call(error).slice(0, LONGEST_HEADER);
  } catch {
    return "Error";
  }
}

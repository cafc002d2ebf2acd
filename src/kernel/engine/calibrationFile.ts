import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Calibration } from "../../search/onnx/devices/autoThreads.js";

/** Entries of machines and models that are no more do not add up. */
const MOST_ENTRIES = 200;
const MOST_THREADS = 1024;

/**
 * What was measured on this machine, as a JSON file {key: threads} that all kernels share. A file that is missing or damaged is as if nothing
 * had been measured, and one that cannot be written costs the next kernel its own measurement: neither is worth a word to the user.
 */
export class CalibrationFile implements Calibration {
  readonly #path: string | undefined;
  #known: Map<string, number> | undefined;

  /** Undefined: this process only. */
  constructor(path: string | undefined) {
    this.#path = path;
  }

  recall(key: string): number | undefined {
    return (this.#known ??= this.#read()).get(key);
  }

  remember(key: string, threads: number): void {
    // Another kernel may have written meanwhile.
    const all = new Map([...(this.#known ?? []), ...this.#read()]);
    all.delete(key);
    all.set(key, threads);
    this.#known = new Map([...all].slice(-MOST_ENTRIES));
    this.#write(this.#known);
  }

  #read(): Map<string, number> {
    if (this.#path === undefined) return new Map();
    try {
      const content: unknown = JSON.parse(readFileSync(this.#path, "utf8"));
      if (typeof content !== "object" || content === null) return new Map();
      return new Map(Object.entries(content).filter(isEntry));
    } catch {
      return new Map();
    }
  }

  #write(all: ReadonlyMap<string, number>): void {
    if (this.#path === undefined) return;
    const temporary = `${this.#path}.${process.pid}.tmp`;
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(temporary, `${JSON.stringify(Object.fromEntries(all), undefined, 1)}\n`);
      renameSync(temporary, this.#path);
    } catch {
      // As the class says.
    }
  }
}

const isEntry = (entry: [string, unknown]): entry is [string, number] =>
  Number.isSafeInteger(entry[1]) && (entry[1] as number) >= 1 && (entry[1] as number) <= MOST_THREADS;

import fs from "node:fs";
import { messageOf } from "../../search/check.js";
import { openCache, type DiskCache, type EngineStorage } from "../../search/index.js";

/** Milliseconds: what a process that is killed can lose. */
const FLUSH_EVERY = 500;

export interface ResultCacheParts {
  /** Folder of the cache; undefined, empty or "none": results stay in memory. */
  readonly folder: string | undefined;
  /** Bytes of all its files together, as text; undefined or empty: the standard. */
  readonly size: string | undefined;
  /** Tells the user what was damaged or could not be used, in a sentence. */
  readonly report: (sentence: string) => void;
}

/**
 * The disk cache that all models of this process share. It is opened with the first model, so that a sentence about it reaches the cell that
 * asked; without one that can be used results stay in memory. What was computed is on the disk half a second later.
 */
export class ResultCache {
  readonly #parts: ResultCacheParts;
  #cache: DiskCache | undefined;
  #tried = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: ResultCacheParts) {
    this.#parts = parts;
  }

  get storage(): EngineStorage {
    if (!this.#tried) this.#open();
    const { report } = this.#parts;
    return this.#cache ? { cache: this.#cache, report } : { report };
  }

  /** Writes what is not on the disk yet. */
  close(): void {
    clearInterval(this.#timer);
    this.#cache?.close();
  }

  #open(): void {
    this.#tried = true;
    const { folder, size, report } = this.#parts;
    if (!folder || folder === "none") return;
    try {
      // The process id alone may come again on another day.
      const unique = `${process.pid}-${Date.now().toString(36)}`;
      const limit = this.#limit(size);
      const given = limit === undefined ? {} : { limit };
      this.#cache = openCache({ fs, folder, unique, now: () => Date.now(), report, ...given });
      this.#timer = setInterval(() => this.#cache?.flush(), FLUSH_EVERY).unref();
    } catch (error) {
      report(
        `The cache ${folder} cannot be used: ${messageOf(error)}. Results are kept in memory until the kernel ends.`,
      );
    }
  }

  #limit(size: string | undefined): number | undefined {
    if (!size) return undefined;
    const bytes = Number(size);
    if (Number.isFinite(bytes) && bytes > 0) return bytes;
    this.#parts.report(`DNB_CACHE_SIZE is ${JSON.stringify(size)}, but must be a number of bytes above 0.`);
    return undefined;
  }
}

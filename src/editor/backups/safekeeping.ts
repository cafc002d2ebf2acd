import { decodeNotebook } from "../../document/decodeNotebook.js";
import type { BackupStore, Version } from "./backupStore.js";

/** The files that notebooks are, wherever they lie; `F` says where. */
export interface NotebookFiles<F> {
  /** By what its versions are kept; the same for the same file. */
  nameOf(file: F): string;
  /** The file in the same folder whose name is longer by `ending`. */
  beside(file: F, ending: string): F;
  /** Undefined where there is no such file. */
  read(file: F): PromiseLike<Uint8Array | undefined>;
  write(file: F, bytes: Uint8Array): PromiseLike<void>;
  /** Puts one in the place of the other in one step, so that at each moment one of both is there. */
  replace(from: F, to: F): PromiseLike<void>;
  remove(file: F): PromiseLike<void>;
}

/**
 * What is kept of a notebook and how it comes back: the file as it is when it is opened, what a save is about to write, and on request one of
 * both over a file that a crash or a full disk has cut off. After each failed operation the last good bytes are in the file or in the store.
 */
export class Safekeeping<F> {
  constructor(
    private readonly store: BackupStore,
    private readonly files: NotebookFiles<F>,
  ) {}

  /** Newest first. */
  versions(file: F): Promise<readonly Version[]> {
    return this.store.versions(this.files.nameOf(file));
  }

  /** As it is on disk, which the next save replaces; a file that is no notebook is not kept. Rejects when it could not be read or kept. */
  async keepFile(file: F): Promise<void> {
    const bytes = await this.files.read(file);
    if (bytes && isGood(bytes)) await this.keep(file, bytes);
  }

  /** What a save is about to write. Rejects when it could not be kept. */
  keep(file: F, bytes: Uint8Array): Promise<void> {
    return this.store.keep(this.files.nameOf(file), bytes);
  }

  /** Restores the newest version that can be read. Rejects when there is none. */
  async restoreLast(file: F): Promise<void> {
    let failure: unknown = new Error("There is no earlier version of it.");
    for (const version of await this.versions(file)) {
      let bytes: Uint8Array;
      try {
        bytes = await this.#read(version);
      } catch (error) {
        failure = error;
        continue;
      }
      return this.#put(file, bytes);
    }
    throw failure;
  }

  /**
   * Writes the version over the file. What stood there is kept as a version if it was a notebook, or becomes a file beside it (`.damaged`)
   * unless it was empty. Rejects when something could not be read or written; the file is then as it was.
   */
  async restore(file: F, version: Version): Promise<void> {
    await this.#put(file, await this.#read(version));
  }

  async #read(version: Version): Promise<Uint8Array> {
    const bytes = await this.store.read(version);
    decodeNotebook(bytes);
    return bytes;
  }

  /** Unless it is among the versions: going back and forth must not push the others out. */
  async #keepOnce(file: F, bytes: Uint8Array): Promise<void> {
    for (const version of await this.versions(file)) {
      const kept = await this.store.read(version).catch(() => undefined);
      if (kept && same(kept, bytes)) return;
    }
    await this.keep(file, bytes);
  }

  async #put(file: F, bytes: Uint8Array): Promise<void> {
    const before = await this.files.read(file);
    if (before && isGood(before)) await this.#keepOnce(file, before);
    else if (before?.length) await this.files.write(this.files.beside(file, ".damaged"), before);
    // Beside and renamed: this write must not be cut off either.
    const draft = this.files.beside(file, ".restored");
    try {
      await this.files.write(draft, bytes);
      await this.files.replace(draft, file);
    } catch (error) {
      await this.files.remove(draft).then(undefined, () => undefined);
      throw error;
    }
  }
}

const same = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

function isGood(bytes: Uint8Array): boolean {
  try {
    decodeNotebook(bytes);
    return true;
  } catch {
    return false;
  }
}

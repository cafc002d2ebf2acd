import { createHash } from "node:crypto";
import type { FolderFiles } from "./folderFiles.js";

/** What is asked of a folder by those who read its small files. */
export type FileReader = Pick<FolderFiles, "has" | "read">;

/** Files of a folder, with the hash of each one that was read: they decide what a model computes as much as its weights do. */
export class NotedFiles implements FileReader {
  readonly #files: FileReader;
  readonly #hashes = new Map<string, string>();

  constructor(files: FileReader) {
    this.#files = files;
  }

  has(file: string): Promise<boolean> {
    return this.#files.has(file);
  }

  async read(...call: Parameters<FileReader["read"]>): ReturnType<FileReader["read"]> {
    const found = await this.#files.read(...call);
    this.#hashes.set(call[0], createHash("sha256").update(found.bytes).digest("hex"));
    return found;
  }

  /** Lower-case hex of each file that was read, by its name; in the order of the names. */
  get hashes(): readonly (readonly [file: string, sha256: string])[] {
    return [...this.#hashes].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

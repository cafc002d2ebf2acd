import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import { constants, type FileHandle, open, readdir, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, sep } from "node:path";
import { messageOf } from "../../check.js";
import { InputError } from "../../inputError.js";

/**
 * The files of one folder. Nothing outside it is read: a name that leads out, by itself or through a link, is refused, and so is a file
 * that has a second name elsewhere (a hard link), because that name may lie outside. One layout is known in which links lead out: the
 * snapshots of Hugging Face's cache, whose files are links to the `blobs` of the same model (`hubBlobs`).
 */
export class FolderFiles {
  /** Real path, links resolved. */
  readonly path: string;
  /** Where else its links may lead; undefined: nowhere. */
  readonly #blobs: string | undefined;

  private constructor(path: string) {
    this.path = path;
    this.#blobs = hubBlobs(path);
  }

  /** `of`: what is looked for there, for the message. */
  static async open(folder: string, of: "model" | "verifier" = "model"): Promise<FolderFiles> {
    if (folder.includes("\0"))
      throw new InputError(`The ${of}'s folder ${JSON.stringify(folder)} holds a NUL.`);
    const path = await realpath(folder).catch(() => {
      throw new InputError(`There is no ${of} folder ${folder}.`);
    });
    return new FolderFiles(path);
  }

  /** Whether there is such a file. A name that leads out of the folder is an error here too. */
  async has(file: string): Promise<boolean> {
    refuseName(file, "The model");
    return realpath(join(this.path, file)).then(
      () => true,
      () => false,
    );
  }

  /**
   * The real path of a file that may be read. `file`: relative to the folder, slashes forward. `namedBy`: who asks for it, for the
   * message, e.g. "model.json".
   */
  async resolve(file: string, namedBy: string): Promise<string> {
    const { path, handle } = await this.#open(file, namedBy);
    await handle.close();
    return path;
  }

  /** Where a file that may be read has its name: what lies beside it by name lies beside this. */
  async nameOf(file: string, namedBy: string): Promise<string> {
    await this.resolve(file, namedBy);
    return join(this.path, file);
  }

  /** All bytes of a file and what identifies this state of it. What was checked is what is read: one handle does both. `check` may refuse its size. */
  read(
    file: string,
    namedBy: string,
    check: (size: number) => void = () => undefined,
  ): Promise<{ bytes: Uint8Array<ArrayBuffer>; identity: string }> {
    return this.#with(file, namedBy, async (handle, path) => {
      const found = await handle.stat();
      check(found.size);
      if (found.size > MOST_BYTES)
        throw new InputError(
          `${file} has ${found.size} bytes, but ${MOST_BYTES} are the most that such a file may have. Export a graph with its data beside it; any other file is damaged: fetch it again.`,
        );
      const identity = identityOf(found);
      const { buffer, byteOffset, byteLength } = await handle.readFile();
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      if (this.#isBlob(path)) this.checkBlob(file, path, createHash("sha256").update(bytes).digest("hex"));
      return { bytes, identity };
    });
  }

  /** Refuses a large file of the cache, real path `path`, whose sha256 is not its name: what it had when it was fetched. */
  checkBlob(file: string, path: string, sha256: string): void {
    const name = basename(path);
    if (!this.#isBlob(path) || name.length !== sha256.length || name === sha256) return;
    throw new InputError(
      `${file} is damaged: its sha256 is not the name of ${path}, which the cache gave it when it was fetched. Delete that file and fetch the model again.`,
    );
  }

  /** Bytes of a file. */
  size(file: string, namedBy: string): Promise<number> {
    return this.#with(file, namedBy, async (handle) => (await handle.stat()).size);
  }

  /** Names of the files and folders in one of its folders, none where there is no such folder. */
  async list(folder: string): Promise<readonly string[]> {
    refuseName(folder, "The model");
    return readdir(join(this.path, folder)).catch(() => []);
  }

  /** A text that changes when the file does: "device/inode/size/mtime". */
  identity(file: string, namedBy: string): Promise<string> {
    return this.#with(file, namedBy, async (handle) => identityOf(await handle.stat()));
  }

  async #with<T>(
    file: string,
    namedBy: string,
    work: (handle: FileHandle, path: string) => Promise<T>,
  ): Promise<T> {
    const { path, handle } = await this.#open(file, namedBy);
    try {
      return await work(handle, path);
    } finally {
      await handle.close();
    }
  }

  /** A file of the cache's own naming, directly in its folder. */
  #isBlob(path: string): boolean {
    return this.#blobs !== undefined && dirname(path) === this.#blobs && BLOB.test(basename(path));
  }

  async #open(file: string, namedBy: string): Promise<{ path: string; handle: FileHandle }> {
    refuseName(file, namedBy);
    const path = await realpath(join(this.path, file)).catch(() => {
      throw new InputError(`${file} is missing from the model folder ${this.path}. Fetch the model again.`);
    });
    if (!path.startsWith(this.path + sep) && !this.#isBlob(path))
      throw outside(file, namedBy, "a link leads out");
    const handle = await open(path, READING).catch((error: unknown) => {
      throw new InputError(`${file} in the model folder ${this.path} cannot be read: ${messageOf(error)}.`);
    });
    const found = await handle.stat();
    const fault = !found.isFile()
      ? `${file} in the model folder ${this.path} is not a file. Fetch the model again.`
      : found.nlink > 1
        ? `${file} in the model folder ${this.path} has ${found.nlink} names (hard links), so one may lie outside the folder. That is refused. Copy the folder's files (cp -r, without -l) and open the copy.`
        : undefined;
    if (fault === undefined) return { path, handle };
    await handle.close();
    throw new InputError(fault);
  }
}

/** A name that was resolved is no link any more, unless it was exchanged; and a pipe that nobody writes to would keep one waiting. */
const READING = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** What Node reads at once, and protocol buffers end at. */
const MOST_BYTES = 2 ** 31 - 1;

/** Git's or LFS's hash of what is in it. */
const BLOB = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/**
 * The folder `models--X/blobs` for a folder in `models--X/snapshots/REVISION`, both of real paths: how huggingface_hub keeps what it fetched
 * (its guide "Understand caching").
 */
function hubBlobs(path: string): string | undefined {
  const parts = path.split(sep);
  const at = parts.findLastIndex((part) => part.startsWith("models--"));
  const isSnapshot = at >= 0 && parts[at + 1] === "snapshots" && parts.length > at + 2;
  return isSnapshot ? [...parts.slice(0, at + 1), "blobs"].join(sep) : undefined;
}

function identityOf({ dev, ino, size, mtimeMs }: Stats): string {
  return [dev, ino, size, mtimeMs].join("/");
}

/** Absolute, of a drive, UNC, with ".." or NUL: on every platform alike, because a folder moves between them. */
function refuseName(file: string, namedBy: string): void {
  if (file.includes("\0")) throw outside(file, namedBy, "it holds a NUL");
  if (isAbsolute(file) || /^[a-z]:/i.test(file) || /^[\\/]/.test(file)) {
    throw outside(file, namedBy, "it starts at a root");
  }
  if (file.split(/[\\/]/).includes("..")) throw outside(file, namedBy, 'it holds ".."');
}

function outside(file: string, namedBy: string, why: string): InputError {
  return new InputError(
    `${namedBy} names ${JSON.stringify(file)}, which is outside its folder. That is refused. The reason: ${why}. Put the file itself into the model's folder and name it from there.`,
  );
}

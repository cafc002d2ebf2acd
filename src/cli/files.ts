import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { decodeNotebook } from "../document/decodeNotebook.js";
import type { Notebook } from "../document/notebook.js";
import { NotebookFormatError } from "../document/notebookFormatError.js";
import { UsageError } from "./command.js";

/** The input is no notebook that can be read; exit code 5. */
export class UnreadableError extends Error {
  override readonly name = "UnreadableError";
}

/** Throws UnreadableError, with the file's name, for a file that is missing or no notebook. */
export const openNotebook = (file: string): Notebook => decodeNamed(file, readInput(file));

/** Throws UnreadableError, with the file's name, for a file that is missing or cannot be read. */
export function readInput(file: string): Uint8Array {
  try {
    return readFileSync(resolve(file));
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new UnreadableError(`${file}: ${missing ? "there is no such file" : String(error)}`);
  }
}

/** The same for bytes that were read already. */
export function decodeNamed(name: string, bytes: Uint8Array): Notebook {
  try {
    return decodeNotebook(bytes);
  } catch (error) {
    if (!(error instanceof NotebookFormatError)) throw error;
    throw new UnreadableError(`${name}: ${error.message}`);
  }
}

/** Before an hour of computing, not after: throws UsageError when the file could not be written. */
export function prepareFolder(file: string): void {
  let folder = dirname(resolve(file));
  try {
    folder = dirname(realFile(resolve(file)));
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `${file} cannot be written: there is no folder ${folder} that may be written to (${why})`,
    );
  }
}

/** The same for a file itself: also throws UsageError when a folder has its name. */
export function prepareFile(file: string): void {
  prepareFolder(file);
  if (statSync(resolve(file), { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`${file} cannot be written: it is a folder`);
}

/**
 * All of it or nothing: an interrupted write, or a machine that goes off, leaves the file as it was. A link stays one, with what it leads to
 * written, and the file's permissions stay.
 */
export function writeWhole(file: string, content: string | Uint8Array): void {
  const real = realFile(resolve(file));
  const draft = `${real}.${process.pid}.tmp`;
  const mode = statSync(real, { throwIfNoEntry: false })?.mode;
  try {
    const descriptor = openSync(draft, "w", mode);
    try {
      // What a new file gets is less, by the umask.
      if (mode !== undefined) fchmodSync(descriptor, mode);
      writeFileSync(descriptor, content);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(draft, real);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Where a write to the path (absolute) goes: behind its links, also where they lead to a file that is not there yet. */
export function realFile(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink();
    if (!isLink || (error as NodeJS.ErrnoException).code !== "ENOENT") return path;
    return realFile(resolve(dirname(path), readlinkSync(path)));
  }
}

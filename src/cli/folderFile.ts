import { realpathSync, statSync, type Stats } from "node:fs";
import { relative, resolve, sep } from "node:path";

/** A file in a notebook's folder. */
export interface FolderFile {
  /** Absolute, with links followed. */
  readonly path: string;
  /** From the folder, with "/" between its parts. */
  readonly name: string;
  /** It, or a folder on the way to it, begins with a dot. */
  readonly isHidden: boolean;
}

/** `outside`: it is there, but not in the notebook's folder, or behind a link that leads out of it. */
export type Place = FolderFile | "absent" | "folder" | "outside";

/** What `path` (absolute, or from the folder) is for a notebook in `folder` (absolute). */
export function placeOf(path: string, folder: string): Place {
  const file = resolve(folder, path);
  let real: string;
  let home: string;
  let found: Stats;
  try {
    [real, home] = [realpathSync(file), realpathSync(folder)];
    found = statSync(real);
  } catch {
    // Whatever the reason (no such file, a name that no file can have, no rights), nothing can be read there.
    return "absent";
  }
  // Devices and sockets are nothing to carry along.
  if (!found.isFile() && !found.isDirectory()) return "absent";
  if (!isWithin(real, home) || !isWithin(file, resolve(folder))) return "outside";
  if (found.isDirectory()) return "folder";
  const name = relative(resolve(folder), file).split(sep).join("/");
  return { path: real, name, isHidden: name.split("/").some((part) => part.startsWith(".")) };
}

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

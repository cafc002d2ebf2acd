import type * as nodeFs from "node:fs";

/** A folder of immutable files as the cache sees it. A file appears whole or not at all, and may vanish at any time: another process cleans up too. */
export interface CacheFiles {
  list(): readonly CacheFile[];
  /** Fewer bytes where the file is shorter; undefined where there is none. */
  read(name: string, offset: number, length: number): Uint8Array | undefined;
  write(name: string, parts: readonly Uint8Array[]): void;
  /** Marks it as used now. */
  touch(name: string): void;
  remove(name: string): void;
}

export interface CacheFile {
  readonly name: string;
  readonly bytes: number;
  /** When it was last used, in milliseconds. */
  readonly used: number;
}

export type CacheFs = Pick<
  typeof nodeFs,
  | "closeSync"
  | "mkdirSync"
  | "openSync"
  | "readSync"
  | "readdirSync"
  | "renameSync"
  | "rmSync"
  | "statSync"
  | "utimesSync"
  | "writeFileSync"
>;

const TEMPORARY = ".tmp";
/** What is older than this was left by a process that died while it wrote. */
const ABANDONED = 3_600_000;

/** A real folder. `now`: milliseconds since 1970, as file times count. */
export function folderFiles(fs: CacheFs, folder: string, now: () => number): CacheFiles {
  fs.mkdirSync(folder, { recursive: true });
  const path = (name: string): string => `${folder}/${name}`;
  const existing = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  };
  return {
    list() {
      const files: CacheFile[] = [];
      for (const name of fs.readdirSync(folder).sort()) {
        const stat = existing(() => fs.statSync(path(name)));
        if (!stat?.isFile()) continue;
        if (!name.endsWith(TEMPORARY)) files.push({ name, bytes: stat.size, used: stat.mtimeMs });
        else if (now() - stat.mtimeMs > ABANDONED) fs.rmSync(path(name), { force: true });
      }
      return files;
    },
    read(name, offset, length) {
      const file = existing(() => fs.openSync(path(name), "r"));
      if (file === undefined) return undefined;
      try {
        const bytes = new Uint8Array(length);
        return bytes.subarray(0, fs.readSync(file, bytes, 0, length, offset));
      } finally {
        fs.closeSync(file);
      }
    },
    write(name, parts) {
      const temporary = path(`${name}${TEMPORARY}`);
      try {
        fs.writeFileSync(temporary, Buffer.concat(parts));
        fs.renameSync(temporary, path(name));
      } catch (error) {
        fs.rmSync(temporary, { force: true });
        throw error;
      }
    },
    touch(name) {
      existing(() => fs.utimesSync(path(name), now() / 1000, now() / 1000));
    },
    remove(name) {
      fs.rmSync(path(name), { force: true });
    },
  };
}

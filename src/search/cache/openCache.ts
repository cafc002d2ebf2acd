import { folderFiles, type CacheFs } from "./cacheFiles.js";
import { DiskCache } from "./diskCache.js";

export interface CacheOptions {
  /** `node:fs`. */
  readonly fs: CacheFs;
  readonly folder: string;
  /** Bytes of all files together. Default 4 GiB. */
  readonly limit?: number;
  /** Different for every process and every cache in it, and fit for a file name, e.g. its id and the time. */
  readonly unique: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly report?: (sentence: string) => void;
}

const LIMIT = 4 * 2 ** 30;

/** A cache in a folder, which other processes may use at the same time. */
export function openCache({
  fs,
  folder,
  limit = LIMIT,
  unique,
  now,
  report = () => undefined,
}: CacheOptions): DiskCache {
  return new DiskCache({ files: folderFiles(fs, folder, now), limit, unique, now, report });
}

import { messageOf } from "../check.js";
import type { CacheFiles } from "./cacheFiles.js";
import { checksumOf, decodeIndex, encodeSegment, type SegmentEntry } from "./segment.js";

export interface DiskCacheParts {
  readonly files: CacheFiles;
  /** Of all files together; the least recently used go first. */
  readonly limit: number;
  /** Different for every process: two of them never write the same file. */
  readonly unique: string;
  /** Milliseconds. */
  readonly now: () => number;
  /** Told in a sentence what was damaged or could not be written. */
  readonly report: (sentence: string) => void;
}

/** A segment is filled up to this size, then a new one begins. */
const SEGMENT = 4 << 20;
/** Milliseconds between two writes, looks for other processes' files, and marks of use. */
const WRITE_EVERY = 500;
const LOOK_EVERY = 1000;
const TOUCH_EVERY = 60_000;

interface Place extends SegmentEntry {
  readonly file: string;
}

/**
 * Bytes by content address, in files that several processes share. Files are written whole under names of their own and never changed; one
 * that is damaged, cut short or gone is a miss that is reported, never an error. What was put is on the disk within half a second of the next
 * put, and with `flush`.
 */
export class DiskCache {
  readonly #parts: DiskCacheParts;
  readonly #places = new Map<string, Place>();
  /** Keys of each file. */
  readonly #known = new Map<string, readonly string[]>();
  readonly #touched = new Map<string, number>();
  /** Of the segment that is being filled, those on the disk already included. */
  #open = new Map<string, Uint8Array>();
  #openBytes = 0;
  #openFile: string | undefined;
  #dirty = false;
  #count = 0;
  #written: number;
  #looked = -Infinity;
  #broken = false;

  constructor(parts: DiskCacheParts) {
    this.#parts = parts;
    this.#written = parts.now();
    this.#look();
  }

  /** False after a file could not be written: what is put then is lost. */
  get keeps(): boolean {
    return !this.#broken;
  }

  get(key: string): Uint8Array | undefined {
    const open = this.#open.get(key);
    if (open) return open;
    if (!this.#places.has(key) && this.#parts.now() - this.#looked > LOOK_EVERY) this.#look();
    const place = this.#places.get(key);
    return place && this.#fetch(place);
  }

  put(key: string, data: Uint8Array): void {
    if (this.#broken || this.#open.has(key) || this.#places.has(key)) return;
    this.#open.set(key, data);
    this.#openBytes += data.length + key.length;
    this.#dirty = true;
    if (this.#openBytes >= SEGMENT || this.#parts.now() - this.#written > WRITE_EVERY) this.flush();
  }

  /** Writes what is not on the disk yet. */
  flush(): void {
    if (!this.#dirty || this.#broken) return;
    const { files, unique, now, report } = this.#parts;
    const name = `${unique}-${this.#count++}.seg`;
    const { parts, index } = encodeSegment(this.#open);
    try {
      files.write(name, parts);
    } catch (error) {
      this.#broken = true;
      report(`The cache could not be written and is not used any further: ${messageOf(error)}`);
      return;
    }
    this.#learn(name, index);
    // The smaller one is in the new one.
    if (this.#openFile !== undefined) this.#forget(this.#openFile, true);
    this.#openFile = name;
    this.#dirty = false;
    this.#written = now();
    if (this.#openBytes >= SEGMENT) {
      this.#open = new Map();
      this.#openBytes = 0;
      this.#openFile = undefined;
    }
    this.#trim(name);
  }

  #fetch(place: Place): Uint8Array | undefined {
    const { files, report, now } = this.#parts;
    const data = files.read(place.file, place.offset, place.length);
    if (!data) {
      // Another process has merged it into a new file, or cleaned up.
      this.#forget(place.file, false);
      this.#look();
      const moved = this.#places.get(place.key);
      return moved && moved.file !== place.file ? this.#fetch(moved) : undefined;
    }
    if (data.length === place.length && checksumOf(data) === place.checksum) {
      if (now() - (this.#touched.get(place.file) ?? -Infinity) > TOUCH_EVERY) {
        files.touch(place.file);
        this.#touched.set(place.file, now());
      }
      return data;
    }
    this.#places.delete(place.key);
    report(`The cache file ${place.file} is damaged; what it held is computed again.`);
    return undefined;
  }

  /** Learns of files that it does not know, and forgets those that are gone. */
  #look(): void {
    const { files, now, report } = this.#parts;
    this.#looked = now();
    const present = new Set<string>();
    for (const { name } of files.list()) {
      present.add(name);
      if (this.#known.has(name) || !name.endsWith(".seg")) continue;
      const index = decodeIndex((offset, length) => files.read(name, offset, length));
      if (index) this.#learn(name, index);
      else {
        files.remove(name);
        report(`The cache file ${name} is damaged and was removed; what it held is computed again.`);
      }
    }
    for (const name of [...this.#known.keys()]) if (!present.has(name)) this.#forget(name, false);
  }

  #learn(file: string, index: readonly SegmentEntry[]): void {
    this.#known.set(
      file,
      index.map(({ key }) => key),
    );
    for (const entry of index) this.#places.set(entry.key, { ...entry, file });
  }

  #forget(file: string, remove: boolean): void {
    for (const key of this.#known.get(file) ?? []) {
      if (this.#places.get(key)?.file === file) this.#places.delete(key);
    }
    this.#known.delete(file);
    this.#touched.delete(file);
    if (remove) this.#parts.files.remove(file);
  }

  /** Removes the least recently used files until all fit; `newest` stays. */
  #trim(newest: string): void {
    const { files, limit } = this.#parts;
    const all = [...files.list()].sort((a, b) => a.used - b.used);
    let total = all.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { name, bytes } of all) {
      if (total <= limit) return;
      if (name === newest) continue;
      this.#forget(name, true);
      total -= bytes;
    }
  }
}

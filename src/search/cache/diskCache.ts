import { messageOf } from "../check.js";
import type { CacheFiles } from "./cacheFiles.js";
import { checksumOf, decodeIndex, encodeSegment, SegmentEntry, type SegmentIndex } from "./segment.js";

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
/** Up to this size what is new is written together with all that was written before it in the same segment. */
const SMALL = 64 << 10;
/** Milliseconds between two writes, looks for other processes' files, and marks of use. */
const WRITE_EVERY = 500;
const LOOK_EVERY = 1000;
const TOUCH_EVERY = 60_000;

interface Segment {
  readonly file: string;
  readonly index: SegmentIndex;
}

/** A file of the segment that is being filled. */
interface Layer {
  readonly file: string;
  readonly entries: readonly SegmentEntry[];
  readonly bytes: number;
}

/** A place is one number: that of its segment times this, and which entry it is there. */
const ENTRIES = 2 ** 28;

/**
 * Bytes by content address, in files that several processes share. Files are written whole under names of their own and never changed; one
 * that is damaged, cut short or gone is a miss that is reported, never an error. What was put is on the disk within half a second of the next
 * put, and with `flush`.
 */
export class DiskCache {
  readonly #parts: DiskCacheParts;
  readonly #places = new Map<string, number>();
  /** By number; a file has the same as long as it is there. */
  readonly #segments = new Map<number, Segment>();
  readonly #numbers = new Map<string, number>();
  #learnt = 0;
  readonly #touched = new Map<string, number>();
  /** Of the segment that is being filled: what is on the disk and what is not. */
  readonly #open = new Map<string, Uint8Array>();
  /** On the disk, each at least twice as large as the next: an entry is written again only when as much has come after it. */
  readonly #layers: Layer[] = [];
  /** Not on the disk. */
  #fresh: SegmentEntry[] = [];
  #freshBytes = 0;
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
    return this.#places.has(key) ? this.#fetch(key) : undefined;
  }

  put(key: string, data: Uint8Array): void {
    if (this.#broken || this.#open.has(key) || this.#places.has(key)) return;
    this.#open.set(key, data);
    const entry = new SegmentEntry(key, data);
    this.#fresh.push(entry);
    this.#freshBytes += entry.size;
    if (this.#freshBytes >= SEGMENT || this.#parts.now() - this.#written > WRITE_EVERY) this.flush();
  }

  /** Writes what is not on the disk yet. */
  flush(): void {
    if (this.#fresh.length > 0) this.#write(false);
  }

  /** The same when no more is to come: what is open becomes one file. */
  close(): void {
    if (this.#fresh.length > 0 || this.#layers.length > 1) this.#write(true);
  }

  #write(whole: boolean): void {
    if (this.#broken) return;
    const { files, unique, now, report } = this.#parts;
    const file = `${unique}-${this.#count++}.seg`;
    let [entries, bytes]: [readonly SegmentEntry[], number] = [this.#fresh, this.#freshBytes];
    const merged: Layer[] = [];
    for (let last = this.#layers.at(-1); last; last = this.#layers.at(-1)) {
      if (!whole && last.bytes >= 2 * bytes && last.bytes + bytes > SMALL) break;
      entries = [...last.entries, ...entries];
      bytes += last.bytes;
      merged.push(last);
      this.#layers.pop();
    }
    const { parts, index } = encodeSegment(entries);
    try {
      files.write(file, parts);
    } catch (error) {
      this.#broken = true;
      report(`The cache could not be written and is not used any further: ${messageOf(error)}`);
      return;
    }
    this.#learn(file, index);
    // The smaller ones are in the new one.
    for (const layer of merged) this.#forget(layer.file, true);
    this.#fresh = [];
    this.#freshBytes = 0;
    this.#written = now();
    // It has taken all layers in: none was as large.
    if (bytes >= SEGMENT) this.#open.clear();
    else this.#layers.push({ file, entries, bytes });
    this.#trim(file);
  }

  /** Of a key that has a place; `tried`: a file that turned out to be gone. */
  #fetch(key: string, tried?: string): Uint8Array | undefined {
    const { files, report, now } = this.#parts;
    const place = this.#places.get(key)!;
    const { file, index } = this.#segments.get(Math.floor(place / ENTRIES))!;
    if (file === tried) return undefined;
    const entry = place % ENTRIES;
    const length = index.lengths[entry]!;
    const data = files.read(file, index.offsets[entry]!, length);
    if (!data) {
      // Another process has merged it into a new file, or cleaned up.
      this.#forget(file, false);
      this.#look();
      return this.#places.has(key) ? this.#fetch(key, file) : undefined;
    }
    if (data.length === length && checksumOf(data) === index.checksums[entry]) {
      if (now() - (this.#touched.get(file) ?? -Infinity) > TOUCH_EVERY) {
        files.touch(file);
        this.#touched.set(file, now());
      }
      return data;
    }
    this.#places.delete(key);
    report(`The cache file ${file} is damaged; what it held is computed again.`);
    return undefined;
  }

  /** Learns of files that it does not know, and forgets those that are gone. */
  #look(): void {
    const { files, now, report } = this.#parts;
    this.#looked = now();
    const present = new Set<string>();
    for (const { name } of files.list()) {
      present.add(name);
      if (this.#numbers.has(name) || !name.endsWith(".seg")) continue;
      const index = decodeIndex((offset, length) => files.read(name, offset, length));
      if (index) this.#learn(name, index);
      else {
        files.remove(name);
        report(`The cache file ${name} is damaged and was removed; what it held is computed again.`);
      }
    }
    for (const name of [...this.#numbers.keys()]) if (!present.has(name)) this.#forget(name, false);
  }

  #learn(file: string, index: SegmentIndex): void {
    const number = this.#learnt++;
    this.#numbers.set(file, number);
    this.#segments.set(number, { file, index });
    index.keys.forEach((key, entry) => this.#places.set(key, number * ENTRIES + entry));
  }

  #forget(file: string, remove: boolean): void {
    const number = this.#numbers.get(file);
    if (number !== undefined) {
      for (const key of this.#segments.get(number)!.index.keys) {
        const place = this.#places.get(key);
        if (place !== undefined && Math.floor(place / ENTRIES) === number) this.#places.delete(key);
      }
      this.#segments.delete(number);
      this.#numbers.delete(file);
    }
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

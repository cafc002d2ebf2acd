import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openCache, type DiskCache } from "../../../src/search/index.js";

let folder: string;
let time: number;
let reports: string[];

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "dnb-cache-"));
  time = 1_700_000_000_000;
  reports = [];
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function open(unique: string, limit?: number): DiskCache {
  const report = (sentence: string): void => void reports.push(sentence);
  return openCache({
    fs,
    folder,
    unique,
    now: () => time,
    report,
    ...(limit === undefined ? {} : { limit }),
  });
}

function bytes(seed: number, length = 1000): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + seed * 7) % 256);
}

/** Past the moment at which files of other processes are looked for. */
function later(): void {
  time += 2000;
}

const files = (): string[] => fs.readdirSync(folder);

test("what was put is there, in this process and in the next", () => {
  const first = open("a");
  first.put("x/1 with spaces", bytes(1));
  first.put("empty", new Uint8Array(0));
  expect(first.get("x/1 with spaces")).toEqual(bytes(1));
  first.flush();
  const second = open("b");
  expect(second.get("x/1 with spaces")).toEqual(bytes(1));
  expect(second.get("empty")).toHaveLength(0);
  expect(second.get("never")).toBeUndefined();
  expect(reports).toEqual([]);
});

test("many small writes become few files, and nothing is lost on the way", () => {
  const cache = open("a");
  for (let i = 0; i < 50; i++) {
    cache.put(`k${i}`, bytes(i));
    cache.flush();
  }
  expect(files()).toHaveLength(1);
  for (let i = 50; i < 60; i++) cache.put(`k${i}`, bytes(i, 1 << 20));
  cache.flush();
  expect(files().length).toBeLessThan(5);
  const again = open("b");
  for (let i = 0; i < 60; i++) {
    const same = Buffer.from(bytes(i, i < 50 ? 1000 : 1 << 20)).equals(again.get(`k${i}`)!);
    expect(same).toBe(true);
  }
});

test("what is written again and again is a small part of what was put", () => {
  let written = 0;
  const counting = {
    ...fs,
    writeFileSync: (...[path, data, options]: Parameters<typeof fs.writeFileSync>) => {
      written += (data as Uint8Array).length;
      fs.writeFileSync(path, data, options);
    },
  };
  const report = (sentence: string): void => void reports.push(sentence);
  const cache = openCache({ fs: counting, folder, unique: "a", now: () => time, report });
  const [count, size] = [400, 10_000];
  for (let i = 0; i < count; i++) {
    cache.put(`k${i}`, bytes(i, size));
    time += 501;
  }
  cache.flush();
  // With every write of all that is open it would be 200 times, at the most: a segment has 400.
  expect(written / (count * size)).toBeLessThan(12);
  expect(files().length).toBeLessThan(8);
  const before = written;
  cache.close();
  cache.close();
  expect(files()).toHaveLength(1);
  expect(written - before).toBeLessThan(1.1 * count * size);
  const again = open("b");
  for (let i = 0; i < count; i++) expect(again.get(`k${i}`)?.length).toBe(size);
  expect(reports).toEqual([]);
});

test("a put after half a second writes what has gathered: a crash loses no more", () => {
  const cache = open("a");
  cache.put("one", bytes(1));
  expect(files()).toEqual([]);
  time += 600;
  cache.put("two", bytes(2));
  expect(open("b").get("one")).toEqual(bytes(1));
});

test("two processes see each other's results, merge and clean up under each other's feet", () => {
  const [a, b] = [open("a", 40_000), open("b", 40_000)];
  let found = 0;
  for (let i = 0; i < 200; i++) {
    const [writer, reader] = i % 2 ? [a, b] : [b, a];
    writer.put(`k${i}`, bytes(i));
    writer.flush();
    later();
    const data = reader.get(`k${i}`);
    if (data) found++;
    if (data) expect(data).toEqual(bytes(i));
  }
  expect(found).toBe(200);
  expect(reports).toEqual([]);
});

test("above its limit the least recently used go first", () => {
  for (let i = 0; i < 6; i++) {
    const cache = open(`p${i}`);
    cache.put(`k${i}`, bytes(i, 10_000));
    cache.flush();
    for (const name of files())
      if (name.startsWith(`p${i}-`)) fs.utimesSync(join(folder, name), i + 1, i + 1);
  }
  time += 100_000;
  const small = open("small", 45_000);
  expect(small.get("k0")).toEqual(bytes(0, 10_000));
  small.put("new", bytes(9, 10_000));
  small.flush();
  const total = files().reduce((sum, name) => sum + fs.statSync(join(folder, name)).size, 0);
  expect(total).toBeLessThanOrEqual(45_000);
  const after = open("after");
  // The oldest one was used just now; the two after it had to go, and a little more for the new one.
  expect(["k0", "k1", "k2", "k5", "new"].map((key) => after.get(key) !== undefined)).toEqual([
    true,
    false,
    false,
    true,
    true,
  ]);
});

test("a truncated file, a flipped bit and a file of something else cost what they hit, and are reported", () => {
  for (const name of ["cut", "flipped", "head", "whole"]) {
    const cache = open(name);
    cache.put(`${name}1`, bytes(1));
    cache.put(`${name}2`, bytes(2));
    cache.flush();
  }
  const path = (name: string): string =>
    join(
      folder,
      files().find((file) => file.startsWith(name))!,
    );
  fs.truncateSync(path("cut"), fs.statSync(path("cut")).size - 10);
  const flipped = fs.readFileSync(path("flipped"));
  flipped[flipped.length - 1500]! ^= 1;
  fs.writeFileSync(path("flipped"), flipped);
  fs.truncateSync(path("head"), 15);
  fs.writeFileSync(join(folder, "other.seg"), "hello");
  const cache = open("reader");
  expect(reports.filter((sentence) => sentence.includes("was removed"))).toHaveLength(2);
  expect(cache.get("cut1")).toEqual(bytes(1));
  expect(cache.get("cut2")).toBeUndefined();
  expect(cache.get("flipped1")).toBeUndefined();
  expect(cache.get("flipped2")).toEqual(bytes(2));
  expect(cache.get("head1")).toBeUndefined();
  expect(cache.get("whole2")).toEqual(bytes(2));
  expect(reports).toHaveLength(4);
  expect(reports.at(-1)).toMatch(/is damaged; what it held is computed again\.$/);
  // Put again, it is there again.
  cache.put("flipped1", bytes(1));
  expect(cache.get("flipped1")).toEqual(bytes(1));
});

test("a disk that takes no more is reported once, and what was there stays readable", () => {
  const good = open("good");
  good.put("k", bytes(1));
  good.flush();
  const full = {
    ...fs,
    writeFileSync: () => {
      throw new Error("no space left on device");
    },
  };
  const cache = openCache({
    fs: full,
    folder,
    unique: "full",
    now: () => time,
    report: (sentence) => reports.push(sentence),
  });
  for (let i = 0; i < 3; i++) {
    cache.put(`n${i}`, bytes(i));
    cache.flush();
  }
  expect(reports).toEqual([
    "The cache could not be written and is not used any further: no space left on device",
  ]);
  expect(cache.keeps).toBe(false);
  expect(cache.get("k")).toEqual(bytes(1));
});

test("what a process left behind when it died while writing is cleaned up", () => {
  fs.writeFileSync(join(folder, "dead-0.seg.tmp"), "half");
  fs.utimesSync(join(folder, "dead-0.seg.tmp"), 1, 1);
  open("a").put("k", bytes(1));
  expect(files()).toEqual([]);
});

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Filter, FILTER_NAMES } from "../../../src/search/pictures/filter.js";
import { type PillowVersion, resize } from "../../../src/search/pictures/resize.js";
import { type Pattern, picture } from "./helpers/patterns.js";

const md5 = (data: Uint8Array) => createHash("md5").update(data).digest("hex");

interface Golden {
  cases: { src: [number, number]; dst: [number, number]; filter: Filter; md5: string }[];
}
type Case = [number, number, 1 | 3, number, number, Filter, Pattern, string];

const golden = JSON.parse(readFileSync("test/fixtures/pictures/pil-golden.json", "utf8")) as Golden;
const casesOf = (version: PillowVersion) =>
  (JSON.parse(readFileSync(`test/fixtures/pictures/${version}.json`, "utf8")) as { cases: Case[] }).cases;

describe("resize gives Pillow's bytes", () => {
  test.each(golden.cases)("$src to $dst, $filter (Pillow 9.4)", ({ src, dst, filter, md5: expected }) => {
    expect(md5(resize(picture("formula", ...src, 3), ...dst, filter).data)).toBe(expected);
  });

  describe.each(["pillow-12", "pillow-13"] as const)("as %s does", (version) => {
    test.each(FILTER_NAMES)("%s, up and down, grey and colour, one pixel to a thousand", (name) => {
      const own = casesOf(version).filter(([, , , , , filter]) => filter === name);
      expect(own.length).toBeGreaterThan(150);
      const wrong = own.filter(([width, height, channels, toWidth, toHeight, filter, pattern, expected]) => {
        const image = picture(pattern, width, height, channels);
        return md5(resize(image, toWidth, toHeight, filter, version).data) !== expected;
      });
      expect(wrong).toEqual([]);
    });
  });
});

test("the same size gives a copy, and the input is never written to", () => {
  const image = picture("noise", 12, 9, 3);
  const before = md5(image.data);
  const same = resize(image, 12, 9, "lanczos");
  expect(same).toEqual({ ...image, data: same.data });
  expect(same.data).not.toBe(image.data);
  same.data.fill(0);
  resize(image, 5, 20).data.fill(0);
  expect(md5(image.data)).toBe(before);
});

test("a constant image stays constant under every filter", () => {
  for (const value of [0, 1, 127, 255]) {
    for (const filter of FILTER_NAMES) {
      const flat = { width: 13, height: 7, channels: 1 as const, data: new Uint8Array(91).fill(value) };
      expect(new Set(resize(flat, 31, 3, filter).data)).toEqual(new Set([value]));
    }
  }
});

test("a size or a filter that there is not is said", () => {
  const image = picture("noise", 4, 4, 1);
  expect(() => resize(image, 0, 4)).toThrow("width is 0, but must be a whole number from 1 to 65535.");
  expect(() => resize(image, 4, 2.5)).toThrow("height is 2.5");
  expect(() => resize(image, 4, 4, "nearest" as never)).toThrow(
    'filter "nearest" does not exist. There is: box, bilinear, hamming, bicubic, lanczos.',
  );
});

test("512 to 224 takes in at least 40 MB/s", () => {
  const image = picture("noise", 512, 512, 3);
  const megabytes = image.data.length / 1e6;
  // The best of several: other processes of the machine only ever slow it down.
  let best = Infinity;
  for (let i = 0; i < 200 && megabytes / best < 0.04; i++) {
    const start = performance.now();
    resize(image, 224, 224);
    best = Math.min(best, performance.now() - start);
  }
  expect(megabytes / (best / 1000)).toBeGreaterThanOrEqual(40);
});

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { imageFrom } from "../../../src/search/image.js";
import {
  colourfulness,
  jpegSize,
  sharpness,
  technicalVerifiers,
} from "../../../src/search/verifiers/technical/index.js";
import { type Pattern, picture } from "../pictures/helpers/patterns.js";

interface Case {
  pattern: Pattern;
  width: number;
  height: number;
  channels: 1 | 3;
  sharpness: number;
  colourfulness: number;
  jpeg: { full: number; halved: number };
}
const { cases } = JSON.parse(readFileSync("test/fixtures/technical.json", "utf8")) as { cases: Case[] };
const imageOf = ({ pattern, width, height, channels }: Case) => picture(pattern, width, height, channels);
const grey = (values: number[], width: number, height: number) =>
  imageFrom(Uint8Array.from(values), width, height, 1);

describe("sharpness", () => {
  test("is OpenCV's variance of the Laplacian", () => {
    for (const one of cases) {
      const found = sharpness(imageOf(one));
      expect(Math.abs(found - one.sharpness)).toBeLessThanOrEqual(1e-9 * (1 + one.sharpness));
    }
  });

  test("by hand: flat is 0; one bright pixel of three by three", () => {
    expect(sharpness(grey(new Array<number>(12).fill(77), 4, 3))).toBe(0);
    // Laplacian -4 in the middle, 1 on the four sides mirrored to 2 at the border's far neighbour: edges see it once, corners never.
    const found = sharpness(grey([0, 0, 0, 0, 1, 0, 0, 0, 0], 3, 3));
    // Each side pixel has the middle on both sides of the mirror: 2. Values: -4, 2 x4, 0 x4; mean 4/9, squares 32/9.
    expect(found).toBeCloseTo(32 / 9 - (4 / 9) ** 2, 12);
  });
});

describe("colourfulness", () => {
  test("is Hasler and Süsstrunk's M by numpy", () => {
    for (const one of cases) expect(colourfulness(imageOf(one))).toBeCloseTo(one.colourfulness, 9);
  });

  test("by hand: grey is 0, one red pixel, red beside blue", () => {
    expect(colourfulness(grey([0, 255], 2, 1))).toBe(0);
    expect(colourfulness(imageFrom(Uint8Array.of(9, 9, 9, 200, 200, 200), 2, 1, 3))).toBe(0);
    const red = imageFrom(Uint8Array.of(255, 0, 0), 1, 1, 3);
    expect(colourfulness(red)).toBeCloseTo(0.3 * Math.hypot(255, 127.5), 12);
    const two = imageFrom(Uint8Array.of(255, 0, 0, 0, 0, 255), 2, 1, 3);
    // rg: 255, 0; yb: 127.5, -255.
    expect(colourfulness(two)).toBeCloseTo(Math.hypot(127.5, 191.25) + 0.3 * Math.hypot(127.5, -63.75), 12);
  });
});

describe("JPEG size", () => {
  test("is that of libjpeg with whole colour planes, to within 2 % and some header bytes", () => {
    for (const one of cases) {
      const bytes = jpegSize(imageOf(one)) * 1000;
      expect(Math.abs(bytes - one.jpeg.full)).toBeLessThanOrEqual(60 + 0.02 * one.jpeg.full);
    }
  });

  test("grows with detail and with quality, and is the same for the same pixels", () => {
    const flat = grey(new Array<number>(64 * 64).fill(90), 64, 64);
    const noisy = picture("noise", 64, 64, 1);
    expect(jpegSize(flat)).toBeLessThan(jpegSize(picture("formula", 64, 64, 1)));
    expect(jpegSize(picture("formula", 64, 64, 1))).toBeLessThan(jpegSize(noisy));
    expect(jpegSize(noisy, 30)).toBeLessThan(jpegSize(noisy, 95));
    expect(jpegSize(noisy)).toBe(jpegSize(noisy));
    expect(() => jpegSize(noisy, 0)).toThrow("quality is 0, but must be a whole number from 1 to 100.");
  });
});

test("the verifiers by name score in order, without a condition", async () => {
  expect(Object.keys(technicalVerifiers)).toEqual([
    "sharpness",
    "colourfulness",
    "compressibility",
    "incompressibility",
  ]);
  const images = [0, 1, 2].map((i) =>
    imageFrom(
      picture("noise", 16, 16, 3).data.map((value) => value >> i),
      16,
      16,
      3,
    ),
  );
  for (const verifier of Object.values(technicalVerifiers)) {
    expect(verifier).toMatchObject({ direction: "higher", needsCondition: false });
    const scores = await verifier.score(images);
    expect((await verifier.score([...images].reverse())).reverse()).toEqual(scores);
  }
  const [compressible] = await technicalVerifiers["compressibility"]!.score([images[0]!]);
  expect(compressible).toBe(-jpegSize(images[0]!));
});

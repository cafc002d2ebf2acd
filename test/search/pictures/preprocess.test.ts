import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  centreCrop,
  clipPixels,
  dinoPixels,
  hpsv2Pixels,
  inceptionPixels,
  normalised,
  resizeLongerSide,
  resizeShorterSide,
  torchBilinear,
} from "../../../src/search/pictures/index.js";
import { evenRound } from "../../../src/search/pictures/evenRound.js";
import { picture } from "./helpers/patterns.js";

interface Fixture {
  cases: {
    name: "clip" | "dino" | "hpsv2" | "inception";
    width: number;
    height: number;
    channels: 1 | 3;
    shape: number[];
    sum: number;
    square: number;
    places: number[];
    values: number[];
  }[];
  bilinear: {
    from: [number, number];
    to: [number, number];
    sum: number;
    places: number[];
    values: number[];
  }[];
  crops: { from: [number, number]; to: number; pixels: number[] }[];
}
const fixture = JSON.parse(readFileSync("test/fixtures/pictures/preprocess.json", "utf8")) as Fixture;
const sum = (values: Float32Array, power = 1) => values.reduce((total, value) => total + value ** power, 0);
/** Largest distance of the values at the places. */
function farthest(data: Float32Array, places: number[], values: number[]): number {
  return Math.max(...places.map((place, i) => Math.abs(data[place]! - values[i]!)));
}

describe("preprocessing gives torchvision's numbers", () => {
  const functions = { clip: clipPixels, dino: dinoPixels, hpsv2: hpsv2Pixels, inception: inceptionPixels };
  test.each(fixture.cases)("$name of $width x $height, $channels channel(s)", (expected) => {
    const image = picture("noise", expected.width, expected.height, expected.channels);
    const { data, shape } = functions[expected.name](image);
    expect(shape).toEqual(expected.shape);
    // Normalisation is float32 exactly; torch's bilinear may fuse its products.
    const tolerance = expected.name === "inception" ? 1e-6 : 0;
    expect(farthest(data, expected.places, expected.values)).toBeLessThanOrEqual(tolerance);
    expect(Math.abs(sum(data) - expected.sum)).toBeLessThanOrEqual(1e-8 * data.length);
    expect(Math.abs(sum(data, 2) - expected.square)).toBeLessThanOrEqual(1e-7 * data.length);
  });
});

test.each(fixture.bilinear)(
  "torch's bilinear from $from to $to",
  ({ from, to, sum: total, places, values }) => {
    const plane = normalised(picture("noise", ...from, 1), { mean: [0, 0, 0], std: [1, 1, 1] }).data;
    const data = torchBilinear(plane.slice(0, from[0] * from[1]), ...from, ...to);
    expect(farthest(data, places, values)).toBeLessThanOrEqual(2e-7);
    expect(Math.abs(sum(data) - total)).toBeLessThanOrEqual(1e-7 * data.length);
  },
);

test.each(fixture.crops)("torchvision's centre crop of $from to $to", ({ from, to, pixels }) => {
  expect([...centreCrop(picture("noise", ...from, 1), to, to).data]).toEqual(pixels);
});

test("the shorter side, and the longer with padding, are as long as is said", () => {
  const wide = picture("noise", 300, 200, 3);
  expect(resizeShorterSide(wide, 224)).toMatchObject({ width: 336, height: 224 });
  expect(resizeShorterSide(picture("noise", 200, 333, 3), 224)).toMatchObject({ width: 224, height: 372 });
  const padded = resizeLongerSide(wide, 90);
  expect(padded).toMatchObject({ width: 90, height: 90 });
  const grey = (y: number) => [...padded.data.subarray(y * 270, y * 270 + 270)].some((value) => value > 0);
  expect([14, 15, 74, 75].map(grey)).toEqual([false, true, true, false]);
});

test("an image whose longer side has the size already is padded all the same", () => {
  expect(resizeLongerSide(picture("noise", 90, 60, 3), 90)).toMatchObject({ width: 90, height: 90 });
});

test("Python's round", () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, 2.4, 2.6].map((value) => evenRound(value) + 0)).toEqual([
    0, 2, 2, 0, -2, 2, 3,
  ]);
});

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { fitPixels } from "../../../../src/search/onnx/diffusers/fitPixels.js";
import { resolutionBin } from "../../../../src/search/onnx/diffusers/resolutionBins.js";
import { cleanCaption, plainCaption } from "../../../../src/search/onnx/text/cleanCaption.js";

// What PixArt's pipelines do of themselves, made by training/fixtures/captions.py with diffusers, BeautifulSoup and ftfy.
const made = JSON.parse(readFileSync("test/fixtures/captions.json", "utf8")) as {
  readonly captions: readonly (readonly [given: string, cleaned: string])[];
  readonly bins: readonly (readonly [
    side: number,
    height: number,
    width: number,
    high: number,
    wide: number,
  ])[];
  readonly fits: readonly { readonly from: Size; readonly to: Size; readonly made: readonly number[] }[];
};
type Size = readonly [height: number, width: number];

test("prompts are cleaned as diffusers does it", () => {
  expect(made.captions.length).toBeGreaterThan(200);
  const ours = made.captions.map(([given]) => [given, cleanCaption(given)]);
  expect(ours).toEqual(made.captions);
});

test("a mistaken encoding stays, and without cleaning a prompt is in lower case and trimmed", () => {
  expect(cleanCaption("a cafÃ© table")).toBe("a cafã table");
  expect(plainCaption("\u00a0 A <b>Cat</b> \n")).toBe("a <b>cat</b>");
});

test("a prompt of a megabyte takes no time to clean: what no encoder takes is cut first", () => {
  const started = performance.now();
  for (const text of ["a", "<a ", "a.", "&amp"])
    expect(cleanCaption(text.repeat(2 ** 20 / text.length)).length).toBeLessThan(10_000);
  // 0.6 s; without the cut minutes.
  expect(performance.now() - started).toBeLessThan(20_000);
});

test("the size sampled at is the one whose ratio is nearest in the table of the network's sample size", () => {
  expect(made.bins.length).toBeGreaterThan(300);
  for (const [side, height, width, high, wide] of made.bins)
    expect([side, height, width, resolutionBin(side, height, width)]).toEqual([
      side,
      height,
      width,
      [high, wide],
    ]);
  expect(resolutionBin(8, 16, 16)).toBeUndefined();
});

test.each(made.fits)(
  "pictures of $from are resized and cropped to $to as diffusers does it",
  ({ from, to, made }) => {
    const data = Float32Array.from({ length: 2 * from[0] * from[1] }, (_, i) => Math.sin(i * 1.7));
    const fitted = fitPixels({ data, shape: [2, ...from] }, to);
    expect(fitted.shape).toEqual([2, ...to]);
    expect(fitted.data).toHaveLength(made.length);
    fitted.data.forEach((value, i) => expect(Math.abs(value - made[i]!)).toBeLessThan(1e-6));
  },
);

test("a picture is never a pixel short of what was asked for", () => {
  const short: Size[] = [];
  for (let height = 8; height <= 64; height += 8)
    for (let to = 5; to < 60; to += 3) {
      const { shape } = fitPixels({ data: new Float32Array(height * 32), shape: [1, height, 32] }, [
        to,
        to + 4,
      ]);
      if (shape[1] !== to || shape[2] !== to + 4) short.push([height, to]);
    }
  expect(short).toEqual([]);
});

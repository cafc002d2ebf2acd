import { decode } from "fast-png";
import { expect, test } from "vitest";
import { imageFrom } from "../../src/search/index.js";

test("a colour image has its planes in 0..1, a grey one three equal planes", () => {
  const red = imageFrom(Uint8Array.of(255, 0, 51, 0, 102, 0), 2, 1, 3);
  expect(red.rgb.map((plane) => [...plane].map((value) => Math.round(value * 5) / 5))).toEqual([
    [1, 0],
    [0, 0.4],
    [0.2, 0],
  ]);
  const grey = imageFrom(Uint8Array.of(0, 255), 1, 2);
  expect(grey.channels).toBe(1);
  expect(grey.rgb.map((plane) => [...plane])).toEqual([
    [0, 1],
    [0, 1],
    [0, 1],
  ]);
});

test("a PNG has the pixels, and the same pixels give the same bytes", () => {
  for (const channels of [1, 3] as const) {
    const data = Uint8Array.from({ length: 5 * 4 * channels }, (_, i) => (i * 37) % 256);
    const image = imageFrom(data, 5, 4, channels);
    const png = image.toPNG();
    expect(imageFrom(data, 5, 4, channels).toPNG()).toEqual(png);
    const decoded = decode(png);
    expect(decoded).toMatchObject({ width: 5, height: 4, channels, depth: 8 });
    expect([...decoded.data]).toEqual([...data]);
  }
});

test("an image is a copy, and its size must fit its data", () => {
  const data = new Uint8Array(4);
  const image = imageFrom(data, 2, 2);
  data[0] = 9;
  expect(image.data[0]).toBe(0);
  expect(() => imageFrom(data, 3, 2)).toThrow(
    "An image of 3 x 2 with 1 channel(s) has 6 values, but the data have 4.",
  );
  expect(() => imageFrom([1, 2, 3, 4] as never, 2, 2)).toThrow(
    "imageFrom needs a Uint8Array of pixels, but got an array.",
  );
  expect(() => imageFrom(data, 2, 1, 2 as never)).toThrow("channels");
});

test("an image is resized as Pillow does it", () => {
  const grey = imageFrom(
    Uint8Array.from({ length: 16 }, (_, i) => i * 16),
    4,
    4,
    1,
  );
  const half = grey.resize(2, 2, "box");
  // Means over blocks of four: 16 * (0 + 1 + 4 + 5) / 4, rounded.
  expect([half.width, half.height, ...half.data]).toEqual([2, 2, 40, 72, 168, 200]);
});

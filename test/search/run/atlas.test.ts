import { decode } from "fast-png";
import { expect, it } from "vitest";
import { drawWhole, encodePng } from "../../../src/search/index.js";

/** Noise, which no PNG makes smaller, or one colour. */
function image(side: number, isNoise = false) {
  const data = new Uint8Array(side * side * 3);
  let state = 1;
  if (isNoise) for (let i = 0; i < data.length; i++) data[i] = (state = (state * 48271) % 2147483647) & 255;
  else data.fill(7);
  return { width: side, height: side, channels: 3 as const, data };
}

it("a picture at full size is beside the thumbnails where it is larger than they are", () => {
  expect(drawWhole({ id: "r1-c0", image: image(64) }, encodePng)).toEqual([]);
  const [chunk] = drawWhole({ id: "r1-c0", image: image(300) }, encodePng);
  expect(chunk).toMatchObject({ ids: ["r1-c0"], tile: [300, 300], columns: 1 });
  const { width, data } = decode(Buffer.from(chunk!.png, "base64"));
  expect([width, data.every((value) => value === 7)]).toEqual([300, true]);
});

it("and is made smaller until a notebook can hold it", () => {
  expect(drawWhole({ id: "a", image: image(2000) }, encodePng)[0]?.tile).toEqual([1000, 1000]);
  const [noise] = drawWhole({ id: "a", image: image(800, true) }, encodePng);
  expect(noise?.tile).toEqual([400, 400]);
  expect(noise!.png.length).toBeLessThan(700_000);
});

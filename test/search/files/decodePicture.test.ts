import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodePicture } from "../../../src/search/files/decodePicture.js";
import { upright } from "../../../src/search/files/orientation.js";
import { encodePng } from "../../../src/search/index.js";
import { picture } from "../pictures/helpers/patterns.js";

interface Case {
  name: string;
  file: string;
  width: number;
  height: number;
  channels: 1 | 3;
  pixels: string;
  tolerance: number;
}
const cases = JSON.parse(readFileSync("test/fixtures/pictures/files.json", "utf8")) as Case[];
const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));
const named = (name: string) => bytesOf(cases.find((one) => one.name === name)!.file);

describe("pixels are Pillow's", () => {
  test.each(cases)("$name", async ({ file, width, height, channels, pixels, tolerance }) => {
    const image = await decodePicture(bytesOf(file), "x");
    expect([image.width, image.height, image.channels]).toEqual([width, height, channels]);
    const expected = bytesOf(pixels);
    expect(image.data.length).toBe(expected.length);
    const most = expected.reduce((worst, value, i) => Math.max(worst, Math.abs(value - image.data[i]!)), 0);
    expect(most).toBeLessThanOrEqual(tolerance);
  });
});

test("a picture that was written here comes back byte for byte", async () => {
  for (const channels of [1, 3] as const) {
    const image = picture("noise", 37, 21, channels);
    expect(await decodePicture(encodePng(image), "x")).toEqual(image);
  }
});

test("every orientation turned twice as it says is upright again", () => {
  const image = picture("noise", 5, 3, 3);
  for (const [there, back] of [
    [2, 2],
    [3, 3],
    [4, 4],
    [5, 5],
    [6, 8],
    [7, 7],
    [8, 6],
  ] as const) {
    expect(upright(upright(image, there), back)).toEqual(image);
  }
});

describe("what is no such file is said, with its name and what was found", () => {
  const text = (value: string) => new Uint8Array(Buffer.from(value, "latin1"));
  test.each([
    ["empty.png", new Uint8Array(0), "it is nothing: the file is empty"],
    ["a.gif", text("GIF89a........"), "it is a GIF picture"],
    ["a.png", text("<html><body>Not found"), "it is a text in XML or HTML"],
    ["a.jpg", text("\0\0\0 ftypavif...."), "it is an AVIF picture"],
    ["a.jpg", text("version https://git-lfs.github.com/spec/v1"), "run git lfs pull"],
    ["a.bin", new Uint8Array([1, 2, 3]), "it is a file that begins with 01 02 03"],
  ])("%s", async (name, bytes, found) => {
    const failure = decodePicture(bytes, name);
    await expect(failure).rejects.toThrow(found);
    await expect(failure).rejects.toThrow(`${name} is no picture that is read here`);
    await expect(failure).rejects.toThrow("There is: PNG, JPEG, WebP.");
  });

  test.each(["PNG colour type 2, 8 bit", "JPEG without subsampling", "WebP lossless", "WebP lossy"])(
    "%s cut off anywhere is an error or, past its picture, the same picture",
    async (name) => {
      const whole = named(name);
      const image = await decodePicture(whole, "x");
      let refused = 0;
      for (let length = 0; length < whole.length; length += 7) {
        const cut = whole.slice(0, length);
        try {
          expect(await decodePicture(cut, "cut.x")).toEqual(image);
        } catch (error) {
          expect(error).toMatchObject({ name: "InputError" });
          expect((error as Error).message).toMatch(/^cut\.x /);
          refused++;
        }
      }
      expect(refused).toBeGreaterThan(whole.length / 7 / 2);
    },
  );

  test("a changed byte of a PNG is found by its checksum", async () => {
    const damaged = named("PNG colour type 2, 8 bit").slice();
    damaged[60]! ^= 1;
    await expect(decodePicture(damaged, "d.png")).rejects.toThrow(
      /^d\.png begins as a PNG, but cannot be read: /,
    );
  });

  test("a header that claims a huge picture is refused before anything is decoded", async () => {
    const huge = named("PNG colour type 2, 8 bit").slice();
    new DataView(huge.buffer).setUint32(16, 2_000_000);
    new DataView(huge.buffer).setUint32(20, 2_000_000);
    await expect(decodePicture(huge, "h.png")).rejects.toThrow(
      "2000000 x 2000000 are more than the 178956970 pixels",
    );
  });
});

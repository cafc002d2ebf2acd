import { expect, test } from "vitest";
import { imageNoises } from "../../../src/search/random/torchImageNoises.js";
import { torchRandn } from "../../../src/search/random/torchRandn.js";

const SHAPE = [4, 8, 8];
const SIZE = 256;

test("diffusers with a list of generators: each image as if it were alone", () => {
  const noises = imageNoises({ convention: "diffusers-list", seed: [7, 3], images: 2, shape: SHAPE });
  expect(noises.draw()).toEqual([torchRandn(7, [1, ...SHAPE]), torchRandn(3, [1, ...SHAPE])]);
});

test("diffusers with one generator, and ComfyUI: one draw of the batch, so the second image has no seed of its own", () => {
  const batch = torchRandn(7, [2, ...SHAPE]);
  for (const convention of ["diffusers-batch", "comfyui"] as const) {
    const noises = imageNoises({ convention, seed: 7, images: 2, shape: SHAPE });
    expect(noises.draw()).toEqual([batch.slice(0, SIZE), batch.slice(SIZE)]);
  }
});

test("ComfyUI draws on the CPU whatever the device, diffusers where it is told", () => {
  const request = { seed: 7, images: 1, shape: SHAPE, device: "cuda" } as const;
  expect(imageNoises({ convention: "comfyui", ...request }).draw()).toEqual([torchRandn(7, [1, ...SHAPE])]);
  expect(imageNoises({ convention: "diffusers-batch", ...request }).draw()).toEqual([
    torchRandn(7, [1, ...SHAPE], "cuda"),
  ]);
});

test("A1111: seed + i for image i, and each generator goes on by itself", () => {
  const noises = imageNoises({ convention: "a1111", seed: 7, images: 3, shape: SHAPE, device: "cuda" });
  expect(noises.draw()).toEqual([7, 8, 9].map((seed) => torchRandn(seed, SHAPE, "cuda")));
  const alone = imageNoises({ convention: "a1111", seed: 8, images: 1, shape: SHAPE, device: "cuda" });
  alone.draw();
  expect(noises.draw()[1]).toEqual(alone.draw()[0]);
});

test.each([
  [
    { convention: "novelai" },
    'convention "novelai" does not exist. There is: diffusers-list, diffusers-batch, a1111, comfyui.',
  ],
  [{ convention: "diffusers-list", seed: [1] }, "takes one seed an image, 2 of them, not 1 seeds"],
  [{ convention: "comfyui", seed: [1, 2] }, 'The convention "comfyui" takes one seed, not an array.'],
  [{ convention: "a1111", seed: 2n ** 64n - 1n }, "must be a whole number from 0 to 2^64 - 1"],
  [{ convention: "a1111", seed: -3 }, "seed is -3"],
])("bad requests are refused: %#", (request, message) => {
  expect(() => imageNoises({ seed: 1, images: 2, shape: SHAPE, ...request } as any)).toThrow(message);
});

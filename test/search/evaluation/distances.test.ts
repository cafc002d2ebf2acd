import { describe, expect, test } from "vitest";
import {
  frechetDistance,
  gaussianDistance,
  gaussianOf,
  inceptionScore,
  kernelDistance,
} from "../../../src/search/evaluation/index.js";
import { eigenvalues, factor } from "../../../src/search/evaluation/symmetric.js";
import { normals } from "../../../src/search/random/normals.js";
import { hashedFeatures, reference } from "./helpers/reference.js";

const symmetric = (rows: number[][]) => ({ size: rows.length, data: Float64Array.from(rows.flat()) });
const gaussian = (mean: number[], rows: number[][]) => ({
  mean: Float64Array.from(mean),
  covariance: symmetric(rows),
});

describe("Fréchet distance", () => {
  test.each(reference.sets)("is scipy's: $size dimensions, $a and $b images, $dead of them dead", (set) => {
    const a = hashedFeatures(1, set.a, set.size, 0.5, 0, set.dead);
    const b = hashedFeatures(2, set.b, set.size, -0.3, 0.1, set.dead);
    const { distance, images, dimension } = frechetDistance(a, b);
    expect(Math.abs(distance - set.frechet)).toBeLessThan(1e-9);
    expect({ images, dimension }).toEqual({ images: [set.a, set.b], dimension: set.size });
    expect(frechetDistance(b, a).distance).toBeCloseTo(distance, 9);
    expect(frechetDistance(a, a).distance).toBeLessThan(1e-9);
  });

  test("has closed forms between Gaussians", () => {
    // One dimension: (m1 - m2)^2 + (s1 - s2)^2.
    expect(gaussianDistance(gaussian([1], [[4]]), gaussian([4], [[9]]))).toBeCloseTo(9 + 1, 12);
    // Commuting: the same, axis by axis.
    const turned = (a: number, b: number) => [
      [(a + b) / 2, (a - b) / 2],
      [(a - b) / 2, (a + b) / 2],
    ];
    expect(gaussianDistance(gaussian([0, 0], turned(4, 9)), gaussian([1, 2], turned(1, 25)))).toBeCloseTo(
      5 + 1 + 4,
      12,
    );
    // 2 x 2: tr of the root = sqrt(tr + 2 sqrt(det)) of the product.
    const [c1, c2] = [
      symmetric([
        [2, 1],
        [1, 3],
      ]),
      symmetric([
        [5, -1],
        [-1, 2],
      ]),
    ];
    const [trace, determinant] = [2 * 5 + 2 * (1 * -1) + 3 * 2, 5 * 9];
    const expected = 5 + 7 - 2 * Math.sqrt(trace + 2 * Math.sqrt(determinant));
    const zero = Float64Array.of(0, 0);
    expect(gaussianDistance({ mean: zero, covariance: c1 }, { mean: zero, covariance: c2 })).toBeCloseTo(
      expected,
      12,
    );
    // A set and its multiple, moved: |shift|^2 + (k - 1)^2 tr C.
    const set = hashedFeatures(5, 100, 12, 0.4, 0);
    const moved = set.map((vector) => vector.map((value) => 1.5 * value + 2));
    const { mean, covariance } = gaussianOf(set);
    const spread = covariance.data.reduce((sum, value, i) => sum + (i % 13 === 0 ? value : 0), 0);
    const shift = mean.reduce((sum, value) => sum + (0.5 * value + 2) ** 2, 0);
    expect(frechetDistance(set, moved).distance).toBeCloseTo(shift + 0.25 * spread, 9);
  });

  test("is refused below d + 1 images, with the reason", () => {
    const set = hashedFeatures(1, 8, 8, 0, 0);
    expect(() => frechetDistance(set, hashedFeatures(2, 20, 8, 0, 0))).toThrow(
      "The Fréchet distance in 8 feature dimensions needs at least 9 images in each set, because fewer do not determine a covariance, but the first set has 8. Kernel distance (KID) works with fewer.",
    );
    expect(() => frechetDistance([], [])).toThrow("at least 1 images");
    expect(() => frechetDistance([[1], [NaN]], [[1], [2]])).toThrow("Feature 0 of image 1 is NaN");
    expect(() => frechetDistance([[1], [2, 3]], [[1], [2]])).toThrow("image 1 has 2 and others have 1");
  });
});

describe("symmetric matrices", () => {
  const random = (size: number, seed: number) => {
    const draws = normals({ seed, path: "matrix" }, size * size);
    const at = (i: number, j: number) => draws[i * size + j]! + draws[j * size + i]!;
    return symmetric(
      Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => at(i, j))),
    );
  };

  test("eigenvalues: known ones, trace and squares", () => {
    // The second difference: 2 - 2 cos(pi k / (n + 1)).
    const n = 30;
    const chain = symmetric(
      Array.from({ length: n }, (_, i) =>
        Array.from({ length: n }, (_, j) => (i === j ? 2 : Math.abs(i - j) === 1 ? -1 : 0)),
      ),
    );
    const found = [...eigenvalues(chain)].sort((a, b) => a - b);
    found.forEach((value, k) =>
      expect(value).toBeCloseTo(2 - 2 * Math.cos((Math.PI * (k + 1)) / (n + 1)), 12),
    );
    for (const size of [1, 2, 3, 10, 41]) {
      const matrix = random(size, size);
      const values = eigenvalues(matrix);
      const trace = Array.from({ length: size }, (_, i) => matrix.data[i * size + i]!).reduce(
        (a, b) => a + b,
        0,
      );
      expect(values.reduce((a, b) => a + b, 0)).toBeCloseTo(trace, 9);
      const squares = matrix.data.reduce((sum, value) => sum + value * value, 0);
      expect(values.reduce((sum, value) => sum + value * value, 0) / squares).toBeCloseTo(1, 11);
    }
    expect([
      ...eigenvalues(
        symmetric([
          [0, 0],
          [0, 0],
        ]),
      ),
    ]).toEqual([0, 0]);
    expect([...eigenvalues({ size: 0, data: new Float64Array() })]).toEqual([]);
  });

  test("the factor's product is the matrix, also of a singular one", () => {
    const rows = hashedFeatures(3, 6, 10, 0.2, 0);
    const data = new Float64Array(100);
    for (let i = 0; i < 10; i++)
      for (let j = 0; j < 10; j++) data[i * 10 + j] = rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0);
    const { rank, data: root } = factor({ size: 10, data });
    expect(rank).toBe(6);
    for (let i = 0; i < 10; i++) {
      for (let j = 0; j < 10; j++) {
        let sum = 0;
        for (let k = 0; k < rank; k++) sum += root[i * rank + k]! * root[j * rank + k]!;
        expect(sum).toBeCloseTo(data[i * 10 + j]!, 10);
      }
    }
  });
});

describe("kernel distance", () => {
  test.each(reference.sets)("is numpy's: $size dimensions, $a and $b images", (set) => {
    const a = hashedFeatures(1, set.a, set.size, 0.5, 0, set.dead);
    const b = hashedFeatures(2, set.b, set.size, -0.3, 0.1, set.dead);
    expect(kernelDistance(a, b).distance / set.kid).toBeCloseTo(1, 9);
  });

  test("has expectation 0 for sets of one law, whatever their size, and takes subsets", () => {
    const set = (seed: number, count: number) =>
      Array.from({ length: count }, (_, i) => normals({ seed, path: `image/${i}` }, 6));
    for (const size of [4, 32]) {
      const distances = Array.from(
        { length: 200 },
        (_, seed) => kernelDistance(set(2 * seed, size), set(2 * seed + 1, size)).distance,
      );
      const mean = distances.reduce((a, b) => a + b, 0) / 200;
      const deviation = Math.sqrt(distances.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 199);
      expect(Math.abs(mean)).toBeLessThan((3.5 * deviation) / Math.sqrt(200));
    }
    const [a, b] = [set(1, 60), set(2, 50).map((image) => image.map((value) => value + 0.5))];
    const full = kernelDistance(a, b).distance;
    const parts = kernelDistance(a, b, { subsets: 100, size: 20 });
    expect(Math.abs(parts.distance - full)).toBeLessThan(0.3 * full);
    expect(parts.deviation).toBeGreaterThan(0);
    expect(kernelDistance(a, b, { subsets: 100, size: 20 })).toEqual(parts);
    // All images of the smaller set: every subset is that set.
    expect(kernelDistance(b, b.slice(), { subsets: 3, size: 50 }).deviation).toBeLessThan(1e-12);
  });

  test("needs two images, and says how many there are", () => {
    expect(() => kernelDistance([[1]], [[1], [2]])).toThrow("at least 2 images in each set, but one has 1.");
    expect(() => kernelDistance([[1], [2]], [[1], [2]], { subsets: 5, size: 3 })).toThrow("size is 3");
  });
});

test("inception-style score: its bounds, numpy's number, and what is no probability", () => {
  const certain = Array.from({ length: 12 }, (_, i) =>
    Array.from({ length: 4 }, (_, y) => Number(i % 4 === y)),
  );
  expect(inceptionScore(certain)).toEqual({ score: expect.closeTo(4, 12), images: 12 });
  expect(inceptionScore(certain.map(() => [0.1, 0.2, 0.3, 0.4])).score).toBeCloseTo(1, 12);
  expect(inceptionScore(reference.inception.p).score).toBeCloseTo(reference.inception.score, 9);
  for (const row of [[0.5, 0.6], [NaN, 1], [-0.5, 1.5], [1]]) {
    expect(() => inceptionScore([[0.5, 0.5], row])).toThrow("Image 1 has no probabilities of 2 classes");
  }
  expect(() => inceptionScore([])).toThrow("at least one image");
});

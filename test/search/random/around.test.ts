import fc from "fast-check";
import { expect, test } from "vitest";
import { around } from "../../../src/search/random/around.js";
import { normals } from "../../../src/search/random/normals.js";

function norm(x: Float32Array): number {
  return Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
}

function cosine(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0) / norm(a) / norm(b);
}

test("a neighbour has the pivot's norm and the stated cosine to 1e-6, in any dimension and at any similarity", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 3000 }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.integer({ min: 0, max: 1_000_000 }),
      (dimension, similarity, seed) => {
        const pivot = normals({ seed, path: "pivot" }, dimension);
        const neighbour = around(pivot, normals({ seed, path: "direction" }, dimension), similarity);
        expect(Math.abs(norm(neighbour) / norm(pivot) - 1)).toBeLessThan(1e-6);
        expect(Math.abs(cosine(neighbour, pivot) - similarity)).toBeLessThan(1e-6);
      },
    ),
    { numRuns: 200, seed: 1 },
  );
});

test("its distance is |n| sqrt(2 - 2c)", () => {
  const pivot = normals({ seed: 3, path: "pivot" }, 784);
  const neighbour = around(pivot, normals({ seed: 3, path: "direction" }, 784), 0.95);
  const distance = norm(neighbour.map((value, i) => value - pivot[i]!));
  expect(distance / norm(pivot)).toBeCloseTo(Math.sqrt(2 - 2 * 0.95), 6);
});

test("around a standard normal pivot, neighbours are standard normal: |y|^2 has the moments of chi-squared", () => {
  const dimension = 16;
  const runs = 4000;
  let mean = 0;
  let square = 0;
  let first = 0;
  for (let seed = 0; seed < runs; seed++) {
    const pivot = normals({ seed, path: "pivot" }, dimension);
    const y = around(pivot, normals({ seed, path: "direction" }, dimension), 0.6);
    mean += norm(y) ** 2 / runs;
    square += norm(y) ** 4 / runs;
    first += (y[0]! * y[1]!) / runs;
  }
  // E = d, E|y|^4 = d^2 + 2d; standard errors 0.09, 3.3 and 0.016.
  expect(Math.abs(mean - dimension)).toBeLessThan(0.4);
  expect(Math.abs(square - dimension ** 2 - 2 * dimension)).toBeLessThan(14);
  expect(Math.abs(first)).toBeLessThan(0.06);
});

test("similarity 1 does not move, in one dimension only the sign is left, and a pivot of norm 0 is refused", () => {
  const pivot = normals({ seed: 5, path: "pivot" }, 50);
  const same = around(pivot, normals({ seed: 5, path: "direction" }, 50), 1);
  same.forEach((value, i) => expect(value).toBeCloseTo(pivot[i]!, 6));
  expect(around(Float32Array.of(2), Float32Array.of(0.3), 0.5)).toEqual(Float32Array.of(2));
  expect(around(Float32Array.of(2), Float32Array.of(0.3), -0.5)).toEqual(Float32Array.of(-2));
  expect(() => around(new Float32Array(3), Float32Array.of(1, 2, 3), 0.5)).toThrow("norm 0");
});

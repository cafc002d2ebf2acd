import { expect, test } from "vitest";
import {
  normalCdf,
  normalQuantile,
  studentCdf,
  studentQuantile,
} from "../../../src/search/evaluation/distributions.js";
import { expectedMaximum, expectedWinner } from "../../../src/search/evaluation/orderStatistics.js";
import { reference } from "./helpers/reference.js";

const { distributions } = reference;

test("normal and Student's t are scipy's", () => {
  for (const [x, p] of distributions.normalCdf) expect(normalCdf(x) / p).toBeCloseTo(1, 11);
  for (const [p, x] of distributions.normalQuantile) expect(normalQuantile(p)).toBeCloseTo(x, 10);
  for (const [t, df, p] of distributions.studentCdf) expect(studentCdf(t, df) / p).toBeCloseTo(1, 10);
  for (const [p, df, t] of distributions.studentQuantile) {
    expect(studentQuantile(p, df) / (t || 1)).toBeCloseTo(t === 0 ? 0 : 1, 9);
  }
  expect([normalCdf(NaN), normalQuantile(NaN), normalQuantile(2)]).toEqual([NaN, NaN, NaN]);
});

test("the expected largest of n normals (T5)", () => {
  const known = [
    [1, 0],
    [2, 0.56419],
    [3, 0.846284],
    [4, 1.029375],
    [8, 1.4236],
    [16, 1.765991],
    [32, 2.069669],
    [64, 2.343733],
    [96, 2.492967],
    [128, 2.594597],
  ] as const;
  for (const [n, expected] of known) expect(Math.abs(expectedMaximum(n) - expected)).toBeLessThan(1e-6);
  // Closed forms: 1/sqrt(pi), and 3/(2 sqrt(pi)).
  expect(expectedMaximum(2)).toBeCloseTo(1 / Math.sqrt(Math.PI), 12);
  expect(expectedMaximum(3)).toBeCloseTo(1.5 / Math.sqrt(Math.PI), 12);
  expect(() => expectedMaximum(0)).toThrow("n is 0");
});

test("what selection does to the verifier and to the truth (T6)", () => {
  const { searched, heldOut, gap } = expectedWinner(16, 0.6);
  expect(searched).toBeCloseTo(1.76599, 5);
  expect(heldOut).toBeCloseTo(1.05959, 5);
  expect(gap).toBeCloseTo(0.7064, 5);
});

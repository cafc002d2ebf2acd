import { expect, test } from "vitest";
import { normals } from "../../../src/search/random/normals.js";

test("the same key gives the same numbers, and a longer draw begins with the shorter", () => {
  const key = { seed: 7, path: "noise/3" };
  const long = normals(key, 1001);
  expect(normals(key, 1001)).toEqual(long);
  expect(normals(key, 10)).toEqual(long.slice(0, 10));
});

test("seeds and paths that look alike give unrelated numbers", () => {
  const count = 20_000;
  const a = normals({ seed: 1, path: "noise/1" }, count);
  for (const key of [
    { seed: 1, path: "noise/2" },
    { seed: 2, path: "noise/1" },
    { seed: 1, path: "noise/11" },
    { seed: 11, path: "noise/1" },
  ]) {
    const b = normals(key, count);
    let correlation = 0;
    for (let i = 0; i < count; i++) correlation += (a[i]! * b[i]!) / count;
    // Standard error 1/sqrt(20000) = 0.0071.
    expect(Math.abs(correlation)).toBeLessThan(0.03);
  }
});

test("they are standard normal in their first four moments and in the tails", () => {
  const count = 400_000;
  const values = normals({ seed: 42, path: "moments" }, count);
  const moment = (power: number): number => values.reduce((sum, value) => sum + value ** power, 0) / count;
  expect(Math.abs(moment(1))).toBeLessThan(0.006);
  expect(Math.abs(moment(2) - 1)).toBeLessThan(0.01);
  expect(Math.abs(moment(3))).toBeLessThan(0.03);
  expect(Math.abs(moment(4) - 3)).toBeLessThan(0.08);
  const beyond = values.filter((value) => Math.abs(value) > 1.959964).length / count;
  expect(Math.abs(beyond - 0.05)).toBeLessThan(0.0015);
  expect(values.every(Number.isFinite)).toBe(true);
});

test("the numbers of a key are fixed: notebooks that are saved replay", () => {
  expect([...normals({ seed: 0, path: "noise/0" }, 4)]).toMatchInlineSnapshot(`
    [
      -0.4991239607334137,
      -1.335734248161316,
      0.29390332102775574,
      0.13397127389907837,
    ]
  `);
});

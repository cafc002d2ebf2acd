import { expect, test } from "vitest";
import { fromHalf, toHalf } from "../../../src/search/onnx/half.js";

test("every float16 survives the way there and back", () => {
  const all = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits);
  const values = fromHalf(all);
  const back = toHalf(values);
  for (let bits = 0; bits < 0x10000; bits++) {
    const isNaN = (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
    if (isNaN) expect(values[bits]).toBeNaN();
    else if (back[bits] !== bits) expect(`${bits} -> ${values[bits]} -> ${back[bits]}`).toBe("");
  }
});

test("what lies between two goes to the nearer, and from the middle to the even one", () => {
  const all = fromHalf(Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits));
  for (let bits = 0; bits + 1 < all.length; bits++) {
    // Float32 holds the middle of two neighbours exactly, and numbers nearer to either.
    const [low, high] = [all[bits]!, all[bits + 1]!];
    const middle = (low + high) / 2;
    const quarter = (high - low) / 4;
    const found = toHalf(Float32Array.of(middle - quarter, middle, middle + quarter));
    if (found.join() !== [bits, bits + (bits % 2), bits + 1].join()) expect(found).toBe(bits);
  }
});

test("the ends: 65519 is the last that is finite, NaN stays NaN, signs stay", () => {
  const given = [65_504, 65_519, 65_520, Infinity, -Infinity, NaN, -0, 2 ** -25, 1.0001 * 2 ** -25, -1e-9];
  expect([...fromHalf(toHalf(Float32Array.from(given)))]).toEqual([
    ...[65_504, 65_504, Infinity, Infinity, -Infinity, NaN, -0, 0, 2 ** -24, -0],
  ]);
});

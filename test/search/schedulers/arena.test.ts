import { expect, test } from "vitest";
import { Arena, copied, floats, mapped } from "../../../src/search/schedulers/arena.js";

test("outside of an arena arrays are new ones", () => {
  expect(floats(3)).toEqual(new Float32Array(3));
  expect(mapped(Float32Array.of(1, 2), (value, i) => value + i)).toEqual(Float32Array.of(1, 3));
  const values = Float32Array.of(4, 5);
  expect(copied(values)).toEqual(values);
  expect(copied(values)).not.toBe(values);
});

test("what nothing holds any more is lent again, to whoever asks for as many", () => {
  const arena = new Arena();
  const [a, b, short] = arena.during(() => [floats(4), floats(4), floats(2)]);
  expect(arena.during(() => floats(4))).not.toBe(a);
  arena.keepOnly({ history: [{ slope: b }] });
  const next = arena.during(() => [floats(2), floats(4), floats(4), floats(4)]);
  expect(next[0]).toBe(short);
  expect(next).toContain(a);
  expect(next).not.toContain(b);
});

test("an array of which only a part is held stays", () => {
  const arena = new Arena();
  const whole = arena.during(() => floats(4));
  arena.keepOnly([whole.subarray(1, 2)]);
  expect(arena.during(() => floats(4))).not.toBe(whole);
  arena.keepOnly();
  expect(arena.during(() => floats(4))).toBe(whole);
});

test("work that throws leaves no arena behind, and one within another comes back to it", () => {
  const [outer, inner] = [new Arena(), new Arena()];
  expect(() =>
    outer.during(() => {
      throw new Error("no");
    }),
  ).toThrow("no");
  const before = outer.during(() => floats(1));
  outer.keepOnly();
  expect(floats(1)).not.toBe(before);
  outer.during(() => {
    inner.during(() => floats(1));
    expect(floats(1)).toBe(before);
  });
});

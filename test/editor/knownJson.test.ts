import { expect, test } from "vitest";
import { KnownJson } from "../../src/editor/knownJson.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const long = (mark: string, length = 5000): Uint8Array => bytes(mark.padEnd(length, "x"));

test("a text that was seen has its value, in another array too; one of the same length has not", () => {
  const known = new KnownJson();
  const value = { a: 1 };
  known.remember(long("one"), value);
  expect(known.find(long("one"))).toBe(value);
  expect(known.find(long("two"))).toBeUndefined();
  expect(known.find(long("one", 5001))).toBeUndefined();
  known.remember(long("one"), "newer");
  expect(known.find(long("one"))).toBe("newer");
});

test("a short text is not kept, and of many the ones used last are", () => {
  const known = new KnownJson();
  known.remember(bytes("[1]"), [1]);
  expect(known.find(bytes("[1]"))).toBeUndefined();
  for (const mark of ["a", "b", "c", "d"]) {
    known.remember(long(mark, 5_000_000), mark);
    known.find(long("a", 5_000_000));
  }
  expect(["a", "b", "c", "d"].map((mark) => known.find(long(mark, 5_000_000)))).toEqual([
    "a",
    undefined,
    "c",
    "d",
  ]);
});

import fc from "fast-check";
import { expect, it } from "vitest";
import { foldedReturns, terminalText, withoutOverwritten } from "../../src/document/terminalText.js";

it.each([
  ["plain text", "a\nb", "a\nb"],
  ["a bar that draws over itself", "10 %\r20 %\r100 %\n", "100 %\n"],
  ["a shorter text over a longer one", "abcdef\rxy", "xycdef"],
  ["cleared to the end", "abcdef\rxy\u001b[K", "xy"],
  ["a cleared line", "abc\u001b[2K\rd", "d"],
  ["lines of Windows", "a\r\nb\r\r\n", "a\nb\n"],
  ["backspaces", "abc\b\bX", "aXc"],
  ["colours", "\u001b[31;1mred\u001b[39m \u001b[38;5;12mx\u001b[0m", "red x"],
  ["links", "\u001b]8;;http://a.b\u0007text\u001b]8;;\u0007", "text"],
  ["a broken escape", "a\u001b", "a"],
  ["characters beyond 16 bits", "😀😀\r😂", "😂😀"],
])("%s", (_, text, shown) => {
  expect(terminalText(text)).toBe(shown);
});

it.each([
  ["nothing to do", "a\nb\r\nc", "a\nb\r\nc"],
  ["a bar", "0 %\r50 %\r100 %\r", "100 %\r"],
  ["a shorter text over a longer one", "x\nabcdef\rxy\r\nz", "x\nxycdef\r\nz"],
  ["with escapes", "\u001b[31m10\u001b[0m\r\u001b[31m20\u001b[0m", "\u001b[31m20\u001b[0m"],
  ["wide characters", "😀😀\r😂", "😂😀"],
])("without what is overwritten: %s", (_, text, seen) => {
  expect(withoutOverwritten(text)).toBe(seen);
  expect(terminalText(seen)).toBe(terminalText(text));
});

it("what is seen does not depend on the pieces in which a text came", () => {
  const part = fc.oneof(fc.constantFrom("\r", "\n", "\r\n", "10 %", "x"), fc.string({ maxLength: 4 }));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (pieces) => {
      const folded = pieces.map((piece, index) => foldedReturns(piece, index > 0));
      expect(withoutOverwritten(folded.join(""))).toBe(withoutOverwritten(pieces.join("")));
      const soFar = pieces.reduce((before, piece) => foldedReturns(before + piece), "");
      expect(withoutOverwritten(soFar)).toBe(withoutOverwritten(pieces.join("")));
    }),
    { numRuns: 3000 },
  );
});

it("a bar that draws itself a million times takes no more room than twice", () => {
  let text = "";
  for (let i = 0; i < 1000; i++) text = foldedReturns(`${text}${"\rstep 7 of 1000".repeat(1000)}`);
  expect(text).toBe("step 7 of 1000\rstep 7 of 1000");
  expect(withoutOverwritten(`${"\r".repeat(200_000)}x`)).toBe("x");
});

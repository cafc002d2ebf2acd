import { describe, expect, it } from "vitest";
import type { Output } from "../../src/document/notebook.js";
import { textItem } from "../../src/document/outputs.js";
import { bytesOf, fitting, fittingText, MOST_BYTES, MOST_PRINTED } from "../../src/editor/outputBudget.js";

const image = (bytes: number): Output => ({
  items: [
    { mime: "image/png", base64: Buffer.alloc(bytes).toString("base64"), extra: {} },
    textItem("text/plain", "a picture"),
  ],
  extra: { kept: true },
});

describe("what a notebook's outputs hold together", () => {
  it("leaves an output that fits as it is", () => {
    const output = image(1000);
    expect(fitting(output, 0)).toBe(output);
    expect(fitting(output, MOST_BYTES - bytesOf(output))).toBe(output);
  });

  it("keeps the summary of one that does not, and a note in the place of what has no smaller form", () => {
    const long = { items: [textItem("text/plain", "0123456789\n".repeat(100_000))], extra: { kept: true } };
    const summary = fitting(long, MOST_BYTES - 500_000);
    expect(bytesOf(summary)).toBeLessThan(64_100);
    expect(summary.items).toEqual([
      {
        mime: "text/plain",
        text: expect.arrayContaining([expect.stringMatching(/characters are not saved/)]),
        extra: {},
      },
    ]);
    expect(summary.extra).toEqual({ kept: true });
    const note = fitting(image(500_000), MOST_BYTES - 100_000);
    expect(note.items).toEqual([
      textItem(
        "text/plain",
        "a picture\n[image/png, text/plain: not kept. It holds 0.5 MB, the notebook's other outputs 7.9 MB, and with more than 8.0 MB VS Code could not back the notebook up. Clear outputs that are not needed, or show less at a time.]",
      ),
    ]);
  });

  it("keeps a search without its best picture at full size, rather than a note", () => {
    const record = { id: "s1" };
    const small = { ids: ["a", "b"], tile: [64, 64], columns: 2, png: "AAAA" };
    const whole = { ids: ["b"], tile: [512, 512], columns: 1, png: "A".repeat(600_000) };
    const of = (atlas: object[]): Output => ({
      items: [{ mime: "application/vnd.dnb.search+json", json: { record, atlas }, extra: {} }],
      extra: {},
    });
    expect(fitting(of([small, whole]), MOST_BYTES - 700_000)).toEqual(of([small, whole]));
    expect(fitting(of([small, whole]), MOST_BYTES - 500_000)).toEqual(of([small]));
    expect(fitting(of([small, whole]), MOST_BYTES - 50).items[0]?.mime).toBe("text/plain");
  });

  it("has text until it is full, and then one line that says so", () => {
    let held = MOST_PRINTED - 10;
    let isFull = false;
    const shown: string[] = [];
    for (const text of ["12345678\n", "ä\n", "more\n", "and more\n"]) {
      const kept = fittingText(text, held, isFull);
      if (!kept) continue;
      held += Buffer.byteLength(kept.text);
      ({ isFull } = kept);
      shown.push(kept.text);
    }
    expect(shown).toEqual([
      "12345678\n",
      expect.stringMatching(/^\n\[What is printed from here on is not kept: .* 9\.4 MB/),
    ]);
    expect(held).toBeLessThan(MOST_PRINTED + 300);
  });

  it("stays below VS Code's limit whatever is added", () => {
    let held = 0;
    for (let index = 0; index < 200; index++) held += bytesOf(fitting(image(100_000 + 37_000 * index), held));
    expect(held).toBeGreaterThan(MOST_BYTES * 0.9);
    expect(held).toBeLessThan(10_000_000 - 1_500_000);
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decode } from "fast-png";
import type { WireItem } from "../../src/kernel/protocol.js";
import { TestKernel } from "./startKernel.js";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open();
});
afterAll(() => kernel.close());

async function items(source: string): Promise<Readonly<Record<string, WireItem>>> {
  const { result, outputs } = await kernel.run(source);
  expect(result.error).toBeUndefined();
  return Object.fromEntries((outputs.at(-1) ?? []).map((item) => [item.mime, item]));
}
const text = (item: WireItem | undefined): string => (item && "text" in item ? item.text : "");

describe("an array of objects", () => {
  it("is a table, with numbers to the right and every name that occurs", async () => {
    const shown = await items("[{ name: 'a', score: 1.5 }, { name: 'bcd', score: 22, more: [1, { x: 2 }] }]");
    expect(text(shown["text/plain"])).toBe(
      ["   name  score  more", "0  a       1.5", "1  bcd      22  [ 1, { x: 2 } ]"].join("\n"),
    );
    expect(text(shown["text/html"])).toContain(
      '<tr><th>1</th><td style="text-align:left">bcd</td><td style="text-align:right">22</td>',
    );
  });

  it("never has HTML of its own", async () => {
    const shown = await items("[{ ['<b>\"x\"</b>']: '<script>alert(1)</script>&' }]");
    expect(text(shown["text/html"])).not.toMatch(/<script|<b>/);
    expect(text(shown["text/html"])).toContain("&#60;script&#62;alert(1)&#60;/script&#62;&#38;");
  });

  it("says how much of it is not shown, calls no getter, and cuts long texts", async () => {
    const shown = await items(
      "Array.from({ length: 1000 }, (_, i) => ({ i, get boom() { throw 1 }, long: 'y'.repeat(500) + '\\nz' }))",
    );
    const lines = text(shown["text/plain"]).split("\n");
    expect(lines).toHaveLength(202);
    expect(lines.at(-1)).toBe("… 800 more rows");
    expect(lines[1]).toMatch(/^ {2}0 {4}0 {2}\[Getter\] {2}y{79}…$/);
  });

  it.each([
    ["instances of classes", "class P { x = 1 } [new P()]", "[ P { x: 1 } ]"],
    ["mixed values", "[{ a: 1 }, 2]", "[ { a: 1 }, 2 ]"],
    ["empty objects", "[{}, {}]", "[ {}, {} ]"],
  ])("%s are no table", async (_, source, plain) => {
    const shown = await items(source);
    expect([text(shown["text/plain"]), "text/html" in shown]).toEqual([plain, false]);
  });
});

describe("a tensor", () => {
  it("says its shape and range, and is a picture of its planes", async () => {
    const shown = await items(
      "({ data: Float32Array.from({ length: 2 * 28 * 28 }, (_, i) => (i % 28) / 27), shape: [1, 2, 28, 28] })",
    );
    expect(text(shown["text/plain"])).toBe("Tensor float32 [1, 2, 28, 28], min 0, max 1, mean 0.5");
    const png = shown["image/png"];
    const { width, height } = decode(Buffer.from(png && "base64" in png ? png.base64 : "", "base64"));
    expect(width).toBeGreaterThan(height);
    expect(width).toBeLessThan(300);
  });

  it.each([
    [
      "as onnxruntime has it",
      "({ dims: [2, 2], type: 'int64', data: BigInt64Array.of(1n, 2n, 3n, 4n) })",
      "Tensor bigint64 [2, 2], min 1, max 4, mean 2.5: 1, 2, 3, 4",
      true,
    ],
    [
      "with what is not finite",
      "({ shape: [3], data: Float32Array.of(NaN, 1, Infinity) })",
      "Tensor float32 [3], min 1, max 1, mean 1, 2 not finite: NaN, 1, Infinity",
      false,
    ],
    ["of nothing", "({ shape: [0, 4], data: new Float32Array(0) })", "Tensor float32 [0, 4]", false],
    [
      "in colour",
      "({ shape: [3, 4, 4], data: new Uint8Array(48) })",
      "Tensor uint8 [3, 4, 4], min 0, max 0, mean 0",
      true,
    ],
  ])("%s", async (_, source, plain, isPicture) => {
    const shown = await items(source);
    expect([text(shown["text/plain"]), "image/png" in shown]).toEqual([plain, isPicture]);
  });

  it("is none when sizes and data do not fit", async () => {
    expect(text((await items("({ shape: [5], data: new Float32Array(2) })"))["text/plain"])).toContain(
      "shape: [ 5 ]",
    );
  });
});

describe("a value that says how it is shown", () => {
  it("by MIME type", async () => {
    const shown = await items(
      "({ [Symbol.for('dnb.display')]: () => ({ 'text/html': '<i>me</i>', 'image/png': Uint8Array.of(1, 2), 'application/json': { a: 1 } }) })",
    );
    expect(shown["text/html"]).toEqual({ mime: "text/html", text: "<i>me</i>" });
    expect(shown["image/png"]).toEqual({ mime: "image/png", base64: "AQI=" });
    expect(shown["application/json"]).toEqual({ mime: "application/json", json: { a: 1 } });
    expect(Object.keys(shown).at(-1)).toBe("text/plain");
  });

  it("in Node's own way", async () => {
    const source = "({ [Symbol.for('nodejs.util.inspect.custom')]: () => 'custom!' })";
    expect(text((await items(source))["text/plain"])).toBe("custom!");
  });

  it("or fails to, and is shown all the same", async () => {
    const failing = "({ a: 1, [Symbol.for('dnb.display')]: () => { throw new Error('mine') } })";
    expect(text((await items(failing))["text/plain"])).toContain("a: 1");
    expect(text((await items("({ [Symbol.for('dnb.display')]: () => 5 })"))["text/plain"])).toContain(
      "gave 5",
    );
  });
});

describe("what a value's own way of being shown gives", () => {
  it.each([
    [
      "a circle",
      "const c: any = {}; c.c = c; return { 'application/json': c }",
      /json that is no JSON: .*circular/,
    ],
    ["a BigInt", "return { 'application/json': { n: 10n } }", /json that is no JSON: .*BigInt/],
    ["a type that is none", "return { nonsense: 'x' }", /gave nonsense as a MIME type/],
    ["100 MB", "return { 'text/html': 'x'.repeat(1e8) }", /text\/html of 100 MB, and one output may have 50/],
    ["null", "return null", /gave null, not an object/],
  ])("%s is complained about in its place", async (_, body, plain) => {
    const shown = await items(`({ [Symbol.for('dnb.display')]() { ${body} } })`);
    expect(text(shown["text/plain"])).toMatch(plain);
  });

  it("functions inside of JSON are left out, as JSON does", async () => {
    const shown = await items(
      "({ [Symbol.for('dnb.display')]: () => ({ 'application/json': { a: 1, f: () => 1 } }) })",
    );
    expect(shown["application/json"]).toEqual({ mime: "application/json", json: { a: 1 } });
  });
});

/** Printing them in full would take seconds in which no interrupt gets through, and the notebook keeps a part only. */
describe("a value too large to be printed", () => {
  it.each([
    [
      "an object of 150,000 members",
      "Object.fromEntries(Array.from({ length: 1.5e5 }, (_, i) => ['k' + i, i]))",
      /^\{\n? +k0: 0,[^]*… 149900 more members$/,
    ],
    ["an array of a billion holes", "new Array(1e9)", "[ <1000000000 empty items> ]"],
    [
      "100 × 100 × 100 × 10 numbers",
      "const row = Array.from({ length: 10 }, () => 1.5); Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => Array.from({ length: 100 }, () => row)))",
      /\[Array\]/,
    ],
    ["an object with 50 MB of text", "({ long: 'x'.repeat(5e7) })", /more characters/],
    [
      "a table with such an object",
      "[{ big: Object.fromEntries(Array.from({ length: 3e4 }, (_, i) => ['k' + i, i])) }]",
      /k0/,
    ],
  ])("%s", async (_, source, plain) => {
    const { outputs } = await kernel.run(source);
    const item = outputs.at(-1)?.find(({ mime }) => mime === "text/plain");
    if (typeof plain === "string") expect(text(item)).toBe(plain);
    else expect(text(item)).toMatch(plain);
    expect(JSON.stringify(outputs).length).toBeLessThan(1_000_000);
  });
});

it("display() and progress() say what they were given wrong", async () => {
  const source = "import { display, progress } from 'dnb';";
  const wrong = async (call: string): Promise<string | undefined> =>
    (await kernel.run(`${source} ${call}`)).result.error?.message;
  expect(await wrong("display(1, { id: 5 as any })")).toBe("display: id must be a string, found 5.");
  expect(await wrong("display(1, null as any)")).toBeUndefined();
  expect(await wrong("for await (const x of progress(5 as any)) x")).toMatch(/must be iterable, found 5/);
  expect(await wrong("for await (const x of progress('ab')) x")).toBeUndefined();
});

it.each([
  ["a map", "new Map([['k', { v: new Set([1n]) }]])", "Map(1) { 'k' => { v: Set(1) { 1n } } }"],
  ["a circle of arrays", "const ring: any[] = [{}]; ring[0].ring = ring; ring", /ring|Circular/],
  ["a typed array", "new Float32Array(3)", "Float32Array(3) [ 0, 0, 0 ]"],
  ["a revoked proxy", "const r = Proxy.revocable({}, {}); r.revoke(); r.proxy", "<Revoked Proxy>"],
  [
    "a proxy whose traps all throw",
    "new Proxy({}, new Proxy({}, { get() { throw new Error('no') } }))",
    "{}",
  ],
  [
    "a getter that throws while it is looked at",
    "({ get [Symbol.toStringTag]() { throw new Error('tag') } })",
    /tag|Object|\{/,
  ],
  [
    "a date, an error and a symbol",
    "[new Date(0), Symbol('s'), /x/g]",
    "[ 1970-01-01T00:00:00.000Z, Symbol(s), /x/g ]",
  ],
  ["a promise", "Promise.resolve(5)", "Promise { 5 }"],
  ["a function", "(function named() {})", "[Function: named]"],
])("%s", async (_, source, plain) => {
  const shown = text((await items(source))["text/plain"]);
  if (typeof plain === "string") expect(shown).toBe(plain);
  else expect(shown).toMatch(plain);
});

import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { describeVariable } from "../../../src/kernel/cells/describeVariable.js";

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}

describe("a variable in one line", () => {
  it.each<[string, unknown, [string, string | undefined, string]]>([
    ["a number", 3, ["number", undefined, "3"]],
    ["minus zero", -0, ["number", undefined, "-0"]],
    ["a text", "a\nb", ["string", "3", '"a\\nb"']],
    ["a large integer", 10n ** 20n, ["bigint", undefined, "100000000000000000000n"]],
    ["null", null, ["null", undefined, "null"]],
    ["undefined", undefined, ["undefined", undefined, "undefined"]],
    ["a symbol", Symbol("s"), ["symbol", undefined, "Symbol(s)"]],
    ["numbers", [1, 2, 3], ["number[]", "3", "[1, 2, 3]"]],
    ["a mixture", [1, "a"], ["Array", "2", '[1, "a"]']],
    ["holes", [, 1], ["Array", "2", "[empty, 1]"]],
    ["points", [new Point(1, 2)], ["Point[]", "1", "[{ x: 1, y: 2 }]"]],
    [
      "many",
      Array.from({ length: 1e6 }, (_, i) => i),
      ["number[]", "1000000", "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …]"],
    ],
    ["a typed array", Float32Array.of(0.5, 1), ["Float32Array", "2", "[0.5, 1]"]],
    [
      "a tensor",
      { data: new Float32Array(6), shape: [2, 3] },
      ["Object", "2 × 3", "{ data: [0, 0, 0, 0, 0, 0], shape: [2, 3] }"],
    ],
    ["a map", new Map([["a", 1]]), ["Map", "1", '{ "a" → 1 }']],
    ["a set", new Set([1, 2]), ["Set", "2", "{ 1, 2 }"]],
    ["a date", new Date(0), ["Date", undefined, "1970-01-01T00:00:00.000Z"]],
    ["an expression", /a+/g, ["RegExp", undefined, "/a+/"]],
    ["an error", new RangeError("too far"), ["RangeError", undefined, "RangeError: too far"]],
    ["a promise", Promise.resolve(1), ["Promise", undefined, "Promise"]],
    ["an empty object", {}, ["Object", "0", "{}"]],
    ["without a prototype", Object.create(null), ["Object", "0", "{}"]],
    ["a class", Point, ["class", undefined, "class Point { … }"]],
    ["nested", { a: { b: { c: 1 } } }, ["Object", "1", "{ a: { b: {…} } }"]],
  ])("%s", (_, value, [type, size, preview]) => {
    expect(describeVariable(value)).toEqual({ type, ...(size !== undefined && { size }), preview });
  });

  it("a picture has width and height", () => {
    expect(describeVariable({ width: 28, height: 14, data: new Uint8Array(4) }).size).toBe("28 × 14");
  });

  it("runs nothing of the value's own: getters, proxies, inspectors, tags, iterators, names", () => {
    let ran = 0;
    const run = (): never => {
      ran++;
      throw new Error("this must not run");
    };
    const trap = new Proxy(
      {},
      { get: run, ownKeys: run, getPrototypeOf: run, getOwnPropertyDescriptor: run },
    );
    class Loud {
      static get name(): string {
        return run();
      }
      get [Symbol.toStringTag](): string {
        return run();
      }
      [inspect.custom] = run;
      toString = run;
      toJSON = run;
    }
    class LoudMap extends Map<string, number> {
      override get size(): number {
        return run();
      }
      override entries = run;
    }
    const getter = Object.defineProperty({}, "secret", { get: run, enumerable: true });
    const values = [
      getter,
      trap,
      [trap],
      { trap },
      new Loud(),
      new LoudMap(),
      Object.create(trap),
      new Proxy(run, {}),
    ];
    const previews = values.map((value) => describeVariable(value).preview);
    expect(previews[0]).toBe("{ secret: (…) }");
    expect(ran).toBe(0);
  });

  it("stays one short line, whatever is in it", () => {
    const long = { text: "x".repeat(1e6), list: Array.from({ length: 100 }, () => "y".repeat(1000)) };
    expect(describeVariable(long).preview.length).toBeLessThanOrEqual(200);
    expect(
      describeVariable((a: number) => {
        return a + 1;
      }).preview,
    ).not.toContain("\n");
  });
});

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ParameterError } from "../../../src/language/parameters/parameterError.js";
import { ParametersCell, type Given } from "../../../src/language/parameters/parametersCell.js";

const text = (values: Record<string, string>): Map<string, Given> =>
  new Map(Object.entries(values).map(([name, value]) => [name, { text: value }]));
const apply = (source: string, values: Record<string, string>) =>
  new ParametersCell(source).apply(text(values));

describe("a parameters cell", () => {
  it("runs with other initialisers, the rest of its text as it was", () => {
    const source =
      "// how long\nconst steps = 8; // Euler\nlet name: string;\nconst budgets = [\n  8,\n  16,\n];\nsteps";
    expect(apply(source, { steps: "20", name: "x", budgets: "[1,2]" })).toEqual({
      source:
        '// how long\nconst steps = 20; // Euler\nlet name: string = "x";\nconst budgets = [1, 2]\n\n\n;\nsteps',
      values: { steps: 20, name: "x", budgets: [1, 2] },
    });
    expect(apply(source, {}).source).toBe(source);
  });

  it('takes the types of "dnb" for what they are', () => {
    const declarations = readFileSync("src/language/dnb.d.ts", "utf8");
    const source = `import type { Budget, Noise } from "dnb";\nimport { openSession } from "dnb";\nconst budget: Budget = { nfe: 8 };\nlet noise: Noise = "dnb";`;
    const cell = new ParametersCell(source, declarations);
    const number = { type: "number" };
    expect(cell.parameters()).toMatchObject([
      {
        name: "budget",
        default: { nfe: 8 },
        schema: {
          type: "object",
          properties: { nfe: number, verifierCalls: number, seconds: number, rounds: number },
          additionalProperties: false,
        },
      },
      {
        name: "noise",
        default: "dnb",
        schema: { anyOf: expect.arrayContaining([{ const: "dnb" }, { const: "torch-cpu" }]) },
      },
    ]);
    const given = (values: Record<string, string>) => () => cell.apply(text(values));
    expect(given({ noise: "torch-cpu", budget: '{"rounds":2}' })().source).toContain(
      'let noise: Noise = "torch-cpu";',
    );
    expect(given({ noise: "torch" })).toThrow(/parameter noise is of type .*'"torch"' is not assignable/);
    expect(given({ budget: '{"nfe":"many"}' })).toThrow(
      /parameter budget is of type Budget: Type 'string' is not assignable/,
    );
  });

  it("reads text as the type wants it", () => {
    const source = `const word = "a"; const count = 1; const flag = false; let either: string | number = 1; const list: string[] = [];`;
    expect(apply(source, { word: "5", count: "5", flag: "true", either: "5", list: '["5"]' }).values).toEqual(
      {
        word: "5",
        count: 5,
        flag: true,
        either: 5,
        list: ["5"],
      },
    );
    expect(apply(source, { word: '"quoted"' }).values).toEqual({ word: "quoted" });
  });

  it.each([
    [
      "const steps = 8",
      { steps: "many" },
      `parameter steps is of type number: Type 'string' is not assignable to type 'number'.`,
    ],
    ["const steps: number[] = []", { steps: '["a"]' }, "parameter steps is of type number[]"],
    [
      'type Method = "random" | "zero-order"; const method: Method = "random"',
      { method: "beam" },
      `Type '"beam"' is not assignable to type 'Method'`,
    ],
    ["const options: { rounds?: number } = {}", { options: '{"round":1}' }, "does not exist in type"],
    ["const steps = 8", { step: "1" }, 'there is no parameter "step" in the parameters cell; it has: steps'],
    ["1 + 1", { x: "1" }, "it has: none"],
    ["function f() { const inner = 1 }", { inner: "1" }, "it has: none"],
  ])("%s refuses %j", (source, values, message) => {
    expect(() => apply(source, values as Record<string, string>)).toThrow(ParameterError);
    expect(() => apply(source, values as Record<string, string>)).toThrow(message);
  });

  it("names every wrong value at once", () => {
    expect(() => apply("const a = 1, b = true", { a: "x", b: "y" })).toThrow(/parameter a .*\nparameter b /);
  });

  it("is not fooled by what stands around", () => {
    const applied = apply(
      "import { x } from 'dnb';\nconst a = x(`${1}`) as number\nthrows(); // no such function",
      { a: "2" },
    );
    expect(applied.source).toBe("import { x } from 'dnb';\nconst a = 2\nthrows(); // no such function");
    const proto = new ParametersCell("const o: any = 1").apply(
      new Map([["o", { value: JSON.parse('{"__proto__":1}') as unknown }]]),
    );
    expect(proto.source).toBe('const o: any = { ["__proto__"]: 1 }');
  });

  it("lists its parameters with type, schema, default and comment", () => {
    const cell = new ParametersCell(`
      type Method = "random" | "zero-order";
      /** Denoising steps. */
      const steps = 8;
      let method: Method = "random";
      const seeds: number[] = [1, -2];
      const flag: boolean | undefined = undefined;
      const pair: [number, string] = [1, "a"];
      const problem: { condition: string; guidance?: number } = { condition: "Bag" };
      const scores: Record<string, number> = {};
      const made = Math.max(1, 2);
      const call = () => 1;
    `);
    expect(cell.parameters()).toEqual([
      {
        name: "steps",
        type: "number",
        schema: { type: "number" },
        default: 8,
        description: "Denoising steps.",
      },
      { name: "method", type: "Method", schema: { enum: ["random", "zero-order"] }, default: "random" },
      {
        name: "seeds",
        type: "number[]",
        schema: { type: "array", items: { type: "number" } },
        default: [1, -2],
      },
      { name: "flag", type: "boolean | undefined", schema: { type: "boolean" } },
      {
        name: "pair",
        type: "[number, string]",
        schema: { type: "array", items: [{ type: "number" }, { type: "string" }], minItems: 2, maxItems: 2 },
        default: [1, "a"],
      },
      {
        name: "problem",
        type: "{ condition: string; guidance?: number; }",
        schema: {
          type: "object",
          properties: { condition: { type: "string" }, guidance: { type: "number" } },
          required: ["condition"],
          additionalProperties: false,
        },
        default: { condition: "Bag" },
      },
      {
        name: "scores",
        type: "Record<string, number>",
        schema: { type: "object", additionalProperties: { type: "number" } },
        default: {},
      },
      { name: "made", type: "number", schema: { type: "number" } },
      { name: "call", type: "() => number", schema: {} },
    ]);
  });
});

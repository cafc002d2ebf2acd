import { readdirSync, readFileSync } from "node:fs";
import Ajv from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NotebookFormatError } from "../../src/document/notebookFormatError.js";
import { parseNotebook } from "../../src/document/parseNotebook.js";
import { writeNotebook } from "../../src/document/writeNotebook.js";
import { anyNotebook } from "./arbitraries.js";

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly description?: string;
}

const schema = JSON.parse(readFileSync("media/dnb.schema.json", "utf8")) as Schema;
const check = new Ajv({ allowUnionTypes: true }).compile(schema);
const examples = readdirSync("examples").filter((name) => name.endsWith(".dnb"));

const known = (part: Schema): string[] => [
  ...Object.keys(part.properties ?? {}),
  ...Object.values(part.definitions ?? {}).flatMap(known),
];

describe("the JSON schema", () => {
  it.each(examples.map((name) => `examples/${name}`))("accepts %s", (file) => {
    check(JSON.parse(readFileSync(file, "utf8")));
    expect(check.errors ?? []).toEqual([]);
  });

  it("accepts whatever the writer writes", () => {
    fc.assert(
      fc.property(anyNotebook, (notebook) => {
        expect(check(JSON.parse(writeNotebook(notebook))), JSON.stringify(check.errors)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    {},
    { dnb: 2, cells: [] },
    { dnb: 1 },
    { dnb: 1, cells: [{ id: "a", kind: "sql", source: [] }] },
    { dnb: 1, cells: [{ id: "../a", kind: "code", source: [] }] },
    { dnb: 1, cells: [{ id: "a", kind: "code", source: "x" }] },
    { dnb: 1, cells: [{ id: "a", kind: "code", source: [], tags: "x" }] },
    { dnb: 1, cells: [{ id: "a", kind: "code", source: [], conflict: { of: "a" } }] },
    { dnb: 1, cells: [{ id: "a", kind: "code", source: [], outputs: [{ items: [{ mime: "x" }] }] }] },
    {
      dnb: 1,
      cells: [
        { id: "a", kind: "code", source: [], outputs: [{ items: [{ mime: "x", text: "", json: 1 }] }] },
      ],
    },
    { dnb: 1, cells: [], meta: { outputs: "some" } },
    { dnb: 1, cells: [], meta: { environment: { node: 20 } } },
  ])("refuses %j, as the parser does", (document) => {
    expect(check(document)).toBe(false);
    expect(() => parseNotebook(JSON.stringify(document))).toThrow(NotebookFormatError);
  });

  it("knows the lists of a large search as tables", () => {
    const table = (column: object) => ({
      dnb: 1,
      cells: [
        {
          ...{ id: "a", kind: "code", source: [] },
          outputs: [
            {
              items: [
                {
                  mime: "application/vnd.dnb.search+json",
                  json: { record: { candidates: { count: 2, columns: { id: column } } } },
                },
              ],
            },
          ],
        },
      ],
    });
    for (const column of [
      { is: 1 },
      { runs: [2, "a"], in: [0, 2] },
      { lists: { is: 0 }, items: { rows: [] } },
    ])
      expect(check(table(column)), JSON.stringify(check.errors)).toBe(true);
    expect(check(table({ rows: "a" }))).toBe(false);
    expect(check(table({ lists: { is: 0 } }))).toBe(false);
  });

  it("says of every key what it means, and so does docs/format.md", () => {
    const prose = readFileSync("docs/format.md", "utf8");
    const keys = known(schema);
    expect(keys.length).toBeGreaterThan(15);
    for (const key of keys) expect(prose, key).toContain(`\`${key}\``);
    const rows = [...prose.matchAll(/^\| `(\w+)` \|/gm)].map(([, key]) => key);
    expect(rows.filter((key) => !keys.includes(key ?? ""))).toEqual([]);
  });

  it("is associated with *.dnb", () => {
    const { contributes } = JSON.parse(readFileSync("package.json", "utf8")) as {
      contributes: { jsonValidation?: unknown };
    };
    expect(contributes.jsonValidation).toEqual([{ fileMatch: "*.dnb", url: "./media/dnb.schema.json" }]);
  });
});

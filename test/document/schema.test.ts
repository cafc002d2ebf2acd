import { readdirSync, readFileSync } from "node:fs";
import Ajv from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NotebookFormatError } from "../../src/document/notebookFormatError.js";
import { parseNotebook } from "../../src/document/parseNotebook.js";
import { writeNotebook } from "../../src/document/writeNotebook.js";
import { recordFields } from "../../scripts/recordFields.mjs";
import { anyNotebook } from "./arbitraries.js";

type Schema = Readonly<Record<string, unknown>>;

const schema = JSON.parse(readFileSync("media/dnb.schema.json", "utf8")) as Schema;
const check = new Ajv({ allowUnionTypes: true }).compile(schema);
const examples = readdirSync("examples").filter((name) => name.endsWith(".dnb"));

/** With every key refused that is not named. */
const closed = (part: any): any => {
  if (typeof part !== "object" || part === null) return part;
  if (Array.isArray(part)) return part.map(closed);
  const inner = Object.fromEntries(
    Object.entries(part).map(([key, value]) => [key, key === "if" ? value : closed(value)]),
  );
  const isOpen = part.additionalProperties !== undefined;
  return part.type === "object" && part.properties && !isOpen
    ? { ...inner, additionalProperties: false }
    : inner;
};

/** Keys of objects, at every depth. */
const known = (part: Schema): string[] =>
  Object.entries(part).flatMap(([word, inner]): string[] => {
    if (word === "if" || typeof inner !== "object" || inner === null) return [];
    return [...(word === "properties" ? Object.keys(inner) : []), ...known(inner as Schema)];
  });

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
                  json: { record: { version: 1, candidates: { count: 2, columns: { id: column } } } },
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

  it("and the documentation have every key, with what it means", () => {
    const prose = ["docs/format.md", "docs/records.md"].map((file) => readFileSync(file, "utf8")).join("\n");
    const keys = [...new Set(known(schema))];
    expect(keys.length).toBeGreaterThan(140);
    const rows = [...prose.matchAll(/^\| (`[^|]+`) \|[^\n]*\| ([^|\n]*) \|$/gm)];
    const named = rows.flatMap(([, words = ""]) => [...words.matchAll(/(\w+)`/g)].map(([, key]) => key));
    expect(keys.filter((key) => !named.includes(key))).toEqual([]);
    expect(named.filter((key) => !keys.includes(key ?? ""))).toEqual([]);
    expect(rows.filter(([, , meaning]) => !meaning?.trim()).map(([row]) => row)).toEqual([]);
  });

  it("and docs/records.md say of searches and comparisons what their types say", async () => {
    for (const { file, text } of await recordFields())
      expect(readFileSync(file, "utf8"), `${file}: run node scripts/recordFields.mjs`).toBe(text);
  });

  it("knows every key of a search that was run and saved, and its type", () => {
    const saved = JSON.parse(readFileSync("test/extension/workspace/searched.dnb", "utf8"));
    check(saved);
    expect(check.errors ?? []).toEqual([]);
    const strict = new Ajv({ allowUnionTypes: true, strict: false }).compile(closed(schema));
    strict(saved);
    expect(strict.errors ?? []).toEqual([]);
    const record = saved.cells
      .flatMap((cell: any) => cell.outputs)
      .flatMap((output: any) => output.items)
      .find(({ mime }: any) => mime === "application/vnd.dnb.search+json").json.record;
    record.spent.nfe = "8";
    expect(check(saved)).toBe(false);
    record.spent.nfe = 8;
    record.spent.unheardOf = 1;
    expect([check(saved), strict(saved)]).toEqual([true, false]);
  });

  it("is associated with *.dnb", () => {
    const { contributes } = JSON.parse(readFileSync("package.json", "utf8")) as {
      contributes: { jsonValidation?: unknown };
    };
    expect(contributes.jsonValidation).toEqual([{ fileMatch: "*.dnb", url: "./media/dnb.schema.json" }]);
  });
});

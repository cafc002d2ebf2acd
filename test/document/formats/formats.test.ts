import { readFileSync } from "node:fs";
import Ajv from "ajv";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromIpynb } from "../../../src/document/formats/fromIpynb.js";
import { fromScript, toScript } from "../../../src/document/formats/script.js";
import { toIpynb } from "../../../src/document/formats/toIpynb.js";
import type { Notebook } from "../../../src/document/notebook.js";
import { displayOutput, errorOutput, streamOutput } from "../../../src/document/outputs.js";
import { parseNotebook } from "../../../src/document/parseNotebook.js";
import { writeNotebook } from "../../../src/document/writeNotebook.js";
import { anyNotebook } from "../arbitraries.js";

/** Of the package nbformat 5.10.4, with its licence beside it; draft 4 of JSON schema, of which it uses nothing that draft 7 reads otherwise. */
const { $schema: _, ...nbformat } = JSON.parse(
  readFileSync("test/fixtures/nbformat/nbformat.v4.5.schema.json", "utf8"),
) as Record<string, unknown>;
const isNbformat = new Ajv({ strict: false }).compile(nbformat);

const zero = (): number => 0;
const full: Notebook = {
  dnb: 1,
  meta: { title: "T", outputs: "embed" },
  cells: [
    { id: "a", kind: "markdown", source: ["# Title", "", "text"], outputs: [], extra: {} },
    {
      id: "b",
      kind: "code",
      source: ["const a = 1;", "a"],
      outputs: [
        streamOutput("stdout", "one\ntwo\n"),
        streamOutput("stderr", "bad"),
        displayOutput([
          { mime: "application/vnd.dnb.search+json", json: { record: {} } },
          { mime: "image/png", base64: "iVBORw0K" },
          { mime: "text/plain", text: "a\nb" },
        ]),
        errorOutput({ name: "RangeError", message: "x", stack: "    at Cell 2:1:1" }),
      ],
      extra: { role: "parameters", tags: ["slow"] },
    },
    { id: "c", kind: "code", source: [], outputs: [], extra: {} },
  ],
  extra: { future: 1 },
};

describe("a Jupyter notebook", () => {
  it("comes back as it went", () => {
    expect(fromIpynb(toIpynb(full), zero)).toEqual(full);
  });

  it("keeps the pictures that are attached to Markdown cells where Jupyter shows them", () => {
    const attached = { "a.png": { "image/png": "iVBORw0K" } };
    const extra = { "x-ipynb": { attachments: attached } };
    const cell = {
      id: "m",
      kind: "markdown" as const,
      source: ["![a](attachment:a.png)"],
      outputs: [],
      extra,
    };
    const notebook = { ...full, cells: [cell] };
    const document = JSON.parse(toIpynb(notebook)) as { cells: { attachments?: unknown }[] };
    expect(document.cells[0]?.attachments).toEqual(attached);
    expect(isNbformat(document), JSON.stringify(isNbformat.errors)).toBe(true);
    expect(fromIpynb(JSON.stringify(document), zero)).toEqual(notebook);
    // What is no picture is kept, but not where Jupyter would stumble over it.
    const odd = {
      ...cell,
      extra: { "x-ipynb": { attachments: { "a.png": [1], "b.png": attached["a.png"] } } },
    };
    const other = JSON.parse(toIpynb({ ...full, cells: [odd] })) as typeof document;
    expect(other.cells[0]?.attachments).toEqual({ "b.png": attached["a.png"] });
  });

  it("is valid by Jupyter's own schema of nbformat 4.5, whatever the notebook", () => {
    const valid = (notebook: Notebook): void => {
      const isValid = isNbformat(JSON.parse(toIpynb(notebook)));
      expect(isValid, JSON.stringify(isNbformat.errors)).toBe(true);
    };
    valid(full);
    valid({ ...full, cells: [{ ...full.cells[1]!, extra: { tags: ["a,b", "", "twice", "twice"] } }] });
    fc.assert(fc.property(anyNotebook, valid), { numRuns: 300 });
  });

  it("of a saved search is valid too, and shows its pictures in Jupyter", () => {
    const text = readFileSync("test/extension/workspace/searched.dnb", "utf8");
    const document = JSON.parse(toIpynb(parseNotebook(text))) as {
      cells: { outputs?: { data: object }[] }[];
    };
    expect(isNbformat(document), JSON.stringify(isNbformat.errors)).toBe(true);
    const data = document.cells.flatMap(({ outputs = [] }) => outputs.map((output) => output.data));
    expect(data).toEqual([
      {
        "application/vnd.dnb.search+json": expect.objectContaining({ record: expect.anything() }),
        "image/png": expect.stringMatching(/^iVBOR/),
        "text/plain": expect.arrayContaining([expect.stringMatching(/^Search /)]),
      },
    ]);
  });

  it.each([
    ["an id that Jupyter refuses", (cell: any) => (cell.id = "ä b")],
    ["no source", (cell: any) => delete cell.source],
    ["an output of no known type", (cell: any) => (cell.outputs[0].output_type = "display")],
  ])("the schema finds %s", (_, break_) => {
    const document = JSON.parse(toIpynb(full));
    break_(document.cells[1]);
    expect(isNbformat(document)).toBe(false);
  });

  it("of Python keeps its code as text, with ids, old formats and odd cells", () => {
    const python = {
      nbformat: 4,
      nbformat_minor: 4,
      metadata: { kernelspec: { name: "python3", language: "python" } },
      cells: [
        {
          cell_type: "code",
          source: "print(1)\n",
          metadata: {},
          outputs: [{ output_type: "stream", text: "1" }],
        },
        { cell_type: "raw", source: ["raw"], metadata: {} },
        {
          cell_type: "markdown",
          source: ["# T\n", "x"],
          metadata: { tags: ["k"] },
          attachments: { "a.png": {} },
        },
      ],
    };
    const said: string[] = [];
    const notebook = fromIpynb(JSON.stringify(python), Math.random, (sentence) => said.push(sentence));
    expect(said).toEqual([
      "1 outputs of python cells are left out: their code is text here, which has no outputs",
    ]);
    expect(notebook.cells.map(({ kind, source }) => [kind, source.join("\n")])).toEqual([
      ["markdown", "```python\nprint(1)\n\n```"],
      ["markdown", "```\nraw\n```"],
      ["markdown", "# T\nx"],
    ]);
    expect(notebook.cells[2]?.extra).toEqual({ tags: ["k"], "x-ipynb": { attachments: { "a.png": {} } } });
    expect(writeNotebook(parseNotebook(writeNotebook(notebook)))).toBe(writeNotebook(notebook));
    const old = {
      nbformat: 3,
      metadata: {},
      worksheets: [{ cells: [{ cell_type: "heading", level: 2, source: "H" }] }],
    };
    expect(fromIpynb(JSON.stringify(old), zero).cells[0]?.source).toEqual(["## H"]);
  });

  it("with a million code marks is read like any other", () => {
    const cells = [{ cell_type: "code", source: `${"`a".repeat(1e6)}\`\`\`\`` }];
    const [cell] = fromIpynb(JSON.stringify({ nbformat: 4, metadata: {}, cells }), zero).cells;
    expect(cell?.source[0]).toBe("`````python");
  });

  it("of nbformat 3 keeps what its cells show", () => {
    const said: string[] = [];
    const outputs = [
      { output_type: "stream", stream: "stderr", text: ["a\n", "b"] },
      {
        ...{ output_type: "pyout", prompt_number: 3, metadata: {}, html: ["<b>", "1</b>"] },
        ...{ text: "1", png: "iVBO\nRw==", json: '{"a": 1}' },
      },
      { output_type: "pyerr", ename: "E", evalue: "x", traceback: ["at y"] },
    ];
    const old = {
      nbformat: 3,
      metadata: { kernelspec: { name: "typescript" } },
      worksheets: [{ cells: [{ cell_type: "code", input: ["1"], outputs }] }],
    };
    const { cells } = fromIpynb(JSON.stringify(old), zero, (sentence) => said.push(sentence));
    expect(said).toEqual([]);
    expect(cells[0]?.outputs.map(({ items }) => items)).toEqual([
      [{ mime: "application/vnd.code.notebook.stderr", text: ["a", "b"], extra: {} }],
      [
        { mime: "text/plain", text: "1", extra: {} },
        { mime: "text/html", text: "<b>1</b>", extra: {} },
        { mime: "image/png", base64: "iVBORw==", extra: {} },
        { mime: "application/json", json: { a: 1 }, extra: {} },
      ],
      [
        {
          mime: "application/vnd.code.notebook.error",
          json: { name: "E", message: "x", stack: "E: x\nat y" },
          extra: {},
        },
      ],
    ]);
  });

  it.each(["{}", "[]", "{", '{"nbformat":5,"cells":[]}', "null"])("is not %j", (text) => {
    expect(() => fromIpynb(text, zero)).toThrow(expect.objectContaining({ name: "NotebookFormatError" }));
  });
});

describe("a TypeScript file", () => {
  it("reads like a program", () => {
    expect(toScript(full)).toBe(
      '// %% [markdown] id="a"\n// # Title\n//\n// text\n\n// %% id="b"\nconst a = 1;\na\n\n// %% id="c"\n',
    );
  });

  it("gives the same sources back, whatever is in them", () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom("// %% x", "// \\%%", "//%%", "", "// \\\\%% y", "%%", "\\%%", "//\\%%"),
    );
    const cell = fc.record({
      kind: fc.constantFrom("code" as const, "markdown" as const),
      source: fc.array(
        line.map((text) => text.replace(/[\r\n]/g, "")),
        { maxLength: 4 },
      ),
    });
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 4 }), (cells) => {
        const notebook = {
          ...full,
          meta: {},
          extra: {},
          cells: cells.map((one, index) => ({ ...one, id: `c${index}`, outputs: [], extra: {} })),
        };
        expect(fromScript(toScript(notebook), zero)).toEqual(notebook);
      }),
      { numRuns: 2000 },
    );
  });

  it("without a mark is one cell, and by hand its ids are made", () => {
    expect(fromScript("const a = 1;\n", Math.random).cells.map(({ kind, source }) => [kind, source])).toEqual(
      [["code", ["const a = 1;"]]],
    );
    const two = fromScript("import x from 'y';\r\n\r\n// %% [md]\r\n// text\r\n// %%\r\nx", Math.random);
    expect(two.cells.map(({ kind, source }) => [kind, source])).toEqual([
      ["code", ["import x from 'y';"]],
      ["markdown", ["text"]],
      ["code", ["x"]],
    ]);
    expect(new Set(two.cells.map(({ id }) => id)).size).toBe(3);
  });
});

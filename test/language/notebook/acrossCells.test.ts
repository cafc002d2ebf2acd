import { describe, expect, test } from "vitest";
import { AskedNotebook } from "./openProject.js";

const notebook = new AskedNotebook();

interface Kind {
  readonly name: string;
  readonly cell: string;
  /** In a later cell; `hover` is what the name `it` then shows. */
  readonly use: string;
  readonly hover: string;
  /** The same name with another type, and a use that only that type allows. */
  readonly again: string;
  readonly useAgain: string;
  readonly hoverAgain: string;
  /** Does reading it before its cell fail when the notebook runs from the top? Types do not run. */
  readonly runs: boolean;
}

const kinds: readonly Kind[] = [
  {
    name: "const",
    cell: "const it = { a: 1 };",
    use: "it.a.toFixed();",
    hover: "const it: {\n    a: number;\n}",
    again: 'const it = "text";',
    useAgain: "it.trim();",
    hoverAgain: 'const it: "text"',
    runs: true,
  },
  {
    name: "let",
    cell: "let it = 1;",
    use: "it = 2; it.toFixed();",
    hover: "let it: number",
    again: 'let it = "text";',
    useAgain: 'it = "other"; it.trim();',
    hoverAgain: "let it: string",
    runs: true,
  },
  {
    name: "var in a loop",
    cell: "for (var it = 0; it < 3; it++);",
    use: "it = 2; it.toFixed();",
    hover: "let it: number",
    again: 'if (Date.now()) { var it = "text"; }',
    useAgain: "it.trim();",
    hoverAgain: "let it: string",
    runs: true,
  },
  {
    name: "function",
    cell: "function it(a: number) { return a; }",
    use: "it(1).toFixed();",
    hover: "function it(a: number): number",
    again: "function it(a: string) { return a; }",
    useAgain: 'it("text").trim();',
    hoverAgain: "function it(a: string): string",
    runs: true,
  },
  {
    name: "class",
    cell: "class it { a = 1 }",
    use: "new it().a.toFixed(); let x: it;",
    hover: "constructor it(): it",
    again: 'class it { b = "text" }',
    useAgain: "new it().b.trim(); let y: it;",
    hoverAgain: "constructor it(): it",
    runs: true,
  },
  {
    name: "interface",
    cell: "interface it { a: number }",
    use: "const x: it = { a: 1 };",
    hover: "interface it",
    again: "interface it { b: string }",
    useAgain: 'const y: it = { b: "text" };',
    hoverAgain: "interface it",
    runs: false,
  },
  {
    name: "type",
    cell: "type it = { a: number };",
    use: "const x: it = { a: 1 };",
    hover: "type it = {\n    a: number;\n}",
    again: "type it<T> = { b: T };",
    useAgain: 'const y: it<string> = { b: "text" };',
    hoverAgain: "type it<T> = {\n    b: T;\n}",
    runs: false,
  },
  {
    name: "enum",
    cell: "enum it { A }",
    use: "const x: it = it.A;",
    hover: "enum it",
    again: "enum it { B }",
    useAgain: "const y: it = it.B;",
    hoverAgain: "enum it",
    runs: true,
  },
  {
    name: "namespace",
    cell: "namespace it { export const a = 1; }",
    use: "it.a.toFixed();",
    hover: "namespace it",
    again: 'namespace it { export const b = "text"; export type C = string; }',
    useAgain: "const y: it.C = it.b;",
    hoverAgain: "namespace it",
    runs: true,
  },
  {
    name: "a named import",
    cell: 'import { join as it } from "node:path";',
    use: 'it("a", "b").trim();',
    hover: "function it(...paths: string[]): string",
    again: 'import { readFileSync as it } from "node:fs";',
    useAgain: 'it("a").byteLength;',
    hoverAgain: "function it(",
    runs: true,
  },
  {
    name: "a default import",
    cell: 'import it from "node:path";',
    use: 'it.join("a", "b").trim();',
    hover: "const it: it.PlatformPath",
    again: 'import it from "node:fs";',
    useAgain: 'it.readFileSync("a").byteLength;',
    hoverAgain: 'fs"',
    runs: true,
  },
  {
    name: "a namespace import",
    cell: 'import * as it from "node:os";',
    use: "it.cpus().length;",
    hover: 'module "node:os"',
    again: 'import * as it from "node:fs";',
    useAgain: 'it.readFileSync("a").byteLength;',
    hoverAgain: 'fs"',
    runs: true,
  },
  {
    name: "a type import",
    cell: 'import type { Stats as it } from "node:fs";',
    use: "let x: it | undefined; x?.isFile();",
    hover: "interface it",
    again: 'import type { Session as it } from "dnb";',
    useAgain: "let y: it | undefined; y?.ledger.nfe;",
    hoverAgain: "interface it",
    runs: false,
  },
];

describe.each(kinds)("$name", ({ cell, use, hover, again, useAgain, hoverAgain, runs }) => {
  test("is used in a later cell, with its type", () => {
    notebook.holds([cell, "const between = 1;", use]);
    expect(notebook.complaints()).toEqual([]);
    expect(notebook.hover(2, "it")).toContain(hover);
  });

  test("is declared again with another type, and used after", () => {
    notebook.holds([cell, use, again, useAgain]);
    expect(notebook.complaints()).toEqual([]);
    expect(notebook.hover(1, "it")).toContain(hover);
    expect(notebook.hover(3, "it")).toContain(hoverAgain);
  });

  test("has its first type no more after it was declared again", () => {
    notebook.holds([cell, again, use.replace("let x: it;", "")]);
    expect(notebook.complaints().filter((text) => text.startsWith("2:"))).not.toEqual([]);
  });

  test("is known before its cell, which has to run first", () => {
    notebook.holds([use, cell]);
    const later = notebook.complaints();
    expect(notebook.hover(0, "it")).toContain(hover);
    if (runs) expect(later[0]).toMatch(/^0: 1 it: 'it' is declared further down, in cell 2/);
    else expect(later).toEqual([]);
    expect(later.filter((text) => !text.startsWith("0: 1 it"))).toEqual([]);
  });

  test("is used across a broken cell, which alone is wrong", () => {
    notebook.holds([cell, "function broken( {", use]);
    const wrong = notebook.complaints();
    expect(wrong).not.toEqual([]);
    expect(wrong.filter((text) => !text.startsWith("1:"))).toEqual([]);
    expect(notebook.hover(2, "it")).toContain(hover);
  });
});

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { ts } from "ts-morph";
import { describe, expect, test } from "vitest";
import { declaredNames } from "../../../src/kernel/compiler/names.js";
import { cellDeclarations, VALUE } from "../../../src/language/notebook/cellDeclarations.js";
import { complete, completionDetails } from "../../../src/language/notebook/complete.js";
import { diagnose } from "../../../src/language/notebook/diagnose.js";
import { definitions, references, renaming } from "../../../src/language/notebook/navigate.js";
import { AskedNotebook } from "./openProject.js";

const notebook = new AskedNotebook();

/** What runs is not complained about. */
const fine: readonly [name: string, ...cells: string[]][] = [
  [
    "top-level await",
    "const a = await Promise.resolve(1);",
    "a.toFixed(); for await (const b of [a]) b.toFixed();",
  ],
  ["no import and no export", "1 + 1"],
  ["an expression last, of any kind", "({ a: 1 })", "[1, 2]", "`text`", "async () => 1", "new Date()"],
  [
    "the same import in two cells",
    'import { join } from "node:path"; join("a");',
    'import { join } from "node:path"; join("b");',
  ],
  ["an import used in later cells only", 'import { join } from "node:path";', 'join("a");'],
  [
    "a best that callbacks improve",
    "let best: number | null = null; [1].forEach((n) => (best = n));",
    "if (best !== null) best.toFixed();",
    "best = 4; best.toFixed();",
  ],
  [
    "a list that grows",
    "let list = []; const found: string[] = [];",
    "list.push(1); found.push('a');",
    "list.length; found[0]?.trim();",
  ],
  ["a variable without a type or a value", "let later;", "later = 1;"],
  [
    "names of globals",
    "const process = { own: 1 }; class Event { own = 2 } const { performance } = { performance: { own: 3 } };",
    "process.own; new Event().own; performance.own;",
  ],
  ["a global before a cell hides it", "process.cwd(); URL.canParse('a');", "const process = 1; class URL {}"],
  [
    "console, timers, Buffer, fetch, require and __dirname",
    "console.table([1]); setTimeout(() => 1, 1); Buffer.from('a'); await fetch('a:'); require('node:fs'); __dirname; import.meta.url;",
  ],
  ["using", "using file = { [Symbol.dispose]() {}, a: 1 };", "file.a"],
  [
    "decorators",
    "function log(value: unknown, context: ClassMethodDecoratorContext) {} class A { @log run() {} }",
    "new A().run()",
  ],
  [
    "export in front of anything",
    "export const a = 1; export function f() { return a } export { a as b }; export default 3;",
    "f() + a",
  ],
  ["an export list of its own names", "const a = 1; export { a };", "a.toFixed()"],
  [
    "an interface and a constant of one name",
    "interface Point { x: number }",
    "const Point = (x: number): Point => ({ x });",
    "const p: Point = Point(1); p.x",
  ],
  [
    "a constant and an interface of one name",
    "const Point = (x: number) => ({ x });",
    "interface Point { x: number }",
    "const p: Point = Point(1); p.x",
  ],
  [
    "a function that calls one of a later cell",
    "const f = () => g();",
    "function g() { return 1 }",
    "f().toFixed()",
  ],
  [
    "mutual recursion across cells",
    "function even(n: number): boolean { return n === 0 || odd(n - 1) }",
    "function odd(n: number): boolean { return n > 0 && even(n - 1) }",
  ],
  [
    "destructuring with defaults, holes and rests",
    "const { a = 1, ...rest } = { a: 2, c: 3 }; let [, second, ...others] = [1, 2, 3];",
    "a + rest.c + second! + others.length",
  ],
  [
    "overloads",
    "function f(a: string): string; function f(a: number): number; function f(a: any) { return a }",
    "f(1).toFixed(); f('a').trim()",
  ],
  ["declare", "declare const given: number;", "given.toFixed()"],
  ["declare global", "declare global { interface Array<T> { own: T } }", "[1].own.toFixed()"],
  [
    "a generic class extended in another cell",
    "class Base<T> { constructor(public item: T) {} }",
    "class Sub extends Base<number> {}",
    "new Sub(1).item.toFixed()",
  ],
  [
    "an abstract class and its implementation",
    "abstract class A { abstract f(): number }",
    "class B extends A { f() { return 1 } }",
  ],
  ["a const enum", "const enum E { A, B }", "E.A === E.A", "Object.keys(E)"],
  ["a regular expression as Node runs it", "/[\\p{L}--[a-z]]/v.test('A')"],
  ["satisfies and as const", "const o = { a: [1, 2] } as const satisfies object;", "o.a[0]"],
  ["labels, unused values and empty statements", "outer: for (;;) { break outer } ;;; 'text'; void 0"],
  ["a hashbang and a directive", "#!/usr/bin/env node\n'use strict';\nconst a = 1;", "a"],
  ["a comment at the end", "const a = 1; // last", "a /* and */"],
  ["CRLF", "const a = 1;\r\nconst b = 2;\r\n", "a + b"],
  [
    "names with other letters",
    "const größe = 1; const 変数 = 'a'; const $a_1 = 2;",
    "größe.toFixed() + 変数.trim() + $a_1",
  ],
  ["a class assigned to a name of an earlier constant", "const x = 1;", "class x { a = 1 }", "new x().a"],
  [
    "what dnb exports",
    'import { openSession, randomSearch, display } from "dnb"; const session = await openSession();',
    'const run = await session.search(randomSearch({ candidates: 4 }), { verifier: "classifier", condition: "Bag", budget: { nfe: 40 } }).run(); display(run.best);',
    "run.best!.scores",
  ],
  [
    "Observable Plot, which cells have",
    'import * as Plot from "@observablehq/plot";',
    "Plot.plot({ marks: [Plot.dot([[1, 2]])] })",
  ],
  [
    "a JSON file of the workspace",
    'import data from "../../package.json" with { type: "json" };',
    "data.name.trim()",
  ],
];

test.each(fine)("%s: nothing is wrong", (_, ...cells) => {
  expect(notebook.holds(cells).complaints()).toEqual([]);
});

/** What fails, or is a slip, is said in the cell that holds it, and in no other. */
const wrong: readonly [name: string, expected: RegExp, ...cells: string[]][] = [
  ["a wrong assignment", /^1: 2322 best/, "let best = 1;", 'best = "no";'],
  ["a wrong argument", /^1: 2345 "a"/, "function f(a: number) { return a }", 'f("a")'],
  ["an unknown name", /^1: 2304 nowhere/, "const a = 1;", "nowhere + a"],
  ["an unknown property", /^1: 2339 b/, "const a = { c: 1 };", "a.b"],
  [
    "an assignment to a constant of another cell",
    /^1: 2588 a: Cannot assign to 'a' because it is a constant/,
    "const a = 1;",
    "a = 2",
  ],
  [
    "an assignment to a function of another cell",
    /^1: 2632 f: Cannot assign to 'f' because it is a function/,
    "function f() {}",
    "f = () => {}",
  ],
  ["a bracket that is not closed", /^0: 1005 \(: '\)' expected/, "Math.random(", "const b = 1;"],
  ["a block that is not closed", /^0: 1005 \{: '\}' expected/, "if (1) {", "const a = 1;"],
  ["two declarations in one cell", /^0: 2451 a/, "const a = 1; const a = 2;"],
  ["a package that is missing", /^0: 2307 "no-such-package"/, 'import a from "no-such-package";'],
  [
    "a name that dnb does not have",
    /^0: 2305 openSesion|^0: 2724 openSesion/,
    'import { openSesion } from "dnb";',
  ],
  ["a return at the top", /^0: 1108 return/, "return 1"],
  [
    "a later cell's constant",
    /^0: 1 a: 'a' is declared further down, in cell 2/,
    "a.toFixed()",
    "const a = 1;",
  ],
  ["a later cell's constant as a shorthand", /^0: 1 a: /, "const o = { a };", "const a = 1;"],
];

test.each(wrong)("%s is said where it is", (_, expected, ...cells) => {
  const complaints = notebook.holds(cells).complaints();
  expect(complaints[0]).toMatch(expected);
  const [place] = complaints[0]!.split(":");
  expect(complaints.filter((text) => !text.startsWith(`${place}:`))).toEqual([]);
});

const open: readonly [text: string, closer: string][] = [
  ["if (1) { f(a, [", "]"],
  ["const a = `${f(`b", "`"],
  ["const a = /[(]/.test('(') ? `}` : (", ")"],
  ["const a = 4 / 2 / (", ")"],
  ["class A { /* }", "*/"],
  ["const a = `x${", "}"],
];

test.each(open)("%j lacks %s, and that alone, to let other cells follow", (text, closer) => {
  notebook.holds(["const b = 1;", `const c = 2;\n${text}`, "b + c"]);
  const complaints = notebook.complaints().filter((complaint) => complaint.includes(": 1005 "));
  expect(complaints.at(-1)).toContain(`'${closer}' expected.`);
  expect(notebook.complaints().filter((complaint) => !complaint.startsWith("1:"))).toEqual([]);
  expect(notebook.hover(2, "c")).toBe("const c: 2");
});

test("a package that is missing comes with what installs it", () => {
  const { project } = notebook.holds(['import a from "@scope/none/deep";\nimport b from "./none.js";']);
  const [packaged, file] = diagnose(project, "cell0");
  expect(packaged?.message).toContain("npm install @scope/none");
  expect(file?.message).not.toContain("npm install");
});

test("the server's names of a cell are the kernel's", () => {
  for (const cell of fine.flatMap(([, ...cells]) => cells)) {
    const ofTypes = [...cellDeclarations(cell).names].filter(([, { spaces }]) => spaces & VALUE);
    const ofKernel = declaredNames(
      ts.createSourceFile("a.ts", cell.replace(/\bdeclare const given[^;]*;/, ""), 99, true),
    );
    if (cell.includes("declare const")) expect([...ofKernel]).toEqual([]);
    else expect(ofTypes.map(([name]) => name).sort()).toEqual([...ofKernel].sort());
  }
});

const examples = readdirSync("examples").filter((name) => name.endsWith(".dnb"));

test.each(examples)("examples/%s has nothing to complain about", (name) => {
  const { cells } = JSON.parse(readFileSync(join("examples", name), "utf8")) as {
    cells: { kind: string; source: string[] }[];
  };
  const asked = new AskedNotebook(resolve("examples", name));
  asked.holds(cells.filter(({ kind }) => kind === "code").map(({ source }) => source.join("\n")));
  expect(asked.complaints()).toEqual([]);
});

describe("going from one cell to another", () => {
  const cells = [
    "const best = { score: 1 };\nlet round = 0;",
    "round = best.score + 1;",
    "console.log({ best, round });\nconst show = () => best;",
    "const best = 'again';",
    "best.trim(); round++;",
  ];

  test("the definition of a constant, and of a variable, is in its own cell", () => {
    const { project } = notebook.holds(cells);
    const of = (cell: number, name: string) =>
      notebook.places(definitions(project, `cell${cell}`, notebook.offset(cell, name)));
    expect(of(1, "best")).toEqual(["0:6"]);
    expect(of(4, "best")).toEqual(["3:6"]);
    expect(of(4, "round")).toEqual([`0:${notebook.offset(0, "round")}`]);
    expect(of(1, "score")).toEqual([`0:${notebook.offset(0, "score")}`]);
  });

  test("references of a constant stop where it is declared again", () => {
    const { project } = notebook.holds(cells);
    const expected = [
      "0:6",
      `1:${notebook.offset(1, "best")}`,
      `2:${notebook.offset(2, "best")}`,
      `2:${notebook.offset(2, "best", 1)}`,
    ];
    for (const [cell, nth] of [
      [0, 0],
      [1, 0],
      [2, 1],
    ] as const)
      expect(
        notebook.places(references(project, `cell${cell}`, notebook.offset(cell, "best", nth), true)),
      ).toEqual(expected);
    expect(notebook.places(references(project, "cell4", 0, true))).toEqual(["3:6", "4:0"]);
  });

  test("references of a variable are those of all cells", () => {
    const { project } = notebook.holds(cells);
    const expected = [0, 1, 2, 4].map((cell) => `${cell}:${notebook.offset(cell, "round")}`);
    for (const cell of [0, 1, 2, 4])
      expect(
        notebook.places(references(project, `cell${cell}`, notebook.offset(cell, "round"), true)),
      ).toEqual(expected);
  });

  test.each([0, 1, 2])("a constant is renamed in the cells that mean it, from cell %i", (cell) => {
    const { project } = notebook.holds(cells);
    const result = renaming(project, `cell${cell}`, notebook.offset(cell, "best"));
    if (!result.ok) throw new Error(result.why);
    expect(notebook.places(result.places)).toEqual([
      "0:6",
      `1:${notebook.offset(1, "best")}`,
      `2:${notebook.offset(2, "best")}`,
      `2:${notebook.offset(2, "best", 1)}`,
    ]);
    // A property of that name keeps it.
    expect(result.places.filter(({ prefix }) => prefix).map(({ prefix }) => prefix)).toEqual(["best: "]);
  });

  test.each([0, 1, 4])("a variable is renamed everywhere, from cell %i", (cell) => {
    const { project } = notebook.holds(cells);
    const result = renaming(project, `cell${cell}`, notebook.offset(cell, "round"));
    if (!result.ok) throw new Error(result.why);
    expect(notebook.places(result.places)).toEqual(
      [0, 1, 2, 4].map((index) => `${index}:${notebook.offset(index, "round")}`),
    );
  });

  test("a property is renamed where its type comes from another cell", () => {
    const { project } = notebook.holds(cells);
    const result = renaming(project, "cell1", notebook.offset(1, "score"));
    expect(result.ok && notebook.places(result.places)).toEqual([
      `0:${notebook.offset(0, "score")}`,
      `1:${notebook.offset(1, "score")}`,
    ]);
  });

  test("an import is renamed in the notebook alone, and a library not at all", () => {
    const { project } = notebook.holds(['import { join } from "node:path";', 'join("a");', "console.log(1)"]);
    const result = renaming(project, "cell1", 0);
    if (result.ok) expect(notebook.places(result.places)).toEqual(["0:9", "1:0"]);
    expect(renaming(project, "cell2", notebook.offset(2, "log")).ok).toBe(false);
  });
});

describe("completion", () => {
  const names = (cell: number, offset: number) =>
    complete(notebook.project, `cell${cell}`, offset)?.entries.map(({ name }) => name) ?? [];

  test("lists the names of other cells, with what they are", () => {
    notebook.holds([
      "const alpha = 1; let beta = 'a'; function gamma() {} interface Delta {} class Epsilon {}",
      "\n",
    ]);
    const entries = complete(notebook.project, "cell1", 0)?.entries ?? [];
    const kinds = Object.fromEntries(entries.map(({ name, kind }) => [name, kind]));
    expect(kinds).toMatchObject({ alpha: "const", beta: "let", gamma: "function", Epsilon: "class" });
    expect(entries.filter(({ name }) => name === "alpha")).toHaveLength(1);
  });

  test("lists members by the type in another cell, also while the cell is broken", () => {
    notebook.holds(["const box = { width: 1, height: 2 };", "if (1) { box."]);
    expect(names(1, notebook.text(1).length)).toEqual(expect.arrayContaining(["width", "height"]));
  });

  test("lists types where a type stands", () => {
    notebook.holds(["interface Delta { a: number } const alpha = 1;", "let x: ;"]);
    const listed = names(1, notebook.offset(1, ";"));
    expect(listed).toContain("Delta");
    expect(listed).not.toContain("alpha");
  });

  test("lists what dnb exports, and imports it into the cell", () => {
    notebook.holds(['import { openSession } from "dnb";', "randomSear"]);
    const offset = notebook.text(1).length;
    const found = complete(notebook.project, "cell1", offset)?.entries.find(
      ({ name }) => name === "randomSearch",
    );
    const details = found && completionDetails(notebook.project, "cell1", offset, found.entry);
    expect(details?.code).toContain("function randomSearch(");
    expect(details?.documentation).not.toBe("");
    expect(details?.edits).toEqual([
      {
        file: notebook.project.cell("cell1").file,
        span: { start: 0, length: 0 },
        text: 'import { randomSearch } from "dnb";\n',
      },
    ]);
  });

  test("puts an import behind those that the cell has, also with names of other cells about", () => {
    notebook.holds(["const other = 1;", 'import { join } from "node:path";\nother;\nrandomSear']);
    const offset = notebook.text(1).length;
    const found = complete(notebook.project, "cell1", offset)?.entries.find(
      ({ name }) => name === "randomSearch",
    );
    const details = found && completionDetails(notebook.project, "cell1", offset, found.entry);
    const [edit] = details?.edits ?? [];
    const text = notebook.text(1);
    expect(edit && text.slice(0, edit.span.start) + edit.text + text.slice(edit.span.start)).toMatch(
      /^(import { join } from "node:path";\nimport { randomSearch } from "dnb";|import { randomSearch } from "dnb";\nimport { join } from "node:path";)\n+other;/,
    );
  });

  test.each([
    ["a call that is not closed", 'openSession("fashion", { device: "', ["webgpu", "cpu"]],
    ["a module's path", 'import { a } from "./', ["server", "parameters"]],
    ["a module's name", 'import { a } from "node:', ["node:path", "node:fs"]],
    ["a named import", 'import {  } from "dnb"', ["randomSearch", "display"]],
    ["a template", "`${box.", ["width"]],
    ["a call in a block", "if (1) { console.log(box.", ["width"]],
    ["an object's literal", "const other: typeof box = { ", ["width"]],
  ])("lists what fits into %s", (_, text, expected) => {
    notebook.holds(['import { openSession } from "dnb";\nconst box = { width: 1 };', text]);
    const at = text.includes("{  }") ? text.indexOf("{  }") + 2 : text.length;
    const listed = names(1, at);
    expect(listed).toEqual(expect.arrayContaining(expected));
    // Only the compiler knows of files of cells.
    expect(listed.filter((name) => name.includes(".dnb."))).toEqual([]);
  });

  test("offers no import from another cell", () => {
    notebook.holds(["export const shared = 1;", "\nshar"]);
    const sources = complete(notebook.project, "cell1", 5)?.entries.filter(({ name }) => name === "shared");
    expect(sources?.map(({ entry }) => entry.source)).toEqual([undefined]);
  });
});

test("two notebooks of one path, as those that are not saved yet, keep their cells apart", () => {
  const [a, b] = [new AskedNotebook(), new AskedNotebook()];
  a.holds(["const own = 1;", "own"]);
  b.holds(["const own = 'b';", "own"]);
  expect([a.hover(1, "own"), b.hover(1, "own")]).toEqual(["const own: 1", 'const own: "b"']);
});

describe("files of the workspace", () => {
  test("are typed, and read again when they change", () => {
    const folder = mkdtempSync(join(tmpdir(), "dnb-language-"));
    writeFileSync(join(folder, "tools.ts"), "export const twice = (n: number) => 2 * n;\n");
    const asked = new AskedNotebook(join(folder, "a.dnb")).holds([
      'import { twice } from "./tools.js";',
      "twice(1).toFixed()",
    ]);
    expect(asked.complaints()).toEqual([]);
    writeFileSync(join(folder, "tools.ts"), "export const twice = (n: number) => `${n}${n}`;\n");
    asked.project.filesChanged();
    expect(asked.complaints()).toEqual([expect.stringContaining("1: 2551 toFixed")]);
  });

  test("are found once they are there", () => {
    const folder = mkdtempSync(join(tmpdir(), "dnb-language-"));
    const asked = new AskedNotebook(join(folder, "a.dnb")).holds([
      'import { a } from "./late";',
      "a.toFixed()",
    ]);
    const change = (name: string, created: boolean) =>
      asked.project.concerns([{ path: join(folder, name), created }]);
    expect(asked.complaints()).toEqual([expect.stringContaining("0: 2307")]);
    expect([change("late.ts", true), change("data.json", true), change("late.ts", false)]).toEqual([
      true,
      true,
      false,
    ]);
    writeFileSync(join(folder, "late.ts"), "export const a = 1;\n");
    asked.project.filesChanged();
    expect(asked.complaints()).toEqual([]);
    // Results that a cell writes are of no concern.
    expect([change("late.ts", false), change("data.json", true), change("data.json", false)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("of a cell with elements of JSX and one that becomes such a cell while it is written", () => {
    const folder = mkdtempSync(join(tmpdir(), "dnb-language-"));
    const runtime = join(folder, "node_modules", "mini");
    mkdirSync(runtime, { recursive: true });
    writeFileSync(
      join(runtime, "jsx-runtime.d.ts"),
      "export const jsx: any, jsxs: any, Fragment: any; export namespace JSX { interface IntrinsicElements { b: { id?: string; children?: any } } type Element = string[] }\n",
    );
    const pragma = "/** @jsxImportSource mini */\n";
    const card = `${pragma}const Card = ({ n }: { n: number }) => <b id="x">don't {n}</b>;`;
    const use = (n: string) => `${pragma}const shown = <Card n={${n}} />;`;
    const asked = new AskedNotebook(join(folder, "a.dnb")).holds([card, use("1"), "shown.length.toFixed()"]);
    expect(asked.complaints()).toEqual([]);
    expect(asked.hover(1, "Card")).toContain("n: number");
    asked.holds([card, "const shown = <number>1;", "shown.toFixed()"]);
    expect(asked.complaints()).toEqual([]);
    asked.holds([card, use('"1"'), "shown.length.toFixed()"]);
    expect(asked.complaints()).toEqual([expect.stringContaining("1: 2322 n")]);
    expect(asked.places(definitions(asked.project, "cell1", asked.offset(1, "Card")))).toEqual([
      `0:${asked.offset(0, "Card")}`,
    ]);
    asked.holds([card, `${pragma}const shown = <Card n={1} `, "shown.length"]);
    expect(asked.complaints().some((text) => text.startsWith("0:"))).toBe(false);
  });

  test("and packages are found at the next change of a cell, once they are installed", () => {
    const folder = mkdtempSync(join(tmpdir(), "dnb-language-"));
    const cells = ['import { a } from "late-package";', "a.toFixed()"];
    const asked = new AskedNotebook(join(folder, "a.dnb")).holds(cells);
    expect(asked.complaints()).toEqual([expect.stringContaining("0: 2307")]);
    const installed = join(folder, "node_modules", "late-package");
    mkdirSync(installed, { recursive: true });
    writeFileSync(join(installed, "package.json"), '{ "name": "late-package", "types": "index.d.ts" }');
    writeFileSync(join(installed, "index.d.ts"), "export const a: number;\n");
    expect(asked.holds([...cells, "1"]).complaints()).toEqual([]);
  });

  test("a tsconfig says how strict, and nothing else", () => {
    const folder = mkdtempSync(join(tmpdir(), "dnb-language-"));
    writeFileSync(
      join(folder, "tsconfig.json"),
      '{ "compilerOptions": { "strict": false, "lib": ["es5"], "types": ["none"] } }',
    );
    const asked = new AskedNotebook(join(folder, "a.dnb")).holds([
      "function f(a) { return a } let n: number = null;",
      "[1].at(0)",
    ]);
    expect(asked.complaints()).toEqual([]);
  });
});

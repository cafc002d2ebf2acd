import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestKernel, type Ran } from "./startKernel.js";

/** The cases that notebooks for JavaScript have been found to get wrong, by their numbers in our notes on the field. */

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open();
});
afterAll(() => kernel.close());

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

const write = (path: string, text: string): void => {
  mkdirSync(join(kernel.directory, path, ".."), { recursive: true });
  writeFileSync(join(kernel.directory, path), text);
};

/** What the last of the cells shows, as text. */
async function shows(...cells: string[]): Promise<string | undefined> {
  let shown: string | undefined;
  for (const cell of cells) shown = await kernel.shows(cell);
  return shown;
}

const errorOf = async (source: string): Promise<string> => {
  const { result } = await kernel.run(source);
  return `${result.outcome}: ${result.error?.name}: ${result.error?.message}`;
};

const interrupt = (): Promise<unknown> =>
  kernel.client.request({ type: "interrupt", notebook: kernel.notebook });

describe("names", () => {
  it.each([
    [
      1,
      "a mangled shorthand, exported",
      ["export const { performance } = { performance: 5 }; export { performance as p }", "({ performance })"],
      "{ performance: 5 }",
    ],
    [
      2,
      "a mangled name that shadows itself",
      [
        "const URL = 1; const inner = (() => { const URL = 2; { let URL = 3; URL++ } return URL })(); [URL, inner]",
      ],
      "[ 1, 2 ]",
    ],
    [3, "console declared, and a value shown", ["const console = { mine: true }; console"], "{ mine: true }"],
    [
      4,
      "class Event and function fetch",
      [
        "class Event { kind = 'mine' } function fetch() { return new Event().kind }",
        "[fetch(), typeof globalThis.fetch, globalThis.Event.name]",
      ],
      "[ 'mine', 'function', 'Event' ]",
    ],
    [
      7,
      "recursion after a redefinition",
      [
        "function r7(n: number): number { return n ? r7(n - 1) : 1 }",
        "const old7 = r7; function r7(n: number): number { return 100 }",
        "old7(3)",
      ],
      "100",
    ],
    [8, "an anonymous default class", ["export default class { static k = 1 }", "1"], "1"],
    [
      18,
      "enums of two cells do not merge",
      ["enum Merge18 { A }", "enum Merge18 { B }", "Object.keys(Merge18)"],
      "[ '0', 'B' ]",
    ],
    [
      19,
      "a namespace merges with its function and class",
      [
        "function f19() { return f19.extra } namespace f19 { export const extra = 4 } class C19 {} namespace C19 { export const n = 5 } [f19(), C19.n]",
      ],
      "[ 4, 5 ]",
    ],
    [20, "declare global", ["declare global { interface Array<T> { mine?: T } } export {}; [1].length"], "1"],
    [31, "directives", ["'use client'; 'use strict'; 5"], "5"],
    [32, "await as a name in a function that is not async", ["const o32 = { await: 1 }; o32.await"], "1"],
    [
      39,
      "top-level this and new.target's absence",
      ["[this === undefined || this === globalThis, typeof arguments]"],
      "[ true, 'undefined' ]",
    ],
    [
      40,
      "eval and new Function",
      [
        "(0, eval)('var indirect40 = 2'); [new Function('return 3')(), typeof (globalThis as any).indirect40]",
      ],
      "[ 3, 'number' ]",
    ],
  ] as const)("%i %s", async (_, __, cells, value) => {
    expect(await shows(...cells)).toBe(value);
  });

  it("5 a name that is used before its import ran", async () => {
    expect(await errorOf("join5('a')\nconst unrelated = 1")).toMatch(/ReferenceError: join5 is not defined/);
  });

  it("6 a timer keeps the old closure and sees the new variable", async () => {
    await kernel.run(
      "let v6 = 'old'; let seen6: any[] = []; const f6 = () => 'first'; const g6 = f6; setTimeout(() => seen6.push(v6, g6(), f6()), 150)",
    );
    await kernel.run("v6 = 'new'; const f6 = () => 'second'");
    await sleep(250);
    expect(await shows("seen6")).toBe("[ 'new', 'first', 'second' ]");
  });

  it("37 a variable whose cell failed may be read and declared again", async () => {
    await kernel.run("throw new Error('before'); let x37 = 1");
    expect(await errorOf("x37")).toMatch(/error: ReferenceError/);
    expect(await shows("let x37 = 3; x37")).toBe("3");
  });

  it("38 a variable can be forgotten", async () => {
    expect(await shows("let big38: any = new Array(10)", "big38 = undefined", "typeof big38")).toBe(
      "'undefined'",
    );
  });
});

describe("modules", () => {
  it("9 export * from, in a cell and in a file", async () => {
    write("nine/inner.ts", "export const nine = 9");
    write("nine/outer.ts", "export * from './inner'; export * as ns from './inner'");
    expect(
      await shows("export * from './nine/outer'; import { nine, ns } from './nine/outer'; [nine, ns.nine]"),
    ).toBe("[ 9, 9 ]");
  });

  it("10 cyclic files, changed and imported again", async () => {
    write(
      "ten/a.ts",
      "import { b } from './b'; export const a = (): string => 'a' + b(0); export const v = 1",
    );
    write("ten/b.ts", "import { v } from './a'; export const b = (n: number): string => 'b' + (v + n)");
    expect(await shows("import { a } from './ten/a'; a()")).toBe("'ab1'");
    write("ten/b.ts", "import { v } from './a'; export const b = (n: number): string => 'changed' + (v + n)");
    expect(await shows("import { a } from './ten/a'; a()")).toBe("'achanged1'");
  });

  it("11 JSON with an attribute", async () => {
    write("data11.json", '\uFEFF{"x": [1]}');
    expect(await shows("import x11 from './data11.json' with { type: 'json' }; x11.x")).toBe("[ 1 ]");
  });

  it("12 names that Node's lexer does not see in CommonJS", async () => {
    write("node_modules/hidden12/package.json", '{"name":"hidden12","main":"i.js"}');
    write(
      "node_modules/hidden12/i.js",
      "const o = {}; for (const k of ['deep']) o[k] = 12; module.exports = o",
    );
    expect(await shows("import { deep } from 'hidden12'; deep")).toBe("12");
  });

  it("13 a package that has only exports.import", async () => {
    write("node_modules/only13/package.json", '{"name":"only13","exports":{"import":"./i.mjs"}}');
    write("node_modules/only13/i.mjs", "export const t = 13");
    expect(await shows("import { t } from 'only13'; t")).toBe("13");
  });

  it("14 a native addon imported twice is one", async () => {
    const addon = "onnxruntime-node";
    const twice = `import * as once from ${JSON.stringify(join(process.cwd(), "node_modules", addon, "dist/index.js"))}; import twice from ${JSON.stringify(join(process.cwd(), "node_modules", addon, "dist/index.js"))}; once.default === twice`;
    expect(await shows(twice)).toBe("true");
  });

  it("15 import type X = require()", async () => {
    expect(await shows("import type fs15 = require('node:fs'); type S = fs15.Stats; 15")).toBe("15");
  });

  it("16 a TSX cell and a TSX file with a runtime of their own", async () => {
    write("node_modules/mini/package.json", '{"name":"mini","exports":{"./jsx-runtime":"./j.mjs"}}');
    write(
      "node_modules/mini/j.mjs",
      "export const jsx = (t, p) => [t, p]; export const jsxs = jsx; export const Fragment = 'f'",
    );
    const cell =
      "/** @jsxImportSource mini */ const Card16 = 'card'; const fetch = 'mine'; const id16 = <T,>(x: T) => x;";
    const elements = "[<Card16 a='1' fetch={fetch} />, <><b>don't</b>{id16(2)}</>, <fetch />]";
    expect(await shows(`${cell} JSON.stringify(${elements})`)).toContain(
      `[["card",{"a":"1","fetch":"mine"}],["f",{"children":[["b",{"children":"don't"}],2]}],["fetch",{}]]`,
    );
    expect(await shows("const { length } = '</b><i/>'; <number>length + 0")).toBe("8");
    expect(await errorOf("<b>never closed")).toMatch(/SyntaxError/);
    const broken = await kernel.run("/** @jsxImportSource mini */\n\n[<b>{null!.x}</b>]");
    expect(broken.result.error).toMatchObject({ line: 3, column: 12 });
    expect(await errorOf("<b>no runtime</b>")).toMatch(/npm install react$/);
    write("view16.tsx", "/** @jsxImportSource mini */\nexport const view = <b id='x'>hi</b>");
    expect(await shows("import { view } from './view16'; view")).toBe("[ 'b', { id: 'x', children: 'hi' } ]");
  });

  it("a workspace file through require, with what it imports", async () => {
    write("req/inner.ts", "export enum Kind { A = 3 }");
    write(
      "req/outer.ts",
      "import { Kind } from './inner'; export const kind: Kind = Kind.A; export default 7",
    );
    expect(await shows("const { kind, default: seven } = require('./req/outer'); [kind, seven]")).toBe(
      "[ 3, 7 ]",
    );
    write("req/outer.ts", "export const kind = 'changed'");
    expect(await shows("require('./req/outer.ts').kind")).toBe("'changed'");
    expect(await errorOf("require('absent-package-x')")).toMatch(/npm install absent-package-x/);
  });

  it("a file that did not change keeps its identity, a package always does", async () => {
    write("same/stable.ts", "export const identity = {}");
    write(
      "same/hot.ts",
      "import { identity } from './stable'; export const held = identity; export const v = 1",
    );
    write("node_modules/kept/package.json", '{"name":"kept","type":"module","exports":"./i.js"}');
    write("node_modules/kept/i.js", "export const identity = {}");
    await kernel.run(
      "import { identity as i1 } from './same/stable'; import { held as h1 } from './same/hot'; import { identity as p1 } from 'kept'",
    );
    write(
      "same/hot.ts",
      "import { identity } from './stable'; export const held = identity; export const v = 22",
    );
    write("node_modules/kept/i.js", "export const identity = { changed: true }");
    expect(
      await shows(
        "import { identity as i2 } from './same/stable'; import { held as h2, v } from './same/hot'; import { identity as p2 } from 'kept'; [i1 === i2, h1 === h2, v, p1 === p2]",
      ),
    ).toBe("[ true, true, 22, true ]");
  });

  it("a CommonJS file again when what it requires has changed, by import and by require", async () => {
    write("cj/a.cjs", "module.exports = { v: require('./b.cjs').v }");
    write("cj/b.cjs", "exports.v = 'one'");
    write(
      "cj/c.js",
      "const load = () =>\n  import('node:path');\nmodule.exports = { v: require('./d.js').v, load }",
    );
    write("cj/d.js", "exports.v = 'one'");
    write("cj/e.cts", "export = { e: 5 }");
    const both =
      "import { v as va } from './cj/a.cjs'; import { v as vc } from './cj/c'; [va, vc, require('./cj/d').v]";
    expect(await shows(both)).toBe("[ 'one', 'one', 'one' ]");
    write("cj/b.cjs", "exports.v = 'changed'");
    write("cj/d.js", "exports.v = 'changed too'");
    expect(await shows(both)).toBe("[ 'changed', 'changed too', 'changed too' ]");
    write("node_modules/kept-json/package.json", '{"name":"kept-json"}');
    await kernel.run("import keptJson from 'kept-json/package.json'");
    write("cj/b.cjs", "exports.v = 'once more'");
    expect(await shows("import { v as va } from './cj/a.cjs'; va")).toBe("'once more'");
    expect(await shows("import cts from './cj/e.cts'; cts.e")).toBe("5");
    write("cj/minified.js", "var a=6;export{a}");
    expect(await shows("import { a as a6 } from './cj/minified.js'; a6")).toBe("6");
  });

  it("a package's JSON, in a cell, by import() and in a file", async () => {
    write("node_modules/pj/package.json", '{"name":"pj","version":"1.2.3"}');
    write("pj.ts", "import pj from 'pj/package.json' with { type: 'json' }; export const v = pj.version");
    const source =
      "import pj from 'pj/package.json' with { type: 'json' }; import { v as vp } from './pj'; [pj.version, (await import('pj/package.json', { with: { type: 'json' } })).default.version, vp]";
    expect(await shows(source)).toBe("[ '1.2.3', '1.2.3', '1.2.3' ]");
  });

  it("files that await at their top level, imported several times at once", async () => {
    write("tla/slow.ts", "await new Promise((r) => setTimeout(r, 100)); export const s = 5");
    write("tla/over.ts", "import { s } from './slow'; export const o = s + 1");
    write("tla/asks.ts", "export const { s } = await import('./slow')");
    const source =
      "const all = await Promise.all(['slow', 'slow', 'over', 'asks', 'over'].map((n) => import(`./tla/${n}`))); all.map((m) => m.s ?? m.o)";
    expect(await shows(source)).toBe("[ 5, 5, 6, 5, 6 ]");
    write("tla/never.ts", "await new Promise(() => {}); export const n = 1");
    const stuck = kernel.run("import './tla/never'");
    await sleep(100);
    await interrupt();
    expect((await stuck).result.outcome).toBe("interrupted");
    expect(await shows("import { o as o2 } from './tla/over'; o2")).toBe("6");
  });

  it("a file whose import failed is tried again, though nothing of it has changed", async () => {
    write(
      "again/inner.ts",
      "if (!(globalThis as any).ready) throw new Error('not ready'); export const i = 1",
    );
    write("again/outer.ts", "export { i } from './inner'");
    expect(await errorOf("import { i as ia } from './again/outer'")).toMatch(/not ready/);
    await kernel.run("(globalThis as any).ready = true");
    expect(await shows("import { i as ib } from './again/outer'; ib")).toBe("1");
  });

  it("import.meta.resolve", async () => {
    write("node_modules/res/package.json", '{"name":"res","main":"i.js"}');
    write("node_modules/res/i.js", "");
    write("here.ts", "");
    expect(await shows("['res', './here', 'fs'].map((n) => import.meta.resolve(n).split('/').at(-1))")).toBe(
      "[ 'i.js', 'here.ts', 'node:fs' ]",
    );
    expect(await errorOf("import.meta.resolve('absent-y')")).toMatch(/npm install absent-y/);
  });

  it("17 decorators, with their initialisers", async () => {
    expect(
      await shows(
        "const log17: string[] = []; function d(v: any, c: any) { log17.push(c.kind + ':' + String(c.name)); return v } class D17 { @d m() {} @d accessor a = 1; @d f = 2 } new D17(); log17.sort()",
      ),
    ).toBe("[ 'accessor:a', 'field:f', 'method:m' ]");
  });
});

describe("loops and resources", () => {
  it.each([
    [
      "a generator",
      "function* g22() { let i = 0; for (;;) yield i++ } for (const x of g22()) if (x < 0) break",
    ],
    [
      "an async generator",
      "async function* a22() { for (;;) { await null; yield 1 } } for await (const x of a22()) if (x < 0) break",
    ],
    ["do … while", "do {} while (true)"],
    ["a labelled body of one statement", "outer: for (;;) for (;;) continue outer"],
    ["for … in over what never ends", "for (;;) for (const k in { a: 1 });"],
  ])("22 %s is stopped by its guard", async (_, source) => {
    await kernel.run("let kept22 = 22");
    const running = kernel.run(source);
    await sleep(200);
    await interrupt();
    expect((await running).result.outcome).toBe("interrupted");
    expect(await shows("kept22")).toBe("22");
  });

  it("21 a disposer that throws, and an async one, when the cell runs again", async () => {
    const source =
      "using bad = { [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() { throw new Error('bad disposer') } } as any;\nawait using slow = { async [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() { await null; globalThis.disposed21 = true } } as any; 21";
    await kernel.run(
      "(Symbol as any).dispose ??= Symbol.for('Symbol.dispose'); (Symbol as any).asyncDispose ??= Symbol.for('Symbol.asyncDispose'); declare global { var disposed21: boolean }",
    );
    expect((await kernel.run(source, { number: 21 })).result.outcome).toBe("ok");
    const again = await kernel.run(source, { number: 21 });
    expect(again.result.outcome).toBe("ok");
    expect(again.stderr).toContain("Uncaught Error: bad disposer");
    expect(await shows("globalThis.disposed21")).toBe("true");
  });

  it("21 a disposer that never settles can be interrupted, and the variables stay", async () => {
    const source =
      "let after21 = 1; await using stuck = { [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]: () => new Promise(() => {}) } as any";
    await kernel.run("let kept21 = 21");
    expect((await kernel.run(source, { number: 22 })).result.error).toBeUndefined();
    const again = kernel.run("console.log('begun')", { number: 22 });
    await sleep(100);
    await interrupt();
    expect((await again).result.outcome).toBe("interrupted");
    expect((await again).stdout).toBe("");
    expect(await shows("kept21")).toBe("21");
  });

  it("23 guards leave class fields and arrows of packages alone", async () => {
    write("node_modules/loops/package.json", '{"name":"loops","type":"module","exports":"./i.js"}');
    write(
      "node_modules/loops/i.js",
      "export class L { n = (() => { let n = 0; while (n < 5) n++; return n })() } export const text = String(L)",
    );
    expect(await shows("import { L, text } from 'loops'; [new L().n, text.includes('tick')]")).toBe(
      "[ 5, false ]",
    );
  });
});

describe("failures", () => {
  it("24, 25 in a timer and a promise, after the cell's end, are told under it", async () => {
    const first = kernel.events.length;
    await kernel.run(
      "setTimeout(() => { throw new Error('late24') }, 30); setTimeout(() => void Promise.reject(new TypeError('late25')), 40)",
      { number: 24 },
    );
    await sleep(200);
    const started = kernel.events.slice(first).find(({ type }) => type === "started") as {
      execution: string;
    };
    const told = kernel.events
      .slice(first)
      .flatMap((event) =>
        event.type === "stream" && event.execution === started.execution ? [event.text] : [],
      );
    expect(told.join("")).toMatch(
      /Uncaught Error: late24\n {4}at .*Cell 24:1:26[^]*Uncaught TypeError: late25/,
    );
  });

  it("25 process.exitCode and a listener of the cell's own harm nobody", async () => {
    expect(await shows("process.exitCode = 7; process.on('uncaughtException', () => {}); 25")).toBe("25");
    const { pid } = await kernel.client.hello();
    expect(process.kill(pid, 0)).toBe(true);
  });

  it.each([
    ["null", "throw null", /threw null/],
    ["undefined", "throw undefined", /threw undefined/],
    ["a proxy", "throw new Proxy({}, { get() { throw new Error('trap') } })", /threw/],
    ["a frozen error", "throw Object.freeze(new Error('frozen'))", /frozen/],
    [
      "an error whose stack throws",
      "const e26 = new Error('x'); Object.defineProperty(e26, 'stack', { get() { throw 1 } }); throw e26",
      /threw/,
    ],
    ["a symbol", "throw Symbol('s26')", /Symbol\(s26\)/],
    ["a function", "throw () => 1", /threw/],
  ])("26 of %s", async (_, source, message) => {
    const { result } = await kernel.run(source);
    expect(result.outcome).toBe("error");
    expect(result.error?.message).toMatch(message);
  });

  it("26 with a chain of causes a hundred long", async () => {
    const { result } = await kernel.run(
      "let c26: any = new Error('root'); for (let i = 0; i < 100; i++) c26 = new Error('level ' + i, { cause: c26 }); throw c26",
    );
    expect(result.error?.message).toBe("level 99");
    expect(result.error?.stack).toContain("Caused by: Error: level 98");
    expect(result.error?.stack?.length).toBeLessThan(20_000);
    const circle = await kernel.run("const r26: any = new Error('round'); r26.cause = r26; throw r26");
    expect(circle.result.error?.message).toBe("round");
  });

  it("26 AggregateError, with each of its errors", async () => {
    const { result } = await kernel.run(
      "await Promise.any([Promise.reject(new TypeError('one')), Promise.reject(new Error('two', { cause: 'why' }))])",
    );
    expect(result.error?.name).toBe("AggregateError");
    expect(result.error?.stack).toMatch(
      /Error 1: TypeError: one\n {4}at Cell[^]*Error 2: Error: two[^]*Caused by: 'why'/,
    );
  });

  it("26 of any size: what is told of it is bounded, and the cell ends", async () => {
    const long = await kernel.run(
      "throw Object.assign(new Error('x'.repeat(1e8)), { name: 'n'.repeat(1e6) })",
    );
    expect(long.result.error?.message).toMatch(/^x{20000}… \(100000000 characters\)$/);
    expect(long.result.error?.name).toMatch(/^n{200}… /);
    const wide = await kernel.run(
      "throw new AggregateError(Array.from({ length: 1e4 }, (_, i) => new Error('e' + i)))",
    );
    expect(wide.result.error?.stack).toMatch(/Error 20: Error: e19\n[^]*\n… 9980 more errors$/);
    const circle = await kernel.run(
      "const ring26 = new AggregateError([]); for (let i = 0; i < 15; i++) ring26.errors.push(ring26); throw ring26",
    );
    expect(circle.result.error?.stack?.length).toBeLessThan(2000);
  });

  it("26 in a microtask, told under the cell", async () => {
    const { stderr } = await kernel.run(
      "queueMicrotask(() => { throw new Error('micro26') }); await new Promise((r) => setTimeout(r, 20))",
    );
    expect(stderr).toMatch(/Uncaught Error: micro26\n {4}at Cell 1:1:30/);
  });

  it("28 through async functions, eval, native code, node: and a file", async () => {
    write(
      "far28.ts",
      "\nexport const far = async (f: () => Promise<void>): Promise<void> => {\n  await null\n  await f()\n}",
    );
    const { result } = await kernel.run(
      "import { far } from './far28'\nasync function deep28() {\n  await null;\n  [1].map(() => { throw new Error('deep') })\n}\nawait far(deep28)",
      { number: 28 },
    );
    const lines = result.error?.stack?.split("\n") ?? [];
    expect(lines.some((line) => /Cell 28:4:2/.test(line))).toBe(true);
    expect(lines.some((line) => /async .*deep28.* \(Cell 28:|deep28 \(Cell 28:/.test(line))).toBe(true);
    expect(lines.some((line) => /far28\.ts:4:/.test(line))).toBe(true);
    expect(lines.some((line) => /node:|cells\.js|dnb-cell/.test(line))).toBe(false);
    const evaluated = await kernel.run("eval('null.x')", { number: 28 });
    expect(evaluated.result.error).toMatchObject({ name: "TypeError", line: 1 });
    const native = await kernel.run("\nJSON.parse('{')", { number: 28 });
    expect(native.result.error).toMatchObject({ name: "SyntaxError", line: 2 });
    const node = await kernel.run("import { readFileSync } from 'node:fs'\nreadFileSync('/absent28')", {
      number: 28,
    });
    expect(node.result.error).toMatchObject({ line: 2, stack: "    at Cell 28:2:1" });
  });

  it("28 through a file in a folder with odd characters, and one of a package that is not there", async () => {
    write("my (x) dir/er r.ts", "export function boom28() {\n  throw new Error('b')\n}");
    const odd = await kernel.run("import { boom28 } from './my (x) dir/er r'; boom28()", { number: 28 });
    expect(odd.result.error?.stack).toBe("    at boom28 (my (x) dir/er r.ts:2:9)\n    at Cell 28:1:45");
    const absent = await kernel.run("import 'pj/none'", { number: 28 });
    expect(absent.result.error?.stack).toBe("    at Cell 28:1:1");
  });

  it("28 also where a library writes stacks in its own way", async () => {
    write("lib28.ts", "export const fail = (): never => {\n  throw new Error('raw')\n}");
    const source =
      "import { fail } from './lib28'; (Error as any).prepareStackTrace = undefined;\nconst deep = () => fail();\n[1].forEach(() => deep())";
    const { result } = await kernel.run(source, { number: 28 });
    expect(result.error).toMatchObject({ name: "Error", message: "raw", line: 2 });
    const lines = result.error?.stack?.split("\n") ?? [];
    expect(lines.slice(0, 2)).toEqual(["    at fail (lib28.ts:2:9)", "    at deep (Cell 28:2:20)"]);
    expect(lines.at(-1)).toBe("    at Cell 28:3:5");
    await kernel.client.request({ type: "restart", notebook: kernel.notebook });
  });

  it("29 places after tabs, a BOM, characters beyond 16 bits and a hashbang", async () => {
    const at = async (source: string): Promise<unknown> => {
      const { line, column } = (await kernel.run(source)).result.error ?? {};
      return [line, column];
    };
    expect(await at("\tconst a29 = 1;\n\t\tnull!.x")).toEqual([2, 9]);
    expect(await at("\uFEFFnull!.x")).toEqual([1, expect.any(Number)]);
    expect(await at("const s29 = '😀😀'; null!.x")).toEqual([1, 27]);
    expect(await at("#!/usr/bin/env node\n\nnull!.x")).toEqual([3, 7]);
  });
});

describe("sizes", () => {
  it("30 a cell of 10,000 lines, whose last line fails where it says", async () => {
    const body = Array.from({ length: 9_999 }, (_, i) => `const n${i}: number = ${i};`).join("\n");
    const begun = performance.now();
    const { result } = await kernel.run(`${body}\nnull!.x`);
    expect(result.error).toMatchObject({ line: 10_000, column: 7 });
    expect(await shows("n0 + n9998")).toBe("9998");
    expect(performance.now() - begun).toBeLessThan(30_000);
  }, 60_000);

  it("30 a cell whose last statement leaves 100 MB of text ends at once", async () => {
    const begun = performance.now();
    await kernel.run("let long30 = ''; if (true) { long30 = 'x'.repeat(1e8) }");
    expect(performance.now() - begun).toBeLessThan(20_000);
    await kernel.run("long30 = ''");
  });

  it("30 a string of 1 MB, in and out", async () => {
    const text = "ab\\n".repeat(350_000);
    expect(await shows(`const s30 = "${text}"; s30.length`)).toBe("1050000");
    const { outputs } = await kernel.run("s30");
    expect(JSON.stringify(outputs).length).toBeLessThan(100_000);
  });
});

describe("endings of statements", () => {
  it.each([
    [33, "a bracket", "(1 + 2)", "3"],
    [33, "an array", "[1, 2]", "[ 1, 2 ]"],
    [33, "a template", "`t`", "'t'"],
    [34, "a type assertion", "const a34 = 5\na34 as unknown as string", "5"],
    [34, "satisfies", "({ x: 1 }) satisfies object", "{ x: 1 }"],
    [34, "a comment without a newline", "34 // end", "34"],
    [34, "a block comment", "34 /* a\nb */", "34"],
    [34, "a non-null assertion", "(1 as number | null)!", "1"],
  ])("%i %s", async (_, __, source, value) => {
    const { outputs } = await kernel.run(source);
    const plain = outputs.at(-1)?.find(({ mime }) => mime === "text/plain");
    expect(plain && "text" in plain ? plain.text : undefined).toBe(value);
  });
});

describe("threads and notebooks", () => {
  it("35 a cell that is run twice runs one after the other", async () => {
    await kernel.client.request({ type: "restart", notebook: kernel.notebook });
    const source = "console.log('in'); await new Promise((r) => setTimeout(r, 60)); console.log('out')";
    const [a, b]: Ran[] = await Promise.all([kernel.run(source), kernel.run(source)]);
    const lines = kernel.events.flatMap((event) => (event.type === "stream" ? [event.text.trim()] : []));
    expect(lines.join(" ").slice(-13)).toBe("in out in out");
    expect([a?.result.outcome, b?.result.outcome]).toEqual(["ok", "ok"]);
  });

  it("43 notebooks share nothing", async () => {
    await kernel.run(
      "const secret43 = 1; (globalThis as any).leak43 = 1; Array.prototype.at = undefined as any",
    );
    await kernel.client.request({ type: "open", notebook: "other43", directory: kernel.directory });
    await kernel.client.request({
      type: "execute",
      notebook: "other43",
      execution: "o43",
      cell: { id: "c", number: 1 },
      source: "[typeof secret43, 'leak43' in globalThis, [7].at(0)]",
    });
    const shown = kernel.events.findLast((event) => event.type === "display" && event.notebook === "other43");
    expect(JSON.stringify(shown)).toContain("[ 'undefined', false, 7 ]");
    await kernel.client.request({ type: "close", notebook: "other43" });
    await kernel.client.request({ type: "restart", notebook: kernel.notebook });
  });

  it("44 a thread that a cell starts", async () => {
    const source =
      "import { Worker } from 'node:worker_threads'; await new Promise((done, no) => { const w = new Worker('require(\"node:worker_threads\").parentPort.postMessage(44)', { eval: true }); w.on('message', done); w.on('error', no) })";
    expect(await shows(source)).toBe("44");
  });
});

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestKernel } from "./startKernel.js";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open();
});
afterAll(() => kernel.close());

const write = (path: string, text: string): void => {
  mkdirSync(join(kernel.directory, path, ".."), { recursive: true });
  writeFileSync(join(kernel.directory, path), text);
};

describe("values across cells", () => {
  it("declares anything again in a later cell", async () => {
    await kernel.shows("const x = 1");
    await kernel.shows("let x = 'two'");
    await kernel.shows("class x {}");
    expect(await kernel.shows("typeof x")).toBe("'function'");
  });

  it("awaits at the top level", async () => {
    expect(await kernel.shows("const slow = await new Promise(r => setTimeout(() => r(7), 5)); slow")).toBe(
      "7",
    );
  });

  it("lets a cell call its variables as the realm's globals", async () => {
    await kernel.shows("const process = 1, console = 2, Buffer = 3, Error = 4, setTimeout = 5, Promise = 6");
    expect(await kernel.shows("[process, console, Buffer]")).toBe("[ 1, 2, 3 ]");
    const { result, stderr } = await kernel.run("globalThis.console.error('still here'); null.x");
    expect(stderr).toBe("still here\n");
    expect(result.error).toMatchObject({ name: "TypeError", line: 1 });
    await kernel.client.request({ type: "restart", notebook: kernel.notebook });
  });

  it("keeps to the notebook's folder", async () => {
    write("data.txt", "hello");
    expect(await kernel.shows("(await import('node:fs')).readFileSync('data.txt', 'utf8')")).toBe("'hello'");
    expect(
      await kernel.shows("__dirname === import.meta.dirname && import.meta.url.startsWith('file:')"),
    ).toBe("true");
  });
});

describe("what a cell shows", () => {
  it("an object as JSON and as text", async () => {
    const { outputs } = await kernel.run("({ a: [1, null, 'x'] })");
    expect(outputs).toEqual([
      [
        { mime: "application/json", json: { a: [1, null, "x"] } },
        { mime: "text/plain", text: "{ a: [ 1, null, 'x' ] }" },
      ],
    ]);
  });

  it.each([
    ["a number", "42", "42"],
    ["a string", "'a'", "'a'"],
    ["a map", "new Map([[1, 2]])", "Map(1) { 1 => 2 }"],
    ["a bigint", "10n", "10n"],
    ["what JSON would lose", "({ x: NaN, f() {} })", "{ x: NaN, f: [Function: f] }"],
    ["a circle", "const c: any = {}; c.c = c; c", "<ref *1> { c: [Circular *1] }"],
    ["a getter", "({ get boom() { throw new Error('no') } })", "{ boom: [Getter] }"],
  ])("%s as text only", async (_, source, text) => {
    expect((await kernel.run(source)).outputs).toEqual([[{ mime: "text/plain", text }]]);
  });

  it("a proxy that objects, as a sentence", async () => {
    expect(await kernel.shows("new Proxy({}, { ownKeys() { throw new Error('mine') } })")).toBe("{}");
  });

  it("nothing for nothing", async () => {
    expect((await kernel.run("void 0")).outputs).toEqual([]);
    expect((await kernel.run("const quiet = 1")).outputs).toEqual([]);
  });

  it("several displays, one of them updated", async () => {
    const { outputs } = await kernel.run(
      "import { display } from 'dnb'; const h = display('first'); display('second'); h.update('changed'); 'last'",
    );
    expect(outputs.map(([item]) => item)).toEqual(
      ["'changed'", "'second'", "'last'"].map((text) => ({ mime: "text/plain", text })),
    );
  });

  it("an image as a PNG", async () => {
    const { outputs } = await kernel.run(
      "import { imageFrom } from 'dnb'; imageFrom(new Uint8Array(12).fill(200), 4, 3)",
    );
    const [png, plain] = outputs[0] ?? [];
    expect(plain).toEqual({ mime: "text/plain", text: "Image 4 x 3, grey" });
    expect(png).toMatchObject({ mime: "image/png" });
    const bytes = Buffer.from((png as { base64: string }).base64, "base64");
    expect(bytes.subarray(1, 4).toString()).toBe("PNG");
  });

  it("progress, with its rate and the time left", async () => {
    const { events } = await kernel.run(
      "import { progress } from 'dnb'; for await (const i of progress(Array(40).keys(), { label: 'work', total: 40 })) await new Promise((r) => setTimeout(r, 25))",
    );
    const texts = events.flatMap((event) =>
      event.type === "update" ? event.items.flatMap((item) => ("text" in item ? [item.text] : [])) : [],
    );
    expect(texts[0]).toMatch(/^work █+░+ \d+ of 40, \d+ \/ s, \d+ s left$/);
    expect(texts.at(-1)).toMatch(/^work █{24} 40 of 40, \d+ \/ s$/);
  });

  it("progress, which ends with its loop", async () => {
    const { outputs } = await kernel.run(
      "import { progress } from 'dnb'; for await (const i of progress([1, 2, 3], { label: 'work' })) if (i === 2) break",
    );
    expect(outputs[0]?.[0]).toMatchObject({
      mime: "text/plain",
      text: expect.stringMatching(/^work .* 1 of 3/),
    });
  });
});

describe("what a cell prints", () => {
  it("keeps the order of both streams and of displays", async () => {
    const { events } = await kernel.run(
      "import { display } from 'dnb'; console.log('a'); console.error('b'); console.log('c'); display(1); console.log('d')",
    );
    const seen = events.flatMap((event) =>
      event.type === "stream"
        ? [`${event.name}:${event.text.trim()}`]
        : event.type === "display"
          ? ["display"]
          : [],
    );
    expect(seen).toEqual(["stdout:a", "stderr:b", "stdout:c", "display", "stdout:d"]);
  });

  it("is merged into few messages and complete before the reply", async () => {
    const { stdout, events } = await kernel.run("for (let i = 0; i < 20000; i++) console.log(i)");
    expect(stdout).toBe(Array.from({ length: 20000 }, (_, i) => `${i}\n`).join(""));
    expect(events.filter(({ type }) => type === "stream").length).toBeLessThan(60);
  });

  it("reaches the reader while the cell still computes", async () => {
    const started = performance.now();
    let seen = 0;
    const stop = kernel.client.onEvent((event) => {
      if (event.type === "stream" && event.text.includes("early")) seen ||= performance.now() - started;
    });
    await kernel.run("console.log('early'); const t = Date.now(); while (Date.now() - t < 600);");
    stop();
    expect(seen).toBeGreaterThan(0);
    expect(seen).toBeLessThan(500);
  });

  it("belongs to the cell that began it, also after its end", async () => {
    await kernel.run("setTimeout(() => console.log('late'), 60)", { number: 7 });
    const first = kernel.events.findLast(({ type }) => type === "started") as { execution: string };
    const { events } = await kernel.run("await new Promise(r => setTimeout(r, 150)); console.log('own')");
    const streams = events.filter((event) => event.type === "stream");
    expect(streams.find(({ text }) => text.includes("late"))?.execution).toBe(first.execution);
    expect(streams.find(({ text }) => text.includes("own"))?.execution).not.toBe(first.execution);
  });

  it("names what fails in a timer, and goes on", async () => {
    await kernel.run("setTimeout(() => { throw new RangeError('in a timer') }, 5)", { number: 4 });
    const { stderr } = await kernel.run(
      "await new Promise(r => setTimeout(r, 120)); void Promise.reject(new Error('alone')); await new Promise(r => setTimeout(r, 120))",
    );
    expect(stderr).toContain("Uncaught RangeError: in a timer\n    at ");
    expect(stderr).toContain("(Cell 4:1:26)");
    expect(stderr).toContain("Uncaught Error: alone");
  });
});

describe("errors", () => {
  it("carry the cell's own line and column", async () => {
    const { result } = await kernel.run(
      "interface Gone { a: number }\n\nfunction inner(): never {\n  throw new TypeError('bad')\n}\ninner()",
      { number: 3 },
    );
    expect(result).toEqual({
      type: "executed",
      outcome: "error",
      error: {
        name: "TypeError",
        message: "bad",
        line: 4,
        column: 9,
        stack: "    at inner (Cell 3:4:9)\n    at Cell 3:6:1",
      },
    });
  });

  it("of a function of another cell point at the call in this one", async () => {
    await kernel.run("function far() {\n  throw new Error('far away')\n}", { number: 2 });
    const { result } = await kernel.run("1\n2\nfar()", { number: 5 });
    expect(result.error).toMatchObject({
      line: 3,
      column: 1,
      stack: "    at far (Cell 2:2:9)\n    at Cell 5:3:1",
    });
  });

  it("keep their lines after an await", async () => {
    const { result } = await kernel.run("await Promise.resolve()\nconst o: any = undefined\no.x");
    expect(result.error).toMatchObject({ name: "TypeError", line: 3, column: 3 });
  });

  it.each([
    ["of TypeScript's syntax", "const a = 1\nconst = 2", 2, 7],
    ["of JavaScript's", "1\nreturn 2", 2, 1],
  ])("%s stop the cell before it runs", async (_, source, line, column) => {
    const { result, outputs } = await kernel.run(source, { number: 9 });
    expect(result.error).toMatchObject({
      name: "SyntaxError",
      line,
      column,
      stack: `    at Cell 9:${line}:${column}`,
    });
    expect(outputs).toEqual([]);
  });

  it.each([
    ["null", "throw null", "The cell threw null"],
    ["a string", "throw 'text'", "The cell threw 'text'"],
    ["an object", "throw { code: 5 }", "The cell threw { code: 5 }"],
    ["a bigint", "throw 5n", "The cell threw 5n"],
  ])("may be anything: %s", async (_, source, message) => {
    expect((await kernel.run(source)).result.error).toMatchObject({ message });
  });

  it("show their causes", async () => {
    const { result } = await kernel.run("throw new Error('outer', { cause: new TypeError('inner') })", {
      number: 1,
    });
    expect(result.error?.stack).toBe("    at Cell 1:1:7\nCaused by: TypeError: inner\n    at Cell 1:1:35");
  });

  it("cancel the cells that wait", async () => {
    const failing = kernel.run("await new Promise(r => setTimeout(r, 30)); throw new Error('stop')");
    const waiting = [kernel.run("1"), kernel.run("2")];
    expect((await failing).result.outcome).toBe("error");
    for (const { result } of await Promise.all(waiting)) expect(result.outcome).toBe("cancelled");
    expect(await kernel.shows("3")).toBe("3");
  });

  it("say when a promise can never settle, or leave the cell waiting", async () => {
    const { result } = await kernel.run("process.exit(3)");
    expect(result.error?.message).toMatch(/code 3.*variables of this notebook are gone/);
    expect(await kernel.shows("4")).toBe("4");
  });
});

describe("imports", () => {
  it("ES and CommonJS packages beside the notebook", async () => {
    write("node_modules/esm/package.json", '{"name":"esm","type":"module","exports":{"import":"./i.js"}}');
    write("node_modules/esm/i.js", "export const a = 5; export default 'd'");
    write("node_modules/cjs/package.json", '{"name":"cjs","main":"i.js"}');
    write(
      "node_modules/cjs/i.js",
      "const hidden = { late: 1, f() { return process.pid } }; module.exports = Object.assign({}, hidden)",
    );
    expect(
      await kernel.shows(
        "import d, { a } from 'esm'; import cjs, { late } from 'cjs'; [d, a, late, typeof cjs.f()]",
      ),
    ).toBe("[ 'd', 5, 1, 'number' ]");
  });

  it("a missing package, with the command that installs it", async () => {
    const { result } = await kernel.run("import x from '@scope/absent/deep'; x");
    expect(result.error).toMatchObject({
      name: "ModuleNotFound",
      message: expect.stringContaining("npm install @scope/absent"),
    });
  });

  it("an export that is not there, unless it may be a type", async () => {
    write("types.ts", "export interface Shape { a: number }\nexport const real = 1");
    expect(
      await kernel.shows("import { Shape, real } from './types'; const s: Shape = { a: real }; s.a"),
    ).toBe("1");
    const { result } = await kernel.run("import { unreal } from './types'; unreal");
    expect(result.error?.message).toBe('"./types" has no export named "unreal". It has: real.');
  });

  it("TypeScript, JavaScript and JSON files, with cycles and live bindings", async () => {
    write(
      "lib/a.ts",
      "import { b } from './b.js'; import data from './data.json' with { type: 'json' };\nexport let n: number = 1; export const up = () => ++n; export const sum = () => b() + data.k",
    );
    write("lib/b.ts", "import { n } from './a'; export const b = (): number => n * 10");
    write("lib/data.json", '{"k": 5}');
    write("lib/old.cjs", "module.exports = { old: true }");
    expect(
      await kernel.shows(
        "import { sum, up } from './lib/a'; import * as m from './lib/a.ts'; up(); [sum(), m.n]",
      ),
    ).toBe("[ 25, 2 ]");
    expect(await kernel.shows("import old from './lib/old.cjs'; old.old")).toBe("true");
  });

  it("a file again after it changed, and what imports it", async () => {
    write("hot/inner.ts", "export const v = 1");
    write("hot/outer.ts", "import { v } from './inner'; export const w = v * 100");
    expect(await kernel.shows("import { w } from './hot/outer'; w")).toBe("100");
    write("hot/inner.ts", "export const v = 22");
    expect(await kernel.shows("import { w } from './hot/outer'; w")).toBe("2200");
  });

  it("errors in a file with its own line", async () => {
    write("broken.ts", "\nexport function fail(): never {\n  throw new Error('in a file')\n}");
    const { result } = await kernel.run("import { fail } from './broken'\nfail()", { number: 6 });
    expect(result.error?.stack).toBe("    at fail (broken.ts:3:9)\n    at Cell 6:2:1");
    expect(result.error).toMatchObject({ line: 2 });
    write("syntax.ts", "export const a = 1\nexport const = 2");
    expect((await kernel.run("import './syntax'")).result.error?.message).toContain("(syntax.ts:2:14)");
    expect((await kernel.run("import './absent-file'")).result.error?.message).toContain(
      'Cannot find "./absent-file"',
    );
  });

  it("disposes of a top-level using when its cell runs again", async () => {
    const source =
      "using held = { [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() { console.log('let go') } } as any; 1";
    await kernel.run("(Symbol as any).dispose ??= Symbol.for('Symbol.dispose')");
    expect((await kernel.run(source, { number: 8 })).stdout).toBe("");
    expect((await kernel.run(source, { number: 8 })).stdout).toBe("let go\n");
  });
});

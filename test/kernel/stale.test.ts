import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TestKernel } from "./startKernel.js";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open();
});
afterAll(() => kernel.close());

const write = (path: string, text: string): void => writeFileSync(join(kernel.directory, path), text);

/** What the kernel said last, in short. */
const stale = (): string[] =>
  kernel.events
    .flatMap((event) => (event.type === "stale" ? [event.cells] : []))
    .at(-1)
    ?.map(({ cell, reason }) => `${cell}: ${reason.replace(kernel.directory, "")}`) ?? [];

async function until(expected: readonly string[]): Promise<void> {
  for (const end = Date.now() + 5000; Date.now() < end;) {
    if (JSON.stringify(stale()) === JSON.stringify(expected)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(stale()).toEqual(expected);
}

it("a cell is stale once a cell that it depends on has run again, by names that are really the other's", async () => {
  await kernel.run("const base = 2, other = 3; function times(n: number) { return n * base }", { number: 1 });
  await kernel.run("const scaled = times(5)", { number: 2 });
  await kernel.run(
    "const shadowing = ((base: number) => { const other = base; return { other: 1, base } })(1)",
    { number: 3 },
  );
  await kernel.run("`${scaled} ${[1].map((x) => x)}`", { number: 4 });
  expect(stale()).toEqual([]);
  await kernel.run("const base = 20, other = 3; function times(n: number) { return n * base }", {
    number: 1,
  });
  await until([
    "cell2: Cell 1 has defined times again since this cell ran.",
    "cell4: Cell 2, which defines scaled, is stale itself.",
  ]);
  await kernel.run("const scaled = times(5)", { number: 2 });
  await kernel.run("`${scaled}`", { number: 4 });
  await until([]);
});

it("a cell is stale within about a second once a file that it imports, or that this one imports, has changed", async () => {
  write("inner.ts", "export const v = 1");
  write("outer.ts", "import { v } from './inner'; export const w = v");
  write("old.ts", "export const o = 1");
  await kernel.run("import { w } from './outer'", { number: 5 });
  await kernel.run("const fromFile = w + 1", { number: 6 });
  await kernel.run("require('./old').o", { number: 7 });
  expect(stale()).toEqual([]);
  write("inner.ts", "export const v = 222");
  await until([
    "cell5: /inner.ts has changed since this cell ran.",
    "cell6: Cell 5, which defines w, is stale itself.",
  ]);
  write("old.ts", "export const o = 222");
  await until([
    "cell5: /inner.ts has changed since this cell ran.",
    "cell6: Cell 5, which defines w, is stale itself.",
    "cell7: /old.ts has changed since this cell ran.",
  ]);
  await kernel.run("import { w } from './outer'", { number: 5 });
  await kernel.run("const fromFile = w + 1", { number: 6 });
  await kernel.run("require('./old').o", { number: 7 });
  await until([]);
});

it("nothing is stale after a restart", async () => {
  await kernel.run("const base = 1", { number: 1 });
  await kernel.run("base", { number: 2 });
  await kernel.run("const base = 2", { number: 1 });
  await until(["cell2: Cell 1 has defined base again since this cell ran."]);
  await kernel.client.request({ type: "restart", notebook: kernel.notebook });
  await until([]);
});

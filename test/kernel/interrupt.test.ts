import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TestKernel, type Ran } from "./startKernel.js";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open();
});
afterAll(() => kernel.close());

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Runs the cell, interrupts it after a while, and says how long it took to end. */
async function interrupted(source: string): Promise<Ran & { readonly milliseconds: number }> {
  const running = kernel.run(source);
  await sleep(250);
  const asked = performance.now();
  await kernel.client.request({ type: "interrupt", notebook: kernel.notebook });
  const ran = await running;
  return { ...ran, milliseconds: performance.now() - asked };
}

describe("interrupt keeps the variables", () => {
  it.each([
    ["an endless loop", "for (;;);"],
    ["a loop that swallows errors inside", "while (true) { try { for (;;) {} } catch {} }"],
    ["a loop after an await", "await 1; while (true) {}"],
    ["a loop that awaits", "for (;;) await null"],
    ["a loop with timers", "for (;;) await new Promise(r => setTimeout(r, 5))"],
    ["a loop in a callback", "[1].forEach(() => { for (;;) {} })"],
    ["a promise that never settles", "const held: any[] = []; await new Promise(r => held.push(r))"],
    [
      "a call that takes the signal",
      "import { signal } from 'dnb'; import { setTimeout as wait } from 'node:timers/promises'; await wait(60000, 0, { signal })",
    ],
  ])("%s", async (_, source) => {
    await kernel.run("let kept = 'kept'");
    const { result, milliseconds } = await interrupted(source);
    expect(result.outcome).toBe("interrupted");
    expect(result.error).toMatchObject({ name: "Interrupted" });
    expect(milliseconds).toBeLessThan(1000);
    expect(await kernel.shows("kept")).toBe("'kept'");
  });

  it("of an algorithm that yields nothing and never ends; its session goes on", async () => {
    const opened = await kernel.run(`
      import { defineAlgorithm, gaussianMixture, openSession, randomSearch } from "dnb";
      let turns = 0;
      const spin = defineAlgorithm("spin", function* (ops) {
        yield* ops.score(yield* ops.denoise(yield* ops.noise({ count: 3 })));
        yield* ops.endRound();
        for (;;) turns++;
      });
      const session = await openSession(gaussianMixture({ weights: [1], means: [[0]], variances: [1] }));
      const problem = { verifier: "linear", budget: { nfe: 100 } };
      const run = session.search(spin(), problem);`);
    expect(opened.result.outcome).toBe("ok");
    expect((await interrupted("await run.run()")).result.outcome).toBe("interrupted");
    expect(await kernel.shows("turns > 0")).toBe("true");
    expect(await kernel.shows("run.candidates.length")).toBe("3");
    const next = "(await session.search(randomSearch({ candidates: 2 }), problem).run()).state";
    expect(await kernel.shows(next)).toBe("'finished'");
  });

  it("of a loop in an imported file", async () => {
    const { writeFileSync } = await import("node:fs");
    writeFileSync(`${kernel.directory}/spin.ts`, "export function spin() { for (;;); }");
    await kernel.run("let kept2 = 2");
    expect((await interrupted("import { spin } from './spin'; spin()")).result.outcome).toBe("interrupted");
    expect(await kernel.shows("kept2")).toBe("2");
  });

  it("of a loop in a timer that a cell has left behind", async () => {
    await kernel.run("let kept3 = 3; setTimeout(() => { for (;;); }, 1)");
    await sleep(200);
    const { result } = await interrupted("1");
    expect(result.outcome).toBe("ok");
    expect(await kernel.shows("kept3")).toBe("3");
  });

  it("and the next cell has a fresh signal", async () => {
    await interrupted(
      "import { signal } from 'dnb'; await new Promise((_, no) => signal.addEventListener('abort', () => no(signal.reason)))",
    );
    expect(await kernel.shows("[signal.aborted, signal instanceof AbortSignal]")).toBe("[ false, true ]");
  });
});

describe("interrupt ends what cannot be stopped otherwise", () => {
  it.each([
    ["a regular expression", "/^(a+)+$/.test('a'.repeat(60) + 'b')"],
    ["native code", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)"],
    [
      "a loop without a body of the cell's own",
      "Array.from({ length: 2 ** 32 - 1 }, (_, i) => i % 2).sort()",
    ],
  ])("%s", async (_, source) => {
    await kernel.run("let lost = 1");
    const { result, milliseconds } = await interrupted(source);
    expect(result.outcome).toBe("interrupted");
    expect(result.error?.message).toContain("variables of this notebook are gone; loaded models stay");
    expect(milliseconds).toBeLessThan(2000);
    expect(await kernel.shows("typeof lost")).toBe("'undefined'");
  });
});

it("interrupt ends a cell that does not stop, also with others waiting", async () => {
  const running = kernel.run("/^(a+)+$/.test('a'.repeat(60) + 'b')");
  const waiting = kernel.run("1");
  await sleep(200);
  await kernel.client.request({ type: "interrupt", notebook: kernel.notebook });
  expect((await running).result.outcome).toBe("interrupted");
  expect((await waiting).result.outcome).toBe("cancelled");
});

it.each([
  ["stops by itself", "for (;;);"],
  ["has to be ended", "/^(a+)+$/.test('a'.repeat(60) + 'b')"],
])("a cell that is run right after an interrupt runs, when the one before %s", async (_, source) => {
  const running = kernel.run(source);
  await sleep(200);
  const { notebook } = kernel;
  const interrupted = kernel.client.request({ type: "interrupt", notebook });
  const next = kernel.run("'next'");
  await interrupted;
  expect((await running).result.outcome).toBe("interrupted");
  expect((await next).result.outcome).toBe("ok");
});

it("interrupt cancels the cells that wait", async () => {
  const running = kernel.run("for (;;);");
  const waiting = [kernel.run("1"), kernel.run("2")];
  await sleep(100);
  await kernel.client.request({ type: "interrupt", notebook: kernel.notebook });
  expect((await running).result.outcome).toBe("interrupted");
  for (const { result } of await Promise.all(waiting)) expect(result.outcome).toBe("cancelled");
});

it("answers a ping within 100 ms while a cell loops for ever, and says that it is busy", async () => {
  const running = kernel.run("for (;;);");
  await sleep(200);
  for (let i = 0; i < 20; i++) {
    const asked = performance.now();
    await kernel.client.request({ type: "ping" });
    expect(performance.now() - asked).toBeLessThan(100);
    await sleep(120);
  }
  const beats = kernel.events.filter((event) => event.type === "heartbeat");
  expect(beats.at(-1)?.notebooks).toEqual([{ notebook: kernel.notebook, state: "busy" }]);
  await kernel.client.request({ type: "interrupt", notebook: kernel.notebook });
  expect((await running).result.outcome).toBe("interrupted");
});

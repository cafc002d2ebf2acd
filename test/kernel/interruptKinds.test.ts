import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ModelState } from "../../src/kernel/protocol.js";
import { TestKernel } from "./startKernel.js";

/** Everything that a cell can be stuck in: each stops within 2 s, and the kernel, the other notebook and the resident model go on. */

const OTHER = "file:///other.dnb";
let kernel: TestKernel;
let pid: number;
let count = 0;

beforeAll(async () => {
  kernel = await TestKernel.open();
  pid = (await kernel.client.hello()).pid;
  await kernel.client.request({ type: "open", notebook: OTHER, directory: kernel.directory });
  writeFileSync(join(kernel.directory, "spin.ts"), "export function spin(): never {\n  for (;;);\n}\n");
  expect(
    await other(
      "import { openSession } from 'dnb'; const s = await openSession('fashion'); let held = 0; await s.sample({ seeds: [1] })",
    ),
  ).toBe("ok");
}, 60_000);
afterAll(() => kernel.close());

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

async function other(source: string): Promise<string> {
  const execution = `o${++count}`;
  const cell = { id: "c", number: 1 };
  const { outcome, error } = await kernel.client.request({
    type: "execute",
    notebook: OTHER,
    execution,
    cell,
    source,
  });
  return error ? `${outcome}: ${error.message}` : outcome;
}

const models = (): readonly ModelState[] =>
  kernel.events.flatMap((event) => (event.type === "heartbeat" ? [event.models] : [])).at(-1) ?? [];

interface Kind {
  readonly name: string;
  readonly source: string;
  readonly keeps: boolean;
  /** Milliseconds until it is in the middle of it. */
  readonly after?: number;
}

const kinds: readonly Kind[] = [
  { name: "an endless loop", source: "for (;;);", keeps: true },
  {
    name: "a loop after an await",
    source: "await new Promise((r) => setTimeout(r, 5)); while (true) {}",
    keeps: true,
  },
  {
    name: "a loop in a timer's callback",
    source: "await new Promise((r) => setTimeout(() => { for (;;); r(0) }, 5))",
    keeps: true,
  },
  { name: "a loop in an imported file", source: "import { spin } from './spin'; spin()", keeps: true },
  { name: "a regular expression", source: "/^(a+)+$/.test('a'.repeat(60) + 'b')", keeps: false },
  {
    name: "Atomics.wait",
    source: "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
    keeps: false,
  },
  {
    name: "a search in the middle of a model call",
    source:
      "import { openSession, randomSearch } from 'dnb'; const mine = await openSession('fashion'); const run = mine.search(randomSearch({ candidates: 4096 }), { verifier: 'classifier', condition: 'Sneaker', steps: 40, budget: { nfe: 200_000 } }); await run.run()",
    keeps: true,
    after: 1500,
  },
  {
    name: "a promise that never settles",
    source: "const held: unknown[] = []; await new Promise((r) => held.push(r))",
    keeps: true,
  },
];

describe("interrupt within 2 s", () => {
  it.each(kinds)(
    "$name",
    async ({ source, keeps, after = 300 }) => {
      await kernel.run("var kept = 'kept'");
      const running = kernel.run(source);
      await sleep(after);
      // The other notebook is never held up by this one.
      expect(await other("held++")).toBe("ok");
      const asked = performance.now();
      await kernel.client.request({ type: "interrupt", notebook: kernel.notebook });
      const { result } = await running;
      expect(performance.now() - asked).toBeLessThan(2000);
      expect(result).toMatchObject({ outcome: "interrupted", error: { name: "Interrupted" } });
      const { message } = result.error!;
      if (keeps) expect(message).not.toContain("are gone");
      else
        expect(message).toMatch(
          /its thread was ended\. The variables of this notebook are gone; loaded models stay\. Run the cells/,
        );
      expect(await kernel.shows("typeof kept")).toBe(keeps ? "'string'" : "'undefined'");
      expect(await other("held++; await s.sample({ seeds: [held] })")).toBe("ok");
      expect((await kernel.client.hello()).pid).toBe(pid);
    },
    30_000,
  );

  it("and the model stayed loaded all the while", async () => {
    await sleep(1200);
    expect(models()).toMatchObject([{ name: "fashion", state: "loaded" }]);
    const loading = kernel.events.filter(
      (event) => event.type === "heartbeat" && event.models.some(({ state }) => state === "away"),
    );
    expect(loading).toEqual([]);
    expect(await other("if (held !== 16) throw new Error(String(held))")).toBe("ok");
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ModelState } from "../../src/kernel/protocol.js";
import { TestKernel } from "./startKernel.js";

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open();
});
afterAll(() => kernel.close());

/** The models of the first heartbeat from now on that are as wanted. */
async function models(wanted: (models: readonly ModelState[]) => boolean): Promise<readonly ModelState[]> {
  const from = kernel.events.length;
  for (let patience = 100; ; patience--) {
    const beats = kernel.events.slice(from).flatMap((event) => (event.type === "heartbeat" ? [event] : []));
    const found = beats.find((beat) => wanted(beat.models));
    if (found) return found.models;
    if (patience === 0) throw new Error(`The models stayed ${JSON.stringify(beats.at(-1)?.models)}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

it("two notebooks share one loaded model, and the heartbeat says what it runs on", async () => {
  const other = "file:///other.dnb";
  const source =
    "import { openSession } from 'dnb'; const session = await openSession('fashion', { device: 'cpu' })";
  await kernel.run(source);
  await kernel.client.request({ type: "open", notebook: other, directory: kernel.directory });
  const cell = { id: "c", number: 1 };
  await kernel.client.request({ type: "execute", notebook: other, execution: "other", cell, source });
  const loaded = await models(([model]) => model?.users === 2);
  expect(loaded).toMatchObject([{ name: "fashion", device: "cpu", state: "loaded", users: 2 }]);
  expect(loaded[0]!.bytes).toBeGreaterThan(5e6);
  // What a notebook leaves behind stays loaded for the next; what it disposes of is its own.
  await kernel.client.request({ type: "close", notebook: other });
  await models(([model]) => model?.users === 1);
  await kernel.run("await session.dispose()");
  await models((all) => all.length === 0);
});

it("interrupt reaches a cell that loads models, and leaves none behind", async () => {
  await kernel.run("let kept = 'kept', loads = 0");
  const running = kernel.run(
    "import { openSession } from 'dnb'; for (;;) { const s = await openSession('fashion'); loads++; await s.dispose() }",
  );
  await models(() => kernel.events.some(({ type }) => type === "heartbeat"));
  const asked = performance.now();
  await kernel.client.request({ type: "interrupt", notebook: kernel.notebook });
  const { result } = await running;
  expect(result).toMatchObject({ outcome: "interrupted", error: { name: "Interrupted" } });
  expect(performance.now() - asked).toBeLessThan(1500);
  expect(await kernel.shows("kept")).toBe("'kept'");
  await models((all) => all.every(({ state }) => state !== "loading"));
});

it("a prompt that is cut is told to the cell that samples", async () => {
  const folder = JSON.stringify(resolve("test/fixtures/pipelines/sd1"));
  const { stdout, stderr } = await kernel.run(
    `const long = await openSession(${folder}, { device: 'cpu' }); await long.sample({ condition: 'cat '.repeat(80), steps: 1, guidance: 1, seeds: [1] }); await long.dispose()`,
  );
  expect(stdout).toBe("");
  expect(stderr).toMatch(
    /^The prompt is longer than the 77 tokens of text_encoder\/model\.onnx: "at cat .*" was left out\.\n$/,
  );
});

it("threads that were measured are kept beside the cache, for the next kernel too", async () => {
  const cache = mkdtempSync(join(tmpdir(), "dnb-threads-"));
  const source = `import { openSession as open } from 'dnb'; (await open('fashion', { device: 'cpu', threads: 'auto' })).device.threads`;
  try {
    const threads: (string | undefined)[] = [];
    for (const _ of [1, 2]) {
      const measuring = await TestKernel.open({ DNB_CACHE: cache });
      threads.push(await measuring.shows(source));
      measuring.close();
      // What is known is what is taken, even if nothing here would measure it.
      const file = join(cache, "calibration/threads.json");
      const known = JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
      expect(Object.values(known).map(String)).toEqual([threads.at(-1)]);
      for (const key of Object.keys(known)) known[key] = 5;
      writeFileSync(file, JSON.stringify(known));
    }
    expect(threads[1]).toBe("5");
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
});

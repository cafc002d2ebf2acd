import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KEPT_LINES } from "../../src/kernel/cells/outputLimit.js";
import { MOST_DISPLAYS } from "../../src/kernel/cells/displays.js";
import { TestKernel } from "./startKernel.js";

let kernel: TestKernel;
let logs: string;
beforeAll(async () => {
  kernel = await TestKernel.open();
  logs = join(kernel.directory, "logs");
  // What the editor sets for the process; read when the first log is opened.
  await kernel.run(`process.env.DNB_LOGS = ${JSON.stringify(logs)}`);
});
afterAll(() => kernel.close());

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** MB of the whole process, as Linux counts them. */
function residentSize(): number {
  const status = readFileSync(`/proc/${kernel.client.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

describe.runIf(process.platform === "linux")("ten million lines", () => {
  it("keep the process below 150 MB above idle; the notebook has the first and the last, the log all of them", async () => {
    await kernel.run("1");
    await sleep(1500);
    const idle = residentSize();
    let most = idle;
    const watch = setInterval(() => (most = Math.max(most, residentSize())), 20);
    const running = kernel.run("for (let i = 0; i < 10_000_000; i++) console.log('line', i);");
    let slowest = 0;
    let ended = false;
    void running.then(() => (ended = true));
    while (!ended) {
      const asked = performance.now();
      await kernel.client.request({ type: "ping" });
      slowest = Math.max(slowest, performance.now() - asked);
      await sleep(100);
    }
    clearInterval(watch);
    const { stdout, stderr, result, events } = await running;
    expect(result.outcome).toBe("ok");
    expect(most - idle).toBeLessThan(150);
    // The control thread is never drowned in what cells print.
    expect(slowest).toBeLessThan(1000);
    const lines = stdout.split("\n");
    expect(lines.slice(0, KEPT_LINES)).toEqual(Array.from({ length: KEPT_LINES }, (_, i) => `line ${i}`));
    expect(lines.slice(-2)).toEqual(["line 9999999", ""]);
    expect(stdout.length).toBeLessThan(300_000);
    expect(events.length).toBeLessThan(300);
    const path = /The whole is written to (.*\.log)\n/.exec(stderr)?.[1] ?? "";
    expect(stderr).toContain("… 9,980,000 lines, 128.7 MB more in ");
    expect(statSync(path).size).toBe(10_000_000 * "line ".length + 78_888_890);
    expect(path.startsWith(logs)).toBe(true);
  }, 240_000);
});

it("what is cut says the same when the cell runs again", async () => {
  const source = "for (let i = 0; i < 20_100; i++) console.log(i)";
  const shown = async () => {
    const { stdout, stderr } = await kernel.run(source, { number: 3 });
    return [stdout, stderr];
  };
  const first = await shown();
  expect(first[1]).toContain("The whole is written to ");
  expect(await shown()).toEqual(first);
});

describe("what a cell shows in a loop", () => {
  it("is one message for many updates, and the last one counts", async () => {
    const { events, outputs } = await kernel.run(
      "import { display } from 'dnb'; const h = display(0); for (let i = 1; i <= 20_000; i++) h.update(i)",
    );
    expect(outputs).toEqual([[{ mime: "text/plain", text: "20000" }]]);
    expect(events.filter(({ type }) => type === "update").length).toBeLessThan(40);
  });

  it("is text after 500 outputs", async () => {
    const { stdout, stderr, outputs } = await kernel.run(
      "import { display } from 'dnb'; for (let i = 0; i < 600; i++) { const h = display([i]); if (i === 599) h.update('changed') }",
    );
    expect(outputs).toHaveLength(MOST_DISPLAYS);
    expect(stderr).toBe("… More than 500 outputs. Further ones are text:\n");
    expect(stdout.split("\n").slice(0, 1)).toEqual(["[ 500 ]"]);
    expect(stdout.trimEnd().split("\n").slice(-2)).toEqual(["[ 599 ]", "'changed'"]);
  });

  it("an update of a display reaches every cell that shows it, also a later one", async () => {
    const { events } = await kernel.run(
      "import { display } from 'dnb'; const shared = display('a', { id: 'mine' }); display('b', { id: 'mine' })",
    );
    expect(events.flatMap((event) => (event.type === "display" ? [event.display] : []))).toEqual([
      "mine",
      "mine",
    ]);
    const later = await kernel.run("shared.update('c')");
    expect(later.events).toContainEqual({
      type: "update",
      notebook: kernel.notebook,
      display: "mine",
      items: [{ mime: "text/plain", text: "'c'" }],
    });
  });
});

describe("console", () => {
  it("prints tables, groups and both streams, with escapes and carriage returns as they are", async () => {
    const { stdout, stderr } = await kernel.run(String.raw`
      console.table([{ a: 1, b: 'x' }, { a: 22 }]);
      console.group('group'); console.info('in %s: %d', 'it', 5); console.groupEnd();
      console.warn('careful'); console.error(new Error('shown').message);
      process.stdout.write('50 %\r'); process.stdout.write('100 %\r\n');
      console.log('\u001b[31mred\u001b[39m');
      console.assert(1 > 2, 'no'); console.count(); console.count();
      process.stdout.write('done', () => console.log(' and called back'));
      await new Promise((resolve) => setTimeout(resolve, 20));`);
    expect(stdout).toContain("│ 1       │ 22 │     │\n");
    expect(stdout).toContain("group\n  in it: 5\n50 %\r100 %\r\n\u001b[31mred\u001b[39m\n");
    expect(stdout).toContain("default: 1\ndefault: 2\ndone and called back\n");
    expect(stderr).toBe("careful\nshown\nAssertion failed: no\n");
  });

  it("decodes bytes that come in pieces", async () => {
    const { stdout } = await kernel.run(
      "const bytes = Buffer.from('é変'); for (const b of bytes) process.stdout.write(Uint8Array.of(b)); process.stdout.write('e9', 'hex' as any)",
    );
    expect(stdout.startsWith("é変")).toBe(true);
  });
});

it("a cell that may fail leaves those behind it in the queue", async () => {
  const { notebook, client } = kernel;
  const execute = (execution: string, source: string, mayFail = false) =>
    client.request({
      type: "execute",
      notebook,
      execution,
      cell: { id: execution, number: 1 },
      source,
      ...(mayFail && { mayFail }),
    });
  const ends = await Promise.all([
    execute("q1", "throw new Error('first')", true),
    execute("q2", "const = 1", true),
    execute("q3", "'runs'"),
    execute("q4", "null.x"),
    execute("q5", "'cancelled'"),
  ]);
  expect(ends.map(({ outcome }) => outcome)).toEqual(["error", "error", "ok", "error", "cancelled"]);
});

import { afterEach, expect, it } from "vitest";
import { KernelGone } from "../../src/kernel/client/kernelClient.js";
import { TestKernel } from "./startKernel.js";

let kernel: TestKernel;
afterEach(() => kernel.close());

const OPEN =
  "import { openSession } from 'dnb'; const s = await openSession('fashion'); (await s.sample({ seeds: [1] })).images.length";

interface Crash {
  readonly name: string;
  readonly source: string;
  readonly reason: RegExp;
}

/** What ends the notebook's thread alone. */
const threads: readonly Crash[] = [
  {
    name: "process.exit",
    source: "console.error('bye'); process.exit(3)",
    reason: /ended with code 3 \(process\.exit\)/,
  },
  {
    name: "memory that grows for ever",
    source: "const hoard: unknown[] = []; for (;;) hoard.push(new Array(1000).fill(hoard.length))",
    reason: /ran out of the memory that JavaScript may use of 96 MB\. The setting “dnb\.heapLimit”/,
  },
];

it.each(threads)(
  "$name ends the variables within 2 s; models, process and queue are fine",
  async ({ source, reason }) => {
    kernel = await TestKernel.open({ DNB_HEAP_LIMIT: "96" });
    expect(await kernel.shows(OPEN)).toBe("1");
    const { pid } = await kernel.client.hello();
    const begun = performance.now();
    const running = kernel.run(source);
    const waiting = kernel.run("'waiting'");
    const { result } = await running;
    if (!source.includes("hoard")) expect(performance.now() - begun).toBeLessThan(2000);
    expect(result).toMatchObject({ outcome: "error", error: { name: "KernelError" } });
    expect(result.error?.message).toMatch(reason);
    expect(result.error?.message).toContain("variables of this notebook are gone; loaded models stay");
    expect((await waiting).result.outcome).toBe("cancelled");
    expect(await kernel.shows("typeof s")).toBe("'undefined'");
    expect((await kernel.client.hello()).pid).toBe(pid);
    const again = performance.now();
    expect(await kernel.shows(OPEN)).toBe("1");
    expect(performance.now() - again).toBeLessThan(3000);
  },
  60_000,
);

/** What ends the process. */
const ends: readonly (Crash & { readonly signal: string })[] = [
  {
    name: "a segmentation fault",
    source:
      "require('node:fs').writeSync(2, 'last words\\n'); process.kill(process.pid, 'SIGSEGV'); await new Promise(() => {})",
    reason: /SIGSEGV[^]*last words/,
    signal: "SIGSEGV",
  },
  {
    name: "SIGKILL",
    source:
      "require('node:fs').writeSync(2, 'last words\\n'); process.kill(process.pid, 'SIGKILL'); await new Promise(() => {})",
    reason: /SIGKILL[^]*last words/,
    signal: "SIGKILL",
  },
  {
    name: "native code that aborts",
    source:
      "require('node:fs').writeSync(2, 'last words\\n'); process.kill(process.pid, 'SIGABRT'); await new Promise(() => {})",
    reason: /SIGABRT[^]*last words/,
    signal: "SIGABRT",
  },
];

it.runIf(process.platform !== "win32").each(ends)(
  "$name fails the running cell within 2 s, with the signal and the last words; the next kernel loads the model anew",
  async ({ source, reason, signal }) => {
    kernel = await TestKernel.open();
    await kernel.run("1");
    const begun = performance.now();
    const [running, waiting] = await Promise.allSettled([kernel.run(source), kernel.run("'waiting'")]);
    expect(performance.now() - begun).toBeLessThan(2000);
    for (const end of [running, waiting]) {
      const error = (end as PromiseRejectedResult).reason as KernelGone;
      expect(error).toBeInstanceOf(KernelGone);
      expect(error.exit.signal).toBe(signal);
      expect(error.message).toMatch(reason);
    }
    kernel.close();
    kernel = await TestKernel.open();
    expect(await kernel.shows(OPEN)).toBe("1");
  },
  60_000,
);

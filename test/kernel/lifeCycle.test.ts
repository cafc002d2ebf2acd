import { afterEach, describe, expect, it } from "vitest";
import { KernelClient, KernelError, KernelGone } from "../../src/kernel/client/kernelClient.js";
import { TestKernel } from "./startKernel.js";

let kernel: TestKernel;
afterEach(() => kernel.close());

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("restart", () => {
  it("takes the variables within 200 ms", async () => {
    kernel = await TestKernel.open();
    await kernel.run("const x = 1");
    // The spare is made a moment after the first cells have begun.
    await sleep(1500);
    const asked = performance.now();
    await kernel.client.request({ type: "restart", notebook: kernel.notebook });
    expect(await kernel.shows("typeof x")).toBe("'undefined'");
    expect(performance.now() - asked).toBeLessThan(200);
  });

  it("ends the running cell and cancels the waiting ones", async () => {
    kernel = await TestKernel.open();
    const running = kernel.run("for (;;);");
    const waiting = kernel.run("1");
    await sleep(300);
    await kernel.client.request({ type: "restart", notebook: kernel.notebook });
    expect((await running).result).toMatchObject({
      outcome: "interrupted",
      error: { message: "The kernel was restarted." },
    });
    expect((await waiting).result.outcome).toBe("cancelled");
    expect(await kernel.shows("2")).toBe("2");
  });

  // A thread that is ended at the wrong moment could take the whole process with it: the worst moments known.
  it.each([
    ["a loop after an await", "await 1; for (;;);"],
    ["a loop of microtasks", "for (;;) await null"],
    ["a loop in a timer", "setInterval(() => { for (;;); }, 1); await new Promise(() => {})"],
    ["a regular expression after an await", "await 1; /^(a+)+$/.test('a'.repeat(60) + 'b')"],
    ["a loop that prints", "while (true) console.log('x')"],
    [
      "a model's work",
      "import { openSession } from 'dnb'; const s = await openSession(); await s.sample({ seeds: Array.from({ length: 90 }, (_, i) => i) })",
    ],
  ])("leaves the process alive in the middle of %s", async (_, source) => {
    kernel = await TestKernel.open();
    const { pid } = await kernel.client.hello();
    for (const pause of [20, 90, 250]) {
      const running = kernel.run(source);
      await sleep(pause);
      await kernel.client.request({ type: "restart", notebook: kernel.notebook });
      expect((await running).result.outcome).toBe("interrupted");
    }
    expect(await kernel.shows("3")).toBe("3");
    expect((await kernel.client.hello()).pid).toBe(pid);
  });

  it("may be asked for as often as one likes", async () => {
    kernel = await TestKernel.open();
    for (let i = 0; i < 6; i++) {
      void kernel.run("await new Promise(() => {})");
      await kernel.client.request({ type: "restart", notebook: kernel.notebook });
    }
    expect(await kernel.shows("3")).toBe("3");
  });
});

describe("the end of the kernel", () => {
  it("by SIGKILL ends every request within 2 s, with the signal", async () => {
    kernel = await TestKernel.open();
    await kernel.run("console.log('up')");
    const { pid } = await kernel.client.hello();
    const pending = [
      kernel.run("for (;;);"),
      kernel.run("1"),
      kernel.client.request({ type: "restart", notebook: "other" }),
    ];
    const ends = Promise.allSettled(pending.slice(0, 2));
    await sleep(100);
    const killed = performance.now();
    process.kill(pid, "SIGKILL");
    for (const end of await ends) {
      expect(end.status).toBe("rejected");
      const { reason } = end as PromiseRejectedResult;
      expect(reason).toBeInstanceOf(KernelGone);
      expect((reason as KernelGone).exit.signal).toBe("SIGKILL");
    }
    expect(performance.now() - killed).toBeLessThan(2000);
    expect(kernel.events.filter(({ type }) => type === "exited")).toHaveLength(1);
    // Afterwards every request is refused at once, and a new kernel starts.
    await expect(kernel.client.request({ type: "ping" })).rejects.toBeInstanceOf(KernelGone);
    kernel.close();
    kernel = await TestKernel.open();
    expect(await kernel.shows("1 + 1")).toBe("2");
  });

  it("carries the last lines of stderr", async () => {
    kernel = await TestKernel.open();
    const { pid } = await kernel.client.hello();
    const ended = new Promise<string>((resolve) =>
      kernel.client.onEvent((event) => {
        if (event.type === "exited") resolve(event.stderr);
      }),
    );
    await kernel.run("require('node:fs').writeSync(2, 'native complaint\\n')");
    process.kill(pid, "SIGKILL");
    expect(await ended).toBe("native complaint");
    expect(kernel.events).toContainEqual({ type: "log", level: "warning", text: "native complaint\n" });
  });

  it("comes with the end of its client", async () => {
    kernel = await TestKernel.open();
    const { pid } = await kernel.client.hello();
    void kernel.run("for (;;);").catch(() => undefined);
    await sleep(300);
    kernel.client.dispose();
    const deadline = performance.now() + 3000;
    const isAlive = (): boolean => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };
    while (isAlive() && performance.now() < deadline) await sleep(50);
    expect(isAlive()).toBe(false);
  });

  it("by shutdown is no accident", async () => {
    kernel = await TestKernel.open();
    await kernel.client.request({ type: "shutdown" });
    await sleep(600);
    expect(kernel.client.exit).toMatchObject({ code: 0, reason: "The kernel has ended." });
  });

  it("is explained when it could not even start", async () => {
    kernel = new TestKernel();
    const client = new KernelClient({ node: "/nowhere/node", script: "none.js" });
    await expect(client.hello()).rejects.toThrow(/could not be started.*\/nowhere\/node/s);
    const crashing = new KernelClient({ node: process.execPath, script: "/nowhere/kernel.js" });
    await expect(crashing.hello()).rejects.toThrow(/exit code 1[^]*Cannot find module/);
  });
});

describe("notebooks", () => {
  it("do not see each other's variables", async () => {
    kernel = await TestKernel.open();
    await kernel.run("const mine = 1");
    await kernel.client.request({ type: "open", notebook: "b", directory: kernel.directory });
    const cell = { id: "c", number: 1 };
    const other = await kernel.client.request({
      type: "execute",
      notebook: "b",
      execution: "b1",
      cell,
      source: "typeof mine",
    });
    expect(other.outcome).toBe("ok");
    const shown = kernel.events.find((event) => event.type === "display" && event.notebook === "b");
    expect(shown).toMatchObject({ items: [{ mime: "text/plain", text: "'undefined'" }] });
    // One computes, the other goes on.
    void kernel.run("for (;;);").catch(() => undefined);
    await sleep(100);
    const execution = { type: "execute", notebook: "b", execution: "b2", cell, source: "2" } as const;
    expect((await kernel.client.request(execution)).outcome).toBe("ok");
    await kernel.client.request({ type: "close", notebook: "b" });
    await expect(kernel.client.request({ ...execution, execution: "b3" })).rejects.toThrow(/not open/);
  });

  it("do not get what the kernel was started with", async () => {
    kernel = await TestKernel.open({ ELECTRON_RUN_AS_NODE: "1", NODE_OPTIONS: "--no-warnings" });
    expect(await kernel.shows("['ELECTRON_RUN_AS_NODE', 'NODE_OPTIONS'].filter(k => k in process.env)")).toBe(
      "[]",
    );
    expect(
      await kernel.shows(
        "import w from 'node:worker_threads'; [w.workerData, w.parentPort?.constructor.name]",
      ),
    ).toBe("[ null, 'MessagePort' ]");
  });
});

it("refuses what it does not know, and says what to do", async () => {
  kernel = await TestKernel.open();
  await expect(
    kernel.client.request({ type: "snapshot", notebook: kernel.notebook, run: "s1" }),
  ).rejects.toThrow(/does not know the search s1\. Run the cell/);
  const stranger = { type: "search", notebook: "none", run: "s1", action: { kind: "run" } } as const;
  await expect(kernel.client.request(stranger)).rejects.toBeInstanceOf(KernelError);
  await expect(kernel.client.request({ type: "hello", protocol: 99 })).rejects.toThrow(/speaks protocol 1/);
});

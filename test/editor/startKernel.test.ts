import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { KernelConnection } from "../../src/editor/kernelConnection.js";
import { detachedKernels } from "../../src/editor/startKernel.js";

const folder = mkdtempSync(join(tmpdir(), "dnb-start-"));
const runtime = process.env["XDG_RUNTIME_DIR"];
beforeAll(() => void (process.env["XDG_RUNTIME_DIR"] = folder));
afterAll(() => {
  if (runtime === undefined) delete process.env["XDG_RUNTIME_DIR"];
  else process.env["XDG_RUNTIME_DIR"] = runtime;
  rmSync(folder, { recursive: true, force: true });
});

const own = process.execPath;
let live: KernelConnection | undefined;
afterEach(async () => {
  process.execPath = own;
  await end();
});

/** Ends the kernel, which would outlive the test, and waits until it is gone. */
async function end(): Promise<void> {
  if (!live) return;
  const { pid } = live;
  live = undefined;
  process.kill(pid);
  await expect.poll(() => isThere(pid), { timeout: 10_000 }).toBe(false);
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Starts a kernel as the editor does, and says what was logged. */
async function start(node: string): Promise<string[]> {
  const said: string[] = [];
  const tell = (text: string | Error): void => void said.push(String(text));
  const settings = {
    ...{ node, model: "fashion", cache: "none", cacheSize: 1, code: "", logs: folder },
    ...{ device: "cpu", heapLimit: 0, memoryLimit: 0, idle: 5 },
  };
  const log = { info: tell, warn: tell, error: tell };
  live = await detachedKernels(
    resolve("dist/kernel.js"),
    () => settings,
    async () => ({}),
    log,
  ).start(folder);
  return said;
}

it("runs with the Node that runs the extensions", async () => {
  expect(await start("")).toEqual([expect.stringContaining(`(${own}), in ${folder}`)]);
});

it("else with the one on the PATH, and says why", async () => {
  process.execPath = "/nowhere/electron";
  const said = await start("");
  expect(said[0]).toMatch(/did not start with \/nowhere\/electron: .*ENOENT/);
  expect(said[1]).toContain("(node), in ");
});

it("with the one of the setting and no other: a mistake there is told, not passed over", async () => {
  expect((await start(own))[0]).toContain(own);
  await end();
  await expect(start("/nowhere/node")).rejects.toThrow(
    /could not be started: .*ENOENT.*tried \/nowhere\/node/,
  );
  await expect(start("/bin/false")).rejects.toThrow(/stopped|exit code/);
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, expect, it } from "vitest";
import type { KernelConnection } from "../../src/editor/kernelConnection.js";
import { kernelStarter } from "../../src/editor/startKernel.js";

const folder = mkdtempSync(join(tmpdir(), "dnb-start-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const own = process.execPath;
let live: KernelConnection | undefined;
afterEach(() => {
  process.execPath = own;
  live?.kill();
  live = undefined;
});

/** Starts a kernel as the editor does, and says what was logged. */
async function start(node: string): Promise<string[]> {
  const said: string[] = [];
  const tell = (text: string | Error): void => void said.push(String(text));
  const settings = {
    ...{ node, model: "fashion", cache: "none", cacheSize: 1, code: "", logs: folder },
    ...{ device: "cpu", heapLimit: 0, memoryLimit: 0 },
  };
  const log = { info: tell, warn: tell, error: tell };
  live = await kernelStarter(
    resolve("dist/kernel.js"),
    () => settings,
    async () => ({}),
    log,
  )(folder);
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
  live?.kill();
  await expect(start("/nowhere/node")).rejects.toThrow(
    /could not be started: .*ENOENT.*tried \/nowhere\/node/,
  );
  await expect(start("/bin/false")).rejects.toThrow(/stopped|exit code/);
});

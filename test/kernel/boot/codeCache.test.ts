import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, expect, it } from "vitest";
import { TestKernel } from "../startKernel.js";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "dnb-code-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What a bundle says that is run by the kernel's own boot script and lives for a while. */
function boot(source: string, cache: string, life = 2600): Promise<unknown> {
  const path = join(folder, "bundle.js");
  writeFileSync(path, source);
  const worker = new Worker(resolve("dist/boot.js"), {
    argv: [path],
    env: { ...process.env, DNB_CODE_CACHE: cache },
  });
  return new Promise((done, reject) => {
    let said: unknown;
    worker.on("message", (message) => {
      said = message;
      setTimeout(() => void worker.terminate(), life);
    });
    worker.on("error", reject);
    worker.on("exit", () => done(said));
  });
}

const says = (text: string): string =>
  `const { parentPort } = require("node:worker_threads"); setInterval(() => {}, 100); parentPort.postMessage([${text}, typeof module.exports, __dirname, process.argv.length, process.env.DNB_CODE_CACHE === undefined]);`;

it("a bundle runs as Node would run it, and its code is kept for this user alone", async () => {
  const cache = join(folder, "cache");
  const expected = ["object", folder, 2, true];
  expect(await boot(says("1"), cache)).toEqual([1, ...expected]);
  const [name] = readdirSync(cache);
  expect(readdirSync(cache)).toHaveLength(1);
  expect(name).toContain(`bundle-${process.version}-${process.arch}-`);
  if (process.platform !== "win32") {
    expect(statSync(cache).mode & 0o777).toBe(0o700);
    expect(statSync(join(cache, name!)).mode & 0o777).toBe(0o600);
  }
  // Another bundle of the same length does not run the old one's code, and takes its place.
  await sleep(20);
  expect(await boot(says("2"), cache)).toEqual([2, ...expected]);
  expect(readdirSync(cache)).toHaveLength(1);
  expect(readdirSync(cache)).not.toContain(name);
}, 20_000);

it("damage in the cache, or a folder that is none, costs nothing but time", async () => {
  const cache = join(folder, "cache");
  await boot(says("1"), cache);
  const [name] = readdirSync(cache);
  const whole = readFileSync(join(cache, name!));
  const mtime = statSync(join(folder, "bundle.js")).mtime;
  writeFileSync(join(cache, name!), whole.subarray(0, 50));
  const { utimesSync } = await import("node:fs");
  const again = boot(says("1"), cache);
  utimesSync(join(folder, "bundle.js"), mtime, mtime);
  expect(((await again) as unknown[])[0]).toBe(1);
  writeFileSync(join(folder, "file"), "");
  expect(((await boot(says("3"), join(folder, "file", "x"))) as unknown[])[0]).toBe(3);
}, 20_000);

it("a kernel starts from its cache, and runs the same", async () => {
  const env = { DNB_CODE_CACHE: join(folder, "cache") };
  for (const round of [1, 2]) {
    const kernel = await TestKernel.open(env);
    expect(await kernel.shows("enum E { A = 5 } const f = (x: number): number => x * E.A; f(2)")).toBe("10");
    expect(await kernel.shows("process.env.DNB_CODE_CACHE")).toBe(undefined);
    if (round === 1) await sleep(3200);
    kernel.close();
  }
  expect(
    readdirSync(env.DNB_CODE_CACHE)
      .map((name) => name.split("-")[0])
      .sort(),
  ).toEqual(["cells", "compiler"]);
}, 30_000);

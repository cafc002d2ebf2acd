// What benchmarks share: a kernel to measure, medians, and the table they print.
import { build } from "esbuild";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

export const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export async function timed(work) {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Prints figures and gives the number of those that miss their target. `at`: "most" or "least". */
export function report(figures) {
  let missed = 0;
  for (const { name, value, unit, target, at = "most", beside = "" } of figures) {
    const met = target === undefined || (at === "most" ? value <= target : value >= target);
    if (!met) missed++;
    const goal = target === undefined ? "" : `${met ? "ok   " : "MISS "} (at ${at} ${target} ${unit})`;
    console.log(
      `  ${name.padEnd(50)} ${value.toFixed(2).padStart(9)} ${unit.padEnd(6)} ${goal.padEnd(28)} ${beside}`,
    );
  }
  return missed;
}

/** A started kernel with one notebook open; `environment`: on top of this process's. */
export async function startKernel(environment = {}) {
  const { KernelClient } = await client();
  const directory = mkdtempSync(join(tmpdir(), "dnb-bench-"));
  const env = { ...process.env, ...environment };
  const kernel = new KernelClient({ node: process.execPath, script: resolve("dist/kernel.js"), env });
  const notebook = "bench";
  let count = 0;
  await kernel.request({ type: "open", notebook, directory });
  return {
    client: kernel,
    notebook,
    async run(source) {
      const execution = `b${++count}`;
      const cell = { id: "bench", number: 1 };
      const result = await kernel.request({ type: "execute", notebook, execution, cell, source });
      if (result.outcome !== "ok") throw new Error(`${result.error?.name}: ${result.error?.message}`);
    },
    close() {
      kernel.dispose();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

let bundled;

/** The client is TypeScript: bundled once into a folder of its own. */
async function client() {
  bundled ??= (async () => {
    mkdirSync("out/bench", { recursive: true });
    const outfile = resolve("out/bench/kernelClient.mjs");
    const entryPoints = ["src/kernel/client/kernelClient.ts"];
    await build({ entryPoints, outfile, bundle: true, platform: "node", format: "esm", logLevel: "error" });
    return import(pathToFileURL(outfile).href);
  })();
  return bundled;
}

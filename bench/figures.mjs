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

/** A kernel started as the editor does, detached and on a socket, with one notebook open; `environment`: on top of this process's. */
export async function startKernel(environment = {}) {
  const { kernelPlace, kernelRoom, startDetachedKernel } = await client();
  const directory = mkdtempSync(join(tmpdir(), "dnb-bench-"));
  const { client: kernel } = await startDetachedKernel({
    node: process.execPath,
    script: resolve("dist/kernel.js"),
    env: { ...process.env, ...environment },
    place: kernelPlace(kernelRoom({ XDG_RUNTIME_DIR: directory }), directory),
    idle: 60,
  });
  const notebook = "bench";
  let count = 0;
  let printed = "";
  kernel.onEvent((event) => {
    if (event.type === "stream") printed += event.text;
  });
  await kernel.request({ type: "open", notebook, directory });
  return {
    client: kernel,
    notebook,
    /** What the cell prints, as JSON. */
    async ask(source) {
      printed = "";
      await this.run(source);
      return JSON.parse(printed);
    },
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

/**
 * Source of a cell that has `bareGraph(file)`: a loop of InferenceSession.run in the cell's own thread, so that a turn of it and one through
 * the engine lie side by side with no cell to compile between them.
 */
export const BARE = `
  import { createRequire } from "node:module";
  import { readFileSync } from "node:fs";
  const { InferenceSession, Tensor } = createRequire(${JSON.stringify(resolve("package.json"))})("onnxruntime-node");
  const bareGraph = async (file: string) => {
    const session = await InferenceSession.create(readFileSync(file), {
      executionProviders: ["cpu"],
      intraOpNumThreads: 1,
      interOpNumThreads: 1,
      extra: { session: { intra_op: { allow_spinning: "0" } } },
    });
    return async (feeds: any, times: number) => {
      const started = performance.now();
      for (let i = 0; i < times; i++) await session.run(feeds);
      return performance.now() - started;
    };
  };
  /** Milliseconds of work and of a bare loop in turns, so that whatever else the machine does burdens both; a loop before and after each work. */
  const inTurns = async (work: () => Promise<number>, loop: () => Promise<number>, count: number) => {
    await work();
    await loop();
    const times = { bare: [await loop()], own: [] as number[] };
    for (let i = 0; i < count; i++) {
      times.own.push(await work());
      times.bare.push(await loop());
    }
    return times;
  };
  const chance = (sides: number[]) => new Tensor("float32", Float32Array.from({ length: sides.reduce((a, b) => a * b, 1) }, () => Math.random() * 2 - 1), sides);
  const timed = async (work: () => Promise<unknown>) => {
    const started = performance.now();
    await work();
    return performance.now() - started;
  };
`;

/** Of what `inTurns` found: the speed of the work beside the bare loop's. */
export const besideBare = ({ bare, own }) => median(own.map((time, i) => (bare[i] + bare[i + 1]) / 2 / time));

let bundled;

/** The client is TypeScript: bundled once into a folder of its own. */
async function client() {
  bundled ??= (async () => {
    mkdirSync("out/bench", { recursive: true });
    const outfile = resolve("out/bench/kernelClient.mjs");
    const contents = 'export * from "./detachedKernel.js"; export * from "./kernelRoom.js";';
    const stdin = { contents, resolveDir: resolve("src/kernel/client"), loader: "ts" };
    await build({ stdin, outfile, bundle: true, platform: "node", format: "esm", logLevel: "error" });
    return import(pathToFileURL(outfile).href);
  })();
  return bundled;
}

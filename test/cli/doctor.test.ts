import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { diagnosisText } from "../../src/cli/doctor/diagnosisText.js";
import type { Diagnosis } from "../../src/kernel/protocol.js";
import { writeTinyPipeline } from "../search/helpers/tinyModel.js";

const dnb = (...args: string[]) =>
  promisify(execFile)(process.execPath, [resolve("dist/cli.js"), "doctor", ...args]);

let cache: string;
beforeEach(() => (cache = mkdtempSync(join(tmpdir(), "dnb-doctor-"))));
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

test("doctor tries every device of the runtime, and times the threads of this machine for the sessions to come", async () => {
  const { stdout } = await dnb("--json", "--cache", cache);
  const found = JSON.parse(stdout) as Diagnosis;
  expect(found).toMatchObject({ node: process.version, cores: cpus().length });
  expect(found.runtime).toMatch(/^\d+\.\d+\.\d+$/);
  expect(found.devices.map(({ device }) => device).sort()).toEqual([
    "coreml",
    "cpu",
    "cuda",
    "dml",
    "webgpu",
  ]);
  expect(found.devices.find(({ device }) => device === "cpu")).toMatchObject({ works: true });
  for (const { device, works, reason, advice, milliseconds } of found.devices) {
    if (works) expect(milliseconds).toBeGreaterThan(0);
    else expect(reason).not.toBe("");
    // Advice is for what this machine could have.
    if (process.platform === "linux" && (device === "dml" || device === "coreml")) expect(advice).toBe("");
    else if (!works) expect(advice).not.toBe("");
  }
  // What a session of the embedded model runs on, as it was found by running it.
  expect(found.model).toMatchObject({ name: "emoji", parts: [{ part: "denoiser" }] });
  for (const { nodes, milliseconds } of found.model!.parts[0]!.providers!)
    expect([nodes > 0, milliseconds > 0]).toEqual([true, true]);
  expect(found.threads[0]!.milliseconds).toBeGreaterThan(0);
  expect(found.threads.map(({ threads }) => threads)).toContain(found.bestThreads);
  const file = join(cache, "calibration/threads.json");
  const known = JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
  const atMost = expect.toSatisfy((threads: number) => threads <= cpus().length) as number;
  // Of the model, and of a product of matrices for those that are too large to be timed.
  expect(Object.values(known)).toEqual([found.bestThreads, atMost]);
  // What an earlier day had measured gives way.
  for (const key of Object.keys(known)) known[key] = 100;
  writeFileSync(file, JSON.stringify(known));
  await dnb("--cache", cache);
  expect(Object.values(JSON.parse(readFileSync(file, "utf8")) as Record<string, number>)).toEqual([
    atMost,
    atMost,
  ]);
}, 60_000);

test("what does not work is told with the reason, and what to do once more at the end", () => {
  const text = diagnosisText({
    ...{ version: "1.0.0", vscode: "^1.120.0", node: "v20.1.0", platform: "linux x64", runtime: "1.30.0" },
    ...{ processor: "EPYC", cores: 2, memoryBytes: 16 * 2 ** 30, freeBytes: 2 ** 30 },
    adapters: [{ name: "NVIDIA H100", memoryBytes: 80 * 2 ** 30, driver: "550" }],
    devices: [
      { device: "cuda", works: false, reason: "a file is missing", advice: "Put it there." },
      { device: "cpu", works: true, milliseconds: 0.31 },
    ],
    threads: [
      { threads: 1, milliseconds: 30 },
      { threads: 2, milliseconds: 41 },
    ],
    bestThreads: 1,
    model: {
      name: "fashion",
      provider: "cuda",
      parts: [
        {
          part: "denoiser",
          provider: "cuda",
          providers: [
            { provider: "cuda", nodes: 40, milliseconds: 3.21 },
            { provider: "cpu", nodes: 2, milliseconds: 0.1 },
          ],
          fallbackOperators: ["Shape", "Gather"],
        },
        { part: "classifier", provider: "cpu" },
      ],
      tried: [
        { device: "dml", reason: "there is none", advice: "" },
        {
          device: "cuda",
          reason: "classifier does not run there, and runs on the CPU: out of memory",
          advice: "",
        },
      ],
    },
  });
  expect(text).toBe(`Diffusion Notebook 1.0.0, for VS Code ^1.120.0
Node.js 20.1.0 on linux x64, onnxruntime 1.30.0
Processor  EPYC, 2 cores
Memory     16.0 GB, 1.0 GB of it free
Graphics   NVIDIA H100, 80.0 GB, driver 550

Device  Here
cuda    no: a file is missing
cpu     works (0.31 ms there and back)

Threads    1 is fastest now (8 images of the embedded model, 1: 30.0 ms, 2: 41.0 ms)

Model      fashion, opened as a session does, runs on cuda
  denoiser: cuda 40 operators in 3.2 ms, cpu 2 operators in 0.1 ms (Shape, Gather)
  classifier: cpu
  classifier does not run there, and runs on the CPU: out of memory

For more
cuda: Put it there.
`);
});

test("doctor opens the model that it is asked for, and says of one that does not open what is wrong", async () => {
  const folder = join(cache, "model");
  await writeTinyPipeline(folder);
  // No embedded model to be timed.
  vi.stubEnv("DNB_MODELS", cache);
  const { stdout } = await dnb("--cache", "none", "--model", folder);
  expect(stdout).toMatch(
    /^Model {6}model, opened as a session does, runs on \w+\n {2}denoiser: \w+ \d+ operators in \d+\.\d ms/m,
  );
  await expect(dnb("--cache", "none", "--model", join(cache, "none"))).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^dnb: There is no model folder .*none\.\n$/) as string,
  });
}, 60_000);

test("an argument that there is not is wrong usage", async () => {
  await expect(dnb("cuda")).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('takes no "cuda"') as string,
  });
});

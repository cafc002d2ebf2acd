import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DeviceReport } from "../../../../src/search/engine/deviceReport.js";
import { encodeGraph } from "../../../../src/search/onnx/graph/encodeGraph.js";
import { runScript } from "../../helpers/childScript.js";
import { hasSoftwareGpu, softwareGpu } from "../../helpers/softwareGpu.js";
import { throughHalves, writeTinyModel, writeTinyPipeline } from "../../helpers/tinyModel.js";

// One process does everything: on SwiftShader a session's first call takes seconds.
const script = `
import { openModel } from "./src/search/onnx/openModel.js";
import { openScorer } from "./src/search/onnx/verifiers/openScorer.js";
import { priorId, denoiseId } from "./src/search/engine/tensorId.js";
import { parseSampling } from "./src/search/sampling.js";
import { TextEncoder } from "./src/search/onnx/diffusers/textEncoder.js";
import { PipelineFolder } from "./src/search/onnx/diffusers/pipelineFolder.js";
import { FolderFiles } from "./src/search/onnx/files/folderFiles.js";
const calls = { trajectory: 0, velocity: 0 };
const wrap = (denoiser) => ({
  velocity: (...p) => (calls.velocity++, denoiser.velocity(...p)),
  ...(denoiser.trajectory ? { trajectory: (...p) => (calls.trajectory++, denoiser.trajectory(...p)) } : {}),
  dispose: () => denoiser.dispose(),
});
const jobsOf = ({ model: { sha256, latent } }, solver, guidance, eta, extra = {}) =>
  [0, 1, 2].map((label) => {
    const key = { seed: 5 + label, path: "noise/0" };
    const id = priorId(latent, key);
    const stochastic = eta > 0 ? { stochastic: { eta, key: { seed: label, path: "step" } } } : {};
    const way = { solver, levels: [1, 0.75, 0.5, 0.25, 0], guidance, condition: { label }, ...stochastic, ...extra };
    return { noise: { id, how: "prior", key }, job: { id: denoiseId(sha256, id, way), from: id, ...way } };
  });
const ways = { euler: ["euler", 2, 0], unguided: ["euler", 1, 0], heun: ["heun", 2, 0], stochastic: ["euler", 2, 0.7],
  rescaled: ["euler", 2, 0, { rescale: 0.7 }],
  scheduler: [{ config: { _class_name: "FlowMatchEulerDiscreteScheduler", num_train_timesteps: 1000 }, steps: 4 }, 2, 0] };
const states = async (engine, jobs, signal) => {
  await engine.noise(jobs.map(({ noise }) => noise));
  const results = await engine.denoise(jobs.map(({ job }) => job), signal);
  const data = [];
  for (const [i, { job }] of jobs.entries())
    data.push(results[i].outcome === "done" ? [...(await engine.read(job.id)).data] : []);
  return { results, data };
};
const [cpu, gpu] = [await openModel(process.argv[2], { device: "cpu" }), await openModel(process.argv[2], { device: "webgpu" }, wrap)];
const report = { device: gpu.device, ways: {} };
async function compare(name, gpu, cpu, jobs) {
  const before = { ...calls };
  const [there, here] = [await states(gpu, jobs), await states(cpu, jobs)];
  const apart = Math.max(...there.data.flatMap((state, i) => state.map((value, j) => Math.abs(value - here.data[i][j]))));
  const size = Math.max(...here.data.flat().map(Math.abs));
  report.ways[name] = { apart, size, bills: [there.results, here.results].map((r) => r.map(({ nfe, forwards, outcome }) => [nfe, forwards, outcome])),
    trajectory: calls.trajectory - before.trajectory, velocity: calls.velocity - before.velocity };
}
for (const [name, way] of Object.entries(ways)) await compare(name, gpu, cpu, jobsOf(gpu, ...way));
const abort = new AbortController();
abort.abort();
report.aborted = (await states(gpu, jobsOf(gpu, "euler", 3, 0), abort.signal)).results;
await gpu.dispose();
const [there, here] = [await openModel(process.argv[3], { device: "webgpu" }, wrap), await openModel(process.argv[3], { device: "cpu" })];
report.folder = there.device;
const solvers = { ddim: {}, euler: {}, heun: {}, "dpmpp-2m": {}, "euler-ancestral": {}, bridge: { solver: "ddpm", eta: 0.5 }, pndm: {} };
for (const [name, asked] of Object.entries(solvers)) {
  const { model } = there;
  const key = { seed: 3, path: "noise/0" };
  const id = priorId(model.latent, key);
  const { methodAt, levels, guided, eta, condition } = parseSampling({ solver: name, steps: 3, condition: "b", ...asked }, model);
  const { solver, bridge, isStochastic } = methodAt(eta);
  const stochastic = { ...(bridge ? { eta: bridge } : {}), key: { seed: 1, path: "step" } };
  const way = { solver, levels, ...guided, condition: condition.condition, ...(isStochastic ? { stochastic } : {}) };
  await compare("folder: " + name, there, here, [{ noise: { id, how: "prior", key }, job: { id: denoiseId(model.sha256, id, way), from: id, ...way } }]);
}
await there.dispose();
await here.dispose();
// Parts that load there and fail when they run: the decoder of a folder, and a text encoder.
const halves = await openModel(process.argv[4], { device: "webgpu" });
await halves.noise([{ id: "z", how: "prior", key: { seed: 1, path: "noise/0" } }]);
const [decoded] = await halves.decode([{ id: "image", from: "z" }]);
report.halves = { device: halves.device, outcome: decoded.outcome };
await halves.dispose();
const folder = await PipelineFolder.open(await FolderFiles.open(process.argv[5]), { device: "webgpu", threads: 1 });
const encoder = await TextEncoder.load(folder, "");
const { dims } = encoder.output(await encoder.encode("a red house"), "last_hidden_state");
report.encoder = { dims, parts: folder.parts, elsewhere: folder.elsewhere };
await folder.release();
// Verifiers of folders: graphs that are one, and that are several.
const scored = async (folder, options, loading) => {
  const scorer = await openScorer("test/fixtures/verifiers/" + folder, options, loading);
  const pictures = [0, 1].map((k) => ({ width: 32, height: 32, channels: 3, data: Uint8Array.from({ length: 3072 }, (_, i) => (i * (7919 + k)) % 256) }));
  const scores = await scorer.score(pictures, pictures.map(() => ({ label: 1, prompt: "a cat" })));
  await scorer.dispose();
  return { device: scorer.device, scores: [...scores] };
};
report.verifiers = {};
for (const [name, options] of [["clip-split", { kind: "cosine" }], ["classifier", {}]])
  report.verifiers[name] = [await scored(name, { ...options, device: "webgpu" }), await scored(name, { ...options, device: "cpu" })];
report.preferred = await scored("classifier", {}, { device: "webgpu" });
const auto = await openModel(process.argv[2], { device: "auto" });
report.auto = auto.device;
await auto.dispose();
await cpu.dispose();
process.stdout.write(JSON.stringify(report));
`;

interface Way {
  readonly apart: number;
  readonly size: number;
  readonly bills: readonly [unknown, unknown];
  readonly trajectory: number;
  readonly velocity: number;
}

interface Scored {
  readonly device: DeviceReport;
  readonly scores: readonly number[];
}

interface Report {
  readonly device: DeviceReport;
  /** Of a diffusers folder. */
  readonly folder: DeviceReport;
  readonly ways: Readonly<Record<string, Way>>;
  readonly aborted: readonly { readonly outcome: string; readonly nfe: number }[];
  readonly auto: DeviceReport;
  /** There, and on the CPU. */
  readonly verifiers: Readonly<Record<string, readonly [Scored, Scored]>>;
  readonly preferred: Scored;
  readonly halves: { readonly device: DeviceReport; readonly outcome: string };
  readonly encoder: {
    readonly dims: readonly number[];
    readonly parts: DeviceReport["parts"];
    readonly elsewhere: readonly { readonly file: string; readonly reason: string }[];
  };
}

/** A folder with CLIP's tokenizer and a text encoder that computes in float16. */
async function writeHalfEncoder(folder: string): Promise<void> {
  await cp("test/fixtures/pipelines/sd1", folder, { recursive: true });
  const table = { name: "table", shape: [1100, 4], data: new Float32Array(4400).fill(0.5) };
  const encoder = encodeGraph({
    name: "embeddings",
    inputs: [{ name: "input_ids", type: "int64", shape: ["b", 77] }],
    outputs: [{ name: "last_hidden_state", shape: ["b", 77, 4] }],
    nodes: [
      { operator: "Gather", inputs: ["table", "input_ids"], outputs: ["full"] },
      ...throughHalves("full", "last_hidden_state"),
    ],
    constants: [table],
  });
  await writeFile(join(folder, "text_encoder/model.onnx"), encoder);
}

describe.runIf(hasSoftwareGpu)("WebGPU, computed by SwiftShader", () => {
  let folder: string;
  let report: Report;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "dnb-tiny-"));
    const places = ["own", "pipeline", "halves", "encoder"].map((name) => join(folder, name));
    const [own, pipeline, halves, encoder] = places as [string, string, string, string];
    await writeTinyModel(own);
    await writeTinyPipeline(pipeline);
    await writeTinyPipeline(halves, 1, true);
    await writeHalfEncoder(encoder);
    report = JSON.parse(await runScript(script, places, await softwareGpu())) as Report;
  }, 240_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("the probe finds the denoiser's operators there", () => {
    const { provider, providers, fallbackOperators, tried } = report.device;
    expect(provider).toBe("webgpu");
    expect(providers![0]).toMatchObject({ provider: "webgpu" });
    expect(providers![0]!.nodes).toBeGreaterThanOrEqual(5);
    expect(tried).toEqual([]);
    const elsewhere = providers!.slice(1).reduce((sum, { nodes }) => sum + nodes, 0);
    expect(fallbackOperators.length > 0).toBe(elsewhere > 0);
  });

  test.each(["euler", "unguided", "stochastic", "heun", "rescaled", "scheduler"])(
    "%s gives the CPU's states within 1e-3, at the same bill",
    (name) => {
      const { apart, size, bills } = report.ways[name]!;
      expect(size).toBeGreaterThan(0.5);
      expect(apart).toBeLessThan(1e-3);
      expect(bills[0]).toEqual(bills[1]);
    },
  );

  test("affine steps stay on the device from the first to the last", () => {
    for (const name of ["euler", "unguided", "stochastic", "heun", "scheduler"])
      expect(report.ways[name]).toMatchObject({ trajectory: 1, velocity: 0 });
    expect(report.ways["rescaled"]).toMatchObject({ trajectory: 0, velocity: 4 });
  });

  test("a diffusers folder runs there too, and stays there: epsilon, a learned variance beside it, guidance", () => {
    expect(report.folder).toMatchObject({ provider: "webgpu", precision: "float32" });
    for (const name of ["ddim", "euler", "heun", "dpmpp-2m", "euler-ancestral", "bridge", "pndm"]) {
      const { apart, size, bills, trajectory } = report.ways[`folder: ${name}`]!;
      expect(size).toBeGreaterThan(0.5);
      expect(apart, name).toBeLessThan(1e-3);
      expect(bills[0]).toEqual(bills[1]);
      // PNDM looks further back than a step.
      expect(trajectory, name).toBe(name === "pndm" ? 0 : 1);
    }
  });

  test("the parts beside the denoiser are tried there too, and the report has what ran where", () => {
    expect(report.folder.parts).toMatchObject([
      { part: "vae_decoder/model.onnx", provider: "webgpu", providers: [{ provider: "webgpu" }] },
    ]);
    expect(report.device.parts).toMatchObject([{ part: "classifier", provider: "webgpu" }]);
    for (const { providers } of [...report.folder.parts!, ...report.device.parts!])
      expect(providers![0]!.nodes).toBeGreaterThan(0);
  });

  test("a part that loads there and fails when it runs goes to the CPU, with the reason", () => {
    const { device, outcome } = report.halves;
    expect(device).toMatchObject({
      provider: "webgpu",
      parts: [{ part: "vae_decoder/model.onnx", provider: "cpu" }],
    });
    expect(device.tried!.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(
        /^vae_decoder\/model\.onnx does not run there, and runs on the CPU: .* requires f16/,
      ) as string,
    ]);
    expect(outcome).toBe("done");
    expect(report.encoder).toMatchObject({
      dims: [77, 4],
      parts: [{ part: "text_encoder/model.onnx", provider: "cpu" }],
      elsewhere: [{ file: "text_encoder/model.onnx" }],
    });
  });

  test.each(["clip-split", "classifier"])(
    "a verifier of a folder runs there: %s gives the CPU's scores within 1e-3, and says what ran where",
    (name) => {
      const [there, here] = report.verifiers[name]!;
      expect(here.device).toMatchObject({ provider: "cpu", parts: [] });
      expect(there.device).toMatchObject({ provider: "webgpu", tried: [] });
      const graphs = [there.device, ...there.device.parts!];
      expect(graphs).toHaveLength(name === "clip-split" ? 2 : 1);
      for (const { providers } of graphs) {
        expect(providers![0]!.provider).toBe("webgpu");
        expect(providers![0]!.nodes).toBeGreaterThan(0);
      }
      expect(new Set(here.scores).size).toBe(2);
      there.scores.forEach((score, i) => expect(Math.abs(score - here.scores[i]!)).toBeLessThan(1e-3));
    },
  );

  test("a setting is tried for a verifier before the processor, as auto tries it", () => {
    const { device, scores } = report.preferred;
    expect(device).toMatchObject({ provider: "cpu", tried: [{ device: "webgpu" }] });
    expect(scores).toEqual(report.verifiers["classifier"]![1].scores);
  });

  test("an abort ends the trajectory before the next evaluation", () => {
    for (const { outcome, nfe } of report.aborted) expect([outcome, nfe]).toEqual(["aborted", 0]);
  });

  test("auto does not take a GPU that is computed on the processor, and says so", () => {
    expect(report.auto.provider).toBe("cpu");
    expect(report.auto.tried!.find(({ device }) => device === "webgpu")!.reason).toContain(
      "its GPU is computed on the processor",
    );
  });
});

import { cp, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { autoBatch } from "../../../../src/search/onnx/autoBatch.js";
import { Session } from "../../../../src/search/index.js";
import { pipelineSizes } from "../../../../src/search/onnx/diffusers/pipelineFolder.js";
import { revised } from "../../../../src/search/onnx/diffusers/pipelineScheduler.js";
import { FolderFiles } from "../../../../src/search/onnx/files/folderFiles.js";
import { openModel } from "../../../../src/search/onnx/openModel.js";
import type { DiffusersSchedulerConfig } from "../../../../src/search/schedulers/scheduler.js";
import { schedulerFromConfig } from "../../../../src/search/schedulers/schedulerFromConfig.js";
import { parseSchedulerJson } from "../../../../src/search/schedulers/schedulerJson.js";
import { namedSolver } from "../../../../src/search/solvers/namedSolvers.js";
import type { Weights } from "../../../../src/search/onnx/weights.js";
import { pipelines } from "./reference.js";

test("a pipeline's folder becomes an engine: its card, what runs it, and decoded latents", async () => {
  const seen: [number, number][] = [];
  const engine = await openModel(
    join(pipelines, "sdxl"),
    { device: "cpu", batch: 2, threads: 1, width: 24, height: 16 },
    undefined,
    {},
    { progress: (done, total) => seen.push([done, total]) },
  );
  expect(engine.model).toMatchObject({
    ...{ name: "sdxl", image: [3, 16, 24], latent: [4, 8, 12], prediction: "epsilon", textConditioned: true },
    scheduler: { _class_name: "EulerDiscreteScheduler" },
  });
  expect(engine.device).toMatchObject({ provider: "cpu", precision: "float32", batch: 2, threads: 1 });
  expect(engine.device.providers).toMatchObject([{ provider: "cpu" }]);
  expect(engine.device.providers![0]!.nodes).toBeGreaterThan(100);
  await engine.noise([{ id: "z", how: "prior", key: { seed: 1, path: "noise/0" } }]);
  const [decoded] = await engine.decode([{ id: "i", from: "z" }]);
  expect(decoded).toMatchObject({ decodes: 1, outcome: "done" });
  expect(await engine.image("i")).toMatchObject({ width: 24, height: 16, channels: 3 });
  await engine.dispose();
  // Four graphs, from nothing to all of their bytes.
  expect(seen).toHaveLength(5);
  expect(seen[0]![0]).toBe(0);
  expect(seen.at(-1)).toEqual([seen[0]![1], seen[0]![1]]);
});

test("pictures go in batches of 16, larger ones in smaller batches", () => {
  expect([16, 128, 256, 512, 1024].map((side) => autoBatch([3, side, side]))).toEqual([16, 16, 4, 1, 1]);
});

test("float16 is said to be float16", async () => {
  const engine = await openModel(join(pipelines, "sd2-fp16"), { device: "cpu" });
  expect(engine.device.precision).toBe("float16");
  await engine.dispose();
});

test("loading can be cancelled between two parts, and weights leave and come back", async () => {
  const cancel = new AbortController();
  const progress = (done: number): void => {
    if (done > 0) cancel.abort(new Error("cancelled here"));
  };
  const loading = openModel(
    join(pipelines, "sd1"),
    { device: "cpu" },
    undefined,
    {},
    { signal: cancel.signal, progress },
  );
  await expect(loading).rejects.toThrow("cancelled here");

  let leave: (() => Promise<boolean>) | undefined;
  const engine = await openModel(
    join(pipelines, "sd1"),
    { device: "cpu" },
    undefined,
    {},
    {
      loaded: (weights) => (leave = () => weights.evict()),
    },
  );
  await engine.noise([{ id: "z", how: "prior", key: { seed: 1, path: "noise/0" } }]);
  await engine.decode([{ id: "before", from: "z" }]);
  expect(await leave!()).toBe(true);
  await engine.decode([{ id: "after", from: "z" }]);
  expect(await engine.image("after")).toEqual(await engine.image("before"));
  await engine.dispose();
});

test("weights that would come back as those of another model are refused, with the folder", async () => {
  const folder = join(await mkdtemp(join(tmpdir(), "dnb-pipeline-")), "sd1");
  await cp(join(pipelines, "sd1"), folder, { recursive: true });
  let weights: Weights | undefined;
  const loading = { loaded: (loaded: Weights) => (weights = loaded) };
  const session = new Session(await openModel(folder, { device: "cpu" }, undefined, {}, loading));
  const request = { condition: "a red house", steps: 1, guidance: 2 };
  await session.sample({ ...request, seeds: [1] });
  expect(await weights!.evict()).toBe(true);
  const decoder = join(folder, "vae_decoder/model.onnx");
  const before = await readFile(decoder);
  await cp(join(pipelines, "lcm/vae_decoder/model.onnx"), decoder);
  await expect(session.sample({ ...request, seeds: [2] })).rejects.toThrow(
    `The model folder ${folder} changed since it was opened`,
  );
  expect(weights!.isLoaded).toBe(false);
  await writeFile(decoder, before);
  await session.sample({ ...request, seeds: [2] });
  await session.dispose();
  await rm(dirname(folder), { recursive: true });
});

// What EulerDiscreteScheduler.from_config(StableDiffusionPipeline(...).scheduler.config).config.steps_offset is in diffusers 0.42.
test.each([
  ["says nothing of it", {}, 0],
  ["was saved with it as a default", { steps_offset: 0, _use_default_values: ["steps_offset"] }, 0],
  ["says 0", { steps_offset: 0 }, 1],
  ["says 1", { steps_offset: 1 }, 1],
])("a named solver counts from as diffusers' does where the model's scheduler %s", (_, said, expected) => {
  const text = JSON.stringify({ _class_name: "PNDMScheduler", skip_prk_steps: true, ...said });
  const scheduler = revised(parseSchedulerJson(text, "scheduler_config.json"));
  expect(schedulerFromConfig(scheduler).schedule(4).timesteps.at(-1)).toBe(1);
  const { method } = namedSolver("euler", { prediction: "epsilon", scheduler });
  expect((method as DiffusersSchedulerConfig)["steps_offset"] ?? 0).toBe(expected);
});

// StableDiffusionPipeline.__init__ of diffusers; its other pipelines take a scheduler as it is.
test.each([
  ["sd1", { steps_offset: 1, clip_sample: false }],
  ["lcm", { steps_offset: 0 }],
])("%s: an older configuration of its scheduler is revised as its pipeline does", async (name, expected) => {
  const folder = join(await mkdtemp(join(tmpdir(), "dnb-pipeline-")), name);
  await cp(join(pipelines, name), folder, { recursive: true });
  const file = join(folder, "scheduler/scheduler_config.json");
  const config = { _class_name: "DDIMScheduler", steps_offset: 0, _use_default_values: ["clip_sample"] };
  await writeFile(file, JSON.stringify(config));
  const engine = await openModel(folder, { device: "cpu", threads: 1 });
  expect(engine.model.scheduler).toMatchObject(expected);
  // Leading spacing: the timesteps 750, 500, 250, 0 and the offset.
  const { timesteps } = schedulerFromConfig(engine.model.scheduler!).schedule(4);
  expect(timesteps[0]).toBe(750 + expected.steps_offset);
  await engine.dispose();
  await rm(dirname(folder), { recursive: true });
});

// StableDiffusionPipeline.__init__ again: the first configurations of Stable Diffusion 1 said 32 and meant 64.
test.each([
  ["0.6.0", 128],
  ["0.8.1.dev0", 128],
  ["0.9.0", 16],
  ["0.42.1", 16],
])("a network's sample_size of 8 by diffusers %s makes images of %d pixels", async (version, pixels) => {
  const folder = join(await mkdtemp(join(tmpdir(), "dnb-pipeline-")), "sd1");
  await cp(join(pipelines, "sd1"), folder, { recursive: true });
  const file = join(folder, "unet/config.json");
  const config = JSON.parse(await readFile(file, "utf8")) as object;
  await writeFile(file, JSON.stringify({ ...config, _diffusers_version: version }));
  const engine = await openModel(folder, { device: "cpu", threads: 1 });
  expect(engine.model.image).toEqual([3, pixels, pixels]);
  await engine.dispose();
  await rm(dirname(folder), { recursive: true });
});

test("data beside a graph counts under any name", async () => {
  const folder = join(await mkdtemp(join(tmpdir(), "dnb-pipeline-")), "sdxl");
  await cp(join(pipelines, "sdxl"), folder, { recursive: true });
  const before = await pipelineSizes(await FolderFiles.open(folder));
  expect(before.get("unet")).toBeGreaterThan((await stat(join(folder, "unet/model.onnx_data"))).size);
  const unet = join(folder, "unet/model.onnx");
  const renamed = (await readFile(unet, "latin1")).replaceAll("model.onnx_data", "all-weights.bin");
  await writeFile(unet, renamed, "latin1");
  await rename(`${unet}_data`, join(folder, "unet/all-weights.bin"));
  expect(await pipelineSizes(await FolderFiles.open(folder))).toEqual(before);
  await (await openModel(folder, { device: "cpu", threads: 1 })).dispose();
  await rm(dirname(folder), { recursive: true });
});

test("another scheduler, size, weight, configuration or tokenizer changes the model's", async () => {
  const folder = join(await mkdtemp(join(tmpdir(), "dnb-pipeline-")), "sd1");
  await cp(join(pipelines, "sd1"), folder, { recursive: true });
  const hashOf = async (options: object = {}): Promise<string> => {
    const engine = await openModel(folder, { device: "cpu", ...options });
    await engine.dispose();
    return engine.model.sha256;
  };
  const hashes = [await hashOf(), await hashOf({ width: 32 })];
  await cp(join(pipelines, "lcm/unet/model.onnx"), join(folder, "vae_decoder/other.onnx"));
  expect(await hashOf()).toBe(hashes[0]);
  await cp(join(pipelines, "lcm/text_encoder/model.onnx"), join(folder, "text_encoder/model.onnx"));
  hashes.push(await hashOf());
  await cp(join(pipelines, "sd2/scheduler"), join(folder, "scheduler"), { recursive: true });
  hashes.push(await hashOf());
  for (const [file, from, to] of [
    ["vae_decoder/config.json", "0.18215", "0.13025"],
    ["tokenizer/tokenizer_config.json", '"model_max_length": 77', '"model_max_length": 60'],
    ["tokenizer/special_tokens_map.json", "}", " }"],
    ["model_index.json", "}", " }"],
  ] as const) {
    const path = join(folder, file);
    const text = await readFile(path, "utf8");
    expect(text).toContain(from);
    await writeFile(path, text.replace(from, to));
    hashes.push(await hashOf());
  }
  expect(new Set(hashes).size).toBe(8);
  // What says nothing of what it computes.
  await writeFile(join(folder, "README.md"), "---\nlicense: mit\n---\n");
  expect(await hashOf()).toBe(hashes.at(-1));
  await rm(dirname(folder), { recursive: true });
});

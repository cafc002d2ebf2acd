import { cp, link, mkdtemp, readFile, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { encodeGraph, type GraphPort } from "../../../../src/search/onnx/graph/encodeGraph.js";
import { openModel, type ModelOptions } from "../../../../src/search/onnx/openModel.js";
import { pipelines } from "./reference.js";

let folder: string;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), "dnb-pipeline-")), "sdxl");
  await use("sdxl");
});

afterEach(() => rm(dirname(folder), { recursive: true }));

async function use(name: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await cp(join(pipelines, name), folder, { recursive: true });
}

async function open(options: ModelOptions = {}): Promise<void> {
  await (await openModel(folder, { device: "cpu", threads: 1, ...options })).dispose();
}

async function edit(file: string, change: (value: any) => void): Promise<void> {
  const value: unknown = JSON.parse(await readFile(join(folder, file), "utf8"));
  change(value);
  await writeFile(join(folder, file), JSON.stringify(value));
}

test("the folder as it is opens", async () => {
  await open();
});

describe("a part that is missing is named with what was looked for", () => {
  test.each([
    [
      "unet",
      "ORTStableDiffusionXLPipeline needs a unet, and the model folder",
      "Looked for: unet/model.onnx, unet/unet.onnx, unet.onnx, onnx/unet.onnx.",
    ],
    ["text_encoder_2", "needs a text_encoder_2", "Looked for: text_encoder_2/model.onnx"],
    ["vae_decoder", "needs a vae_decoder", "vae/decoder/model.onnx, vae/decoder.onnx, vae/model.onnx."],
    [
      "tokenizer_2",
      "The tokenizer tokenizer_2 is missing. Looked for: tokenizer_2/tokenizer.json, tokenizer_2/vocab.json with merges.txt.",
      "Copy it from the model's repository.",
    ],
    [
      "scheduler",
      "scheduler/scheduler_config.json is missing from the model folder",
      "Fetch the model again.",
    ],
  ])("%s", async (part, what, looked) => {
    await rm(join(folder, part), { recursive: true });
    await expect(open()).rejects.toThrow(what);
    await expect(open()).rejects.toThrow(looked);
  });

  test.each([
    ["sdxl", "text_encoder", "ORTStableDiffusionXLPipeline"],
    ["sd3", "text_encoder_3", "StableDiffusion3Pipeline"],
  ])("%s without the %s that its index names", async (pipeline, part, name) => {
    await use(pipeline);
    await rm(join(folder, part), { recursive: true });
    await expect(open()).rejects.toThrow(
      `${name} needs a ${part}, and the model folder ${folder} has none. Looked for: ${part}/model.onnx, ${part}/${part}.onnx,`,
    );
    await expect(open()).rejects.toThrow(
      `A pipeline that was made to do without says "${part}": [null, null] in model_index.json.`,
    );
  });

  test("SD3 opens without the T5 that its index says is left out, and does not load one that lies there", async () => {
    await use("sd3");
    const parts = async (): Promise<number> => {
      const steps: number[] = [];
      const engine = await openModel(
        folder,
        { device: "cpu", threads: 1 },
        undefined,
        {},
        {
          progress: (done, total) => steps.push(done / total),
        },
      );
      await engine.dispose();
      expect(steps.at(-1)).toBe(1);
      return steps.length - 1;
    };
    expect(await parts()).toBe(5);
    await edit("model_index.json", (index) => (index.text_encoder_3 = [null, null]));
    expect(await parts()).toBe(4);
    await rm(join(folder, "text_encoder_3"), { recursive: true });
    expect(await parts()).toBe(4);
    await edit("model_index.json", (index) => delete index.text_encoder_3);
    expect(await parts()).toBe(4);
  });

  test("the data beside a graph", async () => {
    await rm(join(folder, "unet/model.onnx_data"));
    await expect(open()).rejects.toThrow("unet/model.onnx_data is missing from the model folder");
  });

  test("SentencePiece's file alone", async () => {
    await use("pixart");
    await rename(join(folder, "tokenizer/tokenizer.json"), join(folder, "tokenizer/spiece.model"));
    await expect(open({ width: 16, height: 16 })).rejects.toThrow(
      "tokenizer/spiece.model alone does not do: save the tokenizer.json beside it with transformers",
    );
  });

  test("a folder that is none", async () => {
    await rm(join(folder, "model_index.json"));
    await expect(open()).rejects.toThrow("has neither a model.json nor");
  });
});

describe("a name by which the older exporters had a part is found", () => {
  test.each([
    ["vae_decoder/model.onnx", "vae/decoder/model.onnx"],
    ["vae_decoder/model.onnx", "vae/decoder.onnx"],
    ["unet/model.onnx", "unet/unet.onnx"],
  ])("%s as %s", async (from, to) => {
    await cp(join(folder, from), join(folder, to));
    await rm(join(folder, from));
    await open();
  });
});

describe("a damaged part is refused with its name", () => {
  test("truncated graph, truncated data", async () => {
    await truncate(join(folder, "unet/model.onnx_data"), 100_000);
    await expect(open()).rejects.toThrow(
      /^unet\/model.onnx, tensor ".*", lies at bytes \d+ to \d+ of unet\/model.onnx_data, which has 100000: the file is truncated/,
    );
    await truncate(join(folder, "unet/model.onnx"), 10_000);
    await expect(open()).rejects.toThrow(
      "unet/model.onnx is no graph that the runtime can load, or it is truncated",
    );
  });

  test("links that lead out, by symbol and by inode", async () => {
    const outside = join(dirname(folder), "outside.onnx");
    const inside = join(folder, "vae_decoder/model.onnx");
    await rename(inside, outside);
    await symlink(outside, inside);
    await expect(open()).rejects.toThrow(
      'names "vae_decoder/model.onnx", which is outside its folder. That is refused. The reason: a link leads out.',
    );
    await rm(inside);
    await link(outside, inside);
    await expect(open()).rejects.toThrow("has 2 names (hard links)");
  });

  test("JSON that is none", async () => {
    await writeFile(join(folder, "unet/config.json"), "{");
    await expect(open()).rejects.toThrow("unet/config.json is not JSON");
    await writeFile(join(folder, "model_index.json"), "[]");
    await expect(open()).rejects.toThrow("model_index.json: it is an array, but must be an object.");
  });

  test("a tokenizer of another kind", async () => {
    await writeFile(join(folder, "tokenizer/tokenizer.json"), '{"model": {"type": "Abacus"}}');
    await expect(open()).rejects.toThrow("tokenizer holds a tokenizer that cannot be used");
  });
});

describe("what is not known is said by name", () => {
  test("the pipeline", async () => {
    await edit("model_index.json", (index) => (index._class_name = "KandinskyPipeline"));
    await expect(open()).rejects.toThrow(
      'model_index.json: _class_name is "KandinskyPipeline", which is no pipeline that is known. There is: StableDiffusionPipeline,',
    );
  });

  test("the scheduler and its fields", async () => {
    await edit("scheduler/scheduler_config.json", (config) => (config.sigma_max = "1"));
    await expect(open()).rejects.toThrow(
      'scheduler/scheduler_config.json: EulerDiscreteScheduler\'s sigma_max is "1", but must be a finite number.',
    );
    await edit("scheduler/scheduler_config.json", (config) => {
      delete config.sigma_max;
      config.beta_shedule = "linear";
    });
    await expect(open()).rejects.toThrow(/^scheduler\/scheduler_config.json: .*beta_shedule/);
    await edit("scheduler/scheduler_config.json", (config) => (config._class_name = "DiceScheduler"));
    await expect(open()).rejects.toThrow('scheduler/scheduler_config.json: _class_name "DiceScheduler"');
  });

  test("a scheduler of EDM with a network that was exported for whole timesteps", async () => {
    const config = { _class_name: "EDMDPMSolverMultistepScheduler", sigma_data: 0.5, sigma_max: 80 };
    await writeFile(join(folder, "scheduler/scheduler_config.json"), JSON.stringify(config));
    await expect(open()).rejects.toThrow(
      'unet/model.onnx: input "timestep" is int64, but EDMDPMSolverMultistepScheduler tells the network log(sigma) / 4, which is no whole number. Export it with a timestep of float32.',
    );
  });

  test("sizes that the latents cannot have", async () => {
    await expect(open({ cleanCaption: true })).rejects.toThrow(
      "options: cleanCaption is for PixArt's pipelines, and this is Stable Diffusion XL. Leave it out.",
    );
    await expect(open({ resolutionBinning: true })).rejects.toThrow(
      "options: resolutionBinning is for PixArt's pipelines, and this is Stable Diffusion XL. Leave it out.",
    );
    await expect(open({ width: 15 })).rejects.toThrow(
      "width is 15, but must be a multiple of 2 for Stable Diffusion XL.",
    );
    await edit("vae_decoder/config.json", (config) => (config.latents_std = [1, 1]));
    await expect(open()).rejects.toThrow(
      "vae_decoder/config.json: latents_std has 2 numbers, but the latents 4 channels.",
    );
    await edit("vae_decoder/config.json", (config) => (config.latents_std = [1, 1, 0, 1]));
    await expect(open()).rejects.toThrow(
      "vae_decoder/config.json: latents_std[2] is 0, but must be a number",
    );
    await edit("unet/config.json", (config) => (config.sample_size = 65_536));
    await expect(open()).rejects.toThrow(
      "The images would be 131072 x 131072, more values than an array holds. Give a smaller width and height, or correct sample_size in unet/config.json or block_out_channels in vae_decoder/config.json.",
    );
    await edit("unet/config.json", (config) => (config.sample_size = "8"));
    await expect(open()).rejects.toThrow('unet/config.json: sample_size is "8", but must be a number');
  });
});

/** A text encoder or a network that was exported in another way: ports only, its output is its first input. */
function exported(inputs: readonly GraphPort[], output: string): Uint8Array {
  const [first] = inputs as [GraphPort];
  return encodeGraph({
    name: "wrong",
    inputs,
    outputs: [{ ...first, name: output }],
    nodes: [{ operator: "Identity", inputs: [first.name], outputs: [output] }],
  });
}

describe("a graph with other inputs is refused before it runs", () => {
  const port = (name: string, ...shape: readonly (number | string)[]): GraphPort => ({ name, shape });
  const unet = [
    port("sample", "b", 4, "h", "w"),
    port("timestep"),
    port("encoder_hidden_states", "b", "l", 64),
    port("text_embeds", "b", 32),
    port("time_ids", "b", 6),
  ];
  test.each<[string, readonly GraphPort[], string]>([
    [
      "no text_embeds",
      unet.slice(0, 3),
      'unet/model.onnx has no input "text_embeds". It has: sample, timestep, encoder_hidden_states. Export it in optimum\'s layout',
    ],
    [
      "one more",
      [...unet, port("control", "b")],
      'unet/model.onnx has an input "control" that nothing fills.',
    ],
    [
      "another rank",
      [port("sample", "b", 256), ...unet.slice(1)],
      'unet/model.onnx: input "sample" is float32 [b, 256], but must be float32 or float16 [any, 4, 8, 8].',
    ],
    [
      "another side",
      [port("sample", "b", 9, "h", "w"), ...unet.slice(1)],
      "but must be float32 or float16 [any, 4, 8, 8]",
    ],
    [
      "another dtype",
      [{ ...unet[0]!, type: "int64" }, ...unet.slice(1)],
      'unet/model.onnx: input "sample" is int64 [b, 4, h, w]',
    ],
  ])("%s", async (_, inputs, message) => {
    await writeFile(join(folder, "unet/model.onnx"), exported(inputs, "out_sample"));
    await expect(open()).rejects.toThrow(message);
  });

  test("an encoder that takes no ids, or gives no hidden states", async () => {
    const file = join(folder, "text_encoder/model.onnx");
    await writeFile(file, exported([port("input_ids", "b", 77)], "last_hidden_state"));
    await expect(open()).rejects.toThrow(
      'text_encoder/model.onnx: input "input_ids" is float32 [b, 77], but must be int64 or int32 of rank 2.',
    );
    await writeFile(file, exported([{ ...port("input_ids", "b", 77), type: "int64" }], "last_hidden_state"));
    await expect(open()).rejects.toThrow(
      'text_encoder/model.onnx has no output "hidden_states.0"; its outputs are: last_hidden_state.',
    );
  });

  test("a network whose output is of another size", async () => {
    await writeFile(
      join(folder, "unet/model.onnx"),
      exported([unet[1]!, unet[0]!, ...unet.slice(2)], "out_sample"),
    );
    await expect(open()).rejects.toThrow(
      'unet/model.onnx: output "out_sample" is float32 [], but must be [any, 4 or 8, 8, 8].',
    );
  });
});

import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Tensor } from "onnxruntime-node";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Session } from "../../../src/search/index.js";
import { runFailure } from "../../../src/search/onnx/runFailure.js";
import { encodeGraph, type Graph } from "../../../src/search/onnx/graph/encodeGraph.js";
import { OrtSession } from "../../../src/search/onnx/ortSession.js";
import { openModel } from "../../../src/search/onnx/openModel.js";
import { pipelines } from "./diffusers/reference.js";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dnb-run-"));
  await cp(join(pipelines, "sd1"), folder, { recursive: true });
});
afterEach(() => rm(folder, { recursive: true }));

const sampled = async (part: string, graph: Graph): Promise<unknown> => {
  await writeFile(join(folder, part), encodeGraph(graph));
  const session = new Session(await openModel(folder, { device: "cpu", threads: 1 }));
  try {
    return await session.sample({ condition: "a red house", steps: 2, guidance: 2, seeds: [7] });
  } finally {
    await session.dispose();
  }
};

test("a network that fails when it runs is named, with what it was fed and what to do", async () => {
  // Fits one sample, as it is probed; not the two of guidance.
  const fixed: Graph = {
    name: "fixed",
    inputs: [
      { name: "sample", shape: ["b", 4, "h", "w"] },
      { name: "timestep", shape: [] },
      { name: "encoder_hidden_states", shape: ["b", "l", 32] },
    ],
    outputs: [{ name: "out_sample", shape: ["b", 4, "h", "w"] }],
    nodes: [{ operator: "Add", inputs: ["sample", "three"], outputs: ["out_sample"] }],
    constants: [{ name: "three", shape: [3, 1, 1, 1], data: new Float32Array(3) }],
  };
  await expect(sampled("unet/model.onnx", fixed)).rejects.toThrow(
    /^Sampling seed 7 failed: the model failed: unet\/model\.onnx failed when it ran \(device cpu\): operator Add "out_sample": Attempting to broadcast an axis by a dimension other than 1\. 2 by 3\. It was fed sample float32 \[2, 4, \d+, \d+\], timestep float32 \[\], encoder_hidden_states float32 \[2, 77, 32\]\. Export it again with free sizes \(optimum-cli export onnx\), or take the sizes that it was exported for\.$/,
  );
});

test("one that needs more memory than there is says so, when it is loaded", async () => {
  // Sixteen petabytes.
  const shape = Float32Array.of(2 ** 20, 2 ** 20, 2 ** 12);
  const large: Graph = {
    name: "large",
    inputs: [
      { name: "sample", shape: ["b", 4, "h", "w"] },
      { name: "timestep", shape: [] },
      { name: "encoder_hidden_states", shape: ["b", "l", 32] },
    ],
    outputs: [{ name: "out_sample", shape: ["b", 4, "h", "w"] }],
    nodes: [
      { operator: "Cast", inputs: ["shape"], outputs: ["sides"], attributes: { to: 7 } },
      { operator: "Expand", inputs: ["timestep", "sides"], outputs: ["large"] },
      { operator: "ReduceMax", inputs: ["large"], outputs: ["most"], attributes: { keepdims: 0 } },
      { operator: "Add", inputs: ["sample", "most"], outputs: ["out_sample"] },
    ],
    constants: [{ name: "shape", shape: [3], data: shape }],
  };
  await expect(sampled("unet/model.onnx", large)).rejects.toThrow(
    /^unet\/model\.onnx does not fit: operator Expand "large": (?!.*onnxruntime).*\. That is more memory than there is: take a smaller batch, smaller pictures or a float16 export\.$/,
  );
});

test("a text encoder whose table is too small for its tokenizer says so", async () => {
  const small: Graph = {
    name: "small",
    inputs: [{ name: "input_ids", type: "int64", shape: ["b", 77] }],
    outputs: [{ name: "last_hidden_state", shape: ["b", 77, 32] }],
    nodes: [{ operator: "Gather", inputs: ["table", "input_ids"], outputs: ["last_hidden_state"] }],
    constants: [{ name: "table", shape: [5, 32], data: new Float32Array(160) }],
  };
  await expect(sampled("text_encoder/model.onnx", small)).rejects.toThrow(
    /text_encoder\/model\.onnx failed when it ran \(device cpu\): .* It was fed input_ids int64 \[1, 77\]\. Its table has no such entry: take tokenizer and graph from the same export/,
  );
});

/** x and one of three: of a batch of one or three. */
const ofThree = encodeGraph({
  name: "three",
  inputs: [{ name: "x", shape: ["b", 2] }],
  outputs: [{ name: "v", shape: ["b", 2] }],
  nodes: [{ operator: "Add", inputs: ["x", "three"], outputs: ["v"] }],
  constants: [{ name: "three", shape: [3, 1], data: new Float32Array(3) }],
});
const signature = {
  inputs: { x: { type: "float32", shape: ["b", 2] } },
  outputs: { v: { type: "float32", shape: [3, 2] } },
} as const;

test("so is a graph of a model of ours", async () => {
  const session = await OrtSession.load("denoiser.onnx", ofThree, 1, signature);
  const x = new Tensor("float32", new Float32Array(4), [2, 2]);
  await expect(session.turn((turn) => turn.run({ x }))).rejects.toThrow(
    'denoiser.onnx failed when it ran (device cpu): operator Add "v": Attempting to broadcast an axis by a dimension other than 1. 2 by 3. It was fed x float32 [2, 2].',
  );
  await session.release();
});

test("a folder for temporary files that is none is named, with what to set", async () => {
  vi.stubEnv("TMPDIR", join(folder, "none"));
  vi.stubEnv("TEMP", join(folder, "none"));
  const place = { device: "cpu", threads: 1, profiled: true } as const;
  await expect(OrtSession.load("denoiser.onnx", ofThree, place, signature)).rejects.toThrow(
    /into the folder for temporary files .*none, which cannot be written to: ENOENT.*\. Set (TMPDIR|TEMP) to one that can/,
  );
  vi.unstubAllEnvs();
});

test.each([
  ["cpu", "std::bad_alloc: failed to allocate", "take a smaller batch, smaller pictures or a float16 export"],
  ["webgpu", "the device was lost", 'Take device: "cpu", or smaller batches'],
] as const)("the next step fits the device and the reason: %s, %s", (device, message, step) => {
  const { message: said } = runFailure("a.onnx", device, {}, new Error(message));
  expect(said).toContain(step);
});

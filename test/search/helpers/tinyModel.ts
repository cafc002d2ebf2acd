import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  encodeGraph,
  type Graph,
  type GraphConstant,
  type GraphNode,
} from "../../../src/search/onnx/graph/encodeGraph.js";

const SIDE = 8;
const CHANNELS = 8;
const CLASSES = 3;
export const tinyShape = [1, SIDE, SIDE] as const;

/** A model folder of 3 kB: two convolutions with random weights, class and level between them, and a linear classifier. */
export async function writeTinyModel(folder: string, seed = 1): Promise<void> {
  const denoiser = encodeGraph(denoiserGraph(seed));
  const classifier = encodeGraph(classifierGraph(seed + 100));
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "denoiser.onnx"), denoiser);
  await writeFile(join(folder, "classifier.onnx"), classifier);
  const card = {
    ...{ format: 1, name: "tiny", version: "1.0.0", title: "Random weights", licence: "MIT" },
    ...{ image: tinyShape, range: [-1, 1], prediction: "flow", labels: ["a", "b", "c"], parameters: 200 },
    defaults: { solver: "euler", steps: 4, guidance: 2 },
    denoiser: { ...entry("denoiser.onnx", denoiser), nullLabel: CLASSES },
    verifiers: [
      {
        ...{
          name: "classifier",
          role: "searched",
          kind: "classifier",
          needsCondition: true,
          direction: "higher",
        },
        ...entry("classifier.onnx", classifier),
      },
    ],
  };
  await writeFile(join(folder, "model.json"), JSON.stringify(card));
}

/** y = x as far as float16 goes. A WebGPU without float16 loads it and fails when it runs it. */
export const throughHalves = (x: string, y: string): GraphNode[] => [
  { operator: "Cast", inputs: [x], outputs: ["half"], attributes: { to: 10 } },
  { operator: "Abs", inputs: ["half"], outputs: ["size"] },
  { operator: "Sign", inputs: ["half"], outputs: ["sign"] },
  { operator: "Mul", inputs: ["size", "sign"], outputs: ["same"] },
  { operator: "Cast", inputs: ["same"], outputs: [y], attributes: { to: 1 } },
];

/**
 * A diffusers folder of 9 kB in DiT's layout: the same network for latents of four channels, with a learned variance, and a linear decoder,
 * which computes in float16 where `halves` is true.
 */
export async function writeTinyPipeline(folder: string, seed = 1, halves = false): Promise<void> {
  const names = { x: "hidden_states", t: "timestep", y: "class_labels", v: "out_hidden_states" };
  // It is told timesteps up to 999.
  const transformer = denoiserGraph(seed, names, { given: 4, gives: 8, told: 1e-3 });
  const decoder: Graph = {
    name: "decoder",
    inputs: [{ name: "latent_sample", shape: ["batch", 4, SIDE, SIDE] }],
    outputs: [{ name: "sample", shape: ["batch", 3, SIDE, SIDE] }],
    nodes: [
      { operator: "Conv", inputs: ["latent_sample", "w"], outputs: [halves ? "full" : "sample"] },
      ...(halves ? throughHalves("full", "sample") : []),
    ],
    constants: [constant("w", [3, 4, 1, 1], seed + 3)],
  };
  const files = {
    "model_index.json": { _class_name: "DiTPipeline", id2label: { 0: "a", 1: "b", 2: "c" } },
    "transformer/config.json": { in_channels: 4, sample_size: SIDE, num_embeds_ada_norm: CLASSES },
    "vae_decoder/config.json": { block_out_channels: [8], scaling_factor: 1 },
    // Stable Diffusion's noise levels: a network of random weights takes nothing of DiT's away.
    "scheduler/scheduler_config.json": {
      ...{ _class_name: "DDIMScheduler", clip_sample: false },
      ...{ beta_start: 0.00085, beta_end: 0.012, beta_schedule: "scaled_linear" },
    },
  };
  for (const part of ["transformer", "vae_decoder", "scheduler"])
    await mkdir(join(folder, part), { recursive: true });
  for (const [file, value] of Object.entries(files))
    await writeFile(join(folder, file), JSON.stringify(value));
  await writeFile(join(folder, "transformer/model.onnx"), encodeGraph(transformer));
  await writeFile(join(folder, "vae_decoder/model.onnx"), encodeGraph(decoder));
}

/** v = conv2(tanh(conv1(x) + t embedding[y])); `told`: what t is multiplied by. */
function denoiserGraph(
  seed: number,
  { x, t, y, v } = { x: "x", t: "t", y: "y", v: "v" },
  { given, gives, told } = { given: 1, gives: 1, told: 1 },
): Graph {
  const embedding = constant("embedding", [CLASSES + 1, CHANNELS, 1, 1], seed + 1);
  return {
    name: "denoiser",
    inputs: [
      { name: x, shape: ["batch", given, SIDE, SIDE] },
      { name: t, shape: ["batch"] },
      { name: y, type: "int64", shape: ["batch"] },
    ],
    outputs: [{ name: v, shape: ["batch", gives, SIDE, SIDE] }],
    nodes: [
      { operator: "Conv", inputs: [x, "w1"], outputs: ["h"], attributes: { pads: [1, 1, 1, 1] } },
      { operator: "Gather", inputs: ["embedding", y], outputs: ["e"] },
      { operator: "Transpose", inputs: ["e"], outputs: ["et"], attributes: { perm: [1, 2, 3, 0] } },
      { operator: "Mul", inputs: ["et", t], outputs: ["es"] },
      { operator: "Transpose", inputs: ["es"], outputs: ["shift"], attributes: { perm: [3, 0, 1, 2] } },
      { operator: "Add", inputs: ["h", "shift"], outputs: ["sum"] },
      { operator: "Tanh", inputs: ["sum"], outputs: ["a"] },
      { operator: "Conv", inputs: ["a", "w2"], outputs: [v], attributes: { pads: [1, 1, 1, 1] } },
    ],
    constants: [
      constant("w1", [CHANNELS, given, 3, 3], seed),
      { ...embedding, data: embedding.data.map((value) => value * told) },
      constant("w2", [gives, CHANNELS, 3, 3], seed + 2),
    ],
  };
}

function classifierGraph(seed: number): Graph {
  return {
    name: "classifier",
    inputs: [{ name: "x", shape: ["batch", ...tinyShape] }],
    outputs: [{ name: "logits", shape: ["batch", CLASSES] }],
    nodes: [
      { operator: "Flatten", inputs: ["x"], outputs: ["flat"] },
      { operator: "MatMul", inputs: ["flat", "w"], outputs: ["logits"] },
    ],
    constants: [constant("w", [SIDE * SIDE, CLASSES], seed)],
  };
}

/** Uniform in [-0.5, 0.5), by mulberry32. */
function constant(name: string, shape: readonly number[], seed: number): GraphConstant {
  let state = seed * 0x9e3779b9;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let word = Math.imul(state ^ (state >>> 15), 1 | state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
  const size = shape.reduce((product, side) => product * side, 1);
  return { name, shape, data: Float32Array.from({ length: size }, () => random() - 0.5) };
}

const entry = (file: string, bytes: Uint8Array) => ({
  file,
  bytes: bytes.length,
  sha256: createHash("sha256").update(bytes).digest("hex"),
});

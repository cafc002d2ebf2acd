import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { encodeGraph, type Graph, type GraphConstant } from "../../../src/search/onnx/graph/encodeGraph.js";

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

/** v = conv2(tanh(conv1(x) + t embedding[y])) */
function denoiserGraph(seed: number): Graph {
  const x = ["batch", ...tinyShape];
  return {
    name: "denoiser",
    inputs: [
      { name: "x", shape: x },
      { name: "t", shape: ["batch"] },
      { name: "y", type: "int64", shape: ["batch"] },
    ],
    outputs: [{ name: "v", shape: x }],
    nodes: [
      { operator: "Conv", inputs: ["x", "w1"], outputs: ["h"], attributes: { pads: [1, 1, 1, 1] } },
      { operator: "Gather", inputs: ["embedding", "y"], outputs: ["e"] },
      { operator: "Transpose", inputs: ["e"], outputs: ["et"], attributes: { perm: [1, 2, 3, 0] } },
      { operator: "Mul", inputs: ["et", "t"], outputs: ["es"] },
      { operator: "Transpose", inputs: ["es"], outputs: ["shift"], attributes: { perm: [3, 0, 1, 2] } },
      { operator: "Add", inputs: ["h", "shift"], outputs: ["sum"] },
      { operator: "Tanh", inputs: ["sum"], outputs: ["a"] },
      { operator: "Conv", inputs: ["a", "w2"], outputs: ["v"], attributes: { pads: [1, 1, 1, 1] } },
    ],
    constants: [
      constant("w1", [CHANNELS, 1, 3, 3], seed),
      constant("embedding", [CLASSES + 1, CHANNELS, 1, 1], seed + 1),
      constant("w2", [1, CHANNELS, 3, 3], seed + 2),
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

import { cpus } from "node:os";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { encodeGraph, type Graph } from "../graph/encodeGraph.js";
import { calibrationKey, MOST_THREADS, type Calibration } from "./autoThreads.js";
import { sessionOptions } from "./device.js";
import { bestThreads, timeThreads, type Timed } from "./measureThreads.js";

/** What is timed, in the name of its calibration. */
export const PRODUCT = "product of matrices";

/** 4096 tokens of SD's UNet at 64 x 64, by 320 channels: some tenths of a gigaflop. */
const [ROWS, SIDE] = [1024, 512];

/**
 * The best number of threads for networks that are too large to be timed themselves, one call of which takes seconds: that of one product of
 * matrices, which is what their time goes into. Measured the first time, in tenths of a second, and then remembered.
 */
export async function machineThreads(calibration: Calibration | undefined): Promise<number> {
  return calibration?.recall(calibrationKey(PRODUCT)) ?? measured ?? measureMachine(calibration);
}

/** The same, measured now and remembered in the place of what was measured before. */
export async function measureMachine(calibration: Calibration | undefined): Promise<number> {
  const bytes = encodeGraph(productGraph());
  const times = await timeThreads(
    (threads) => product(bytes, threads),
    Math.min(MOST_THREADS, cpus().length),
  );
  measured = bestThreads(times);
  calibration?.remember(calibrationKey(PRODUCT), measured);
  return measured;
}

/** Of this process. */
let measured: number | undefined;

async function product(bytes: Uint8Array, threads: number): Promise<Timed> {
  const session = await InferenceSession.create(bytes, sessionOptions({ device: "cpu", threads }));
  const x = new Tensor("float32", new Float32Array(ROWS * SIDE).fill(1), [ROWS, SIDE]);
  return { call: () => session.run({ x }), dispose: () => session.release() };
}

function productGraph(): Graph {
  return {
    name: "product",
    inputs: [{ name: "x", shape: [ROWS, SIDE] }],
    outputs: [{ name: "y", shape: [ROWS, SIDE] }],
    nodes: [{ operator: "MatMul", inputs: ["x", "w"], outputs: ["y"] }],
    constants: [{ name: "w", shape: [SIDE, SIDE], data: new Float32Array(SIDE * SIDE).fill(1) }],
  };
}

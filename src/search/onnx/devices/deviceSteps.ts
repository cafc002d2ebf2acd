import { InferenceSession, Tensor } from "onnxruntime-node";
import type { AffineStep } from "../../engine/affineSteps.js";
import type { Passes } from "../../engine/denoiser.js";
import { encodeGraph, type Graph } from "../graph/encodeGraph.js";
import { sessionOptions } from "./device.js";
import { identityGraph, stepGraph, twiceGraph, type StateShape } from "./stepGraphs.js";

/** The model's output for a batch of `count` samples that lies on the device or in the processor's memory; its output lies on the device. */
export type EvaluateOnDevice = (
  x: Tensor,
  count: number,
  level: number,
  conditions: Passes["conditions"],
) => Promise<Tensor>;

/**
 * The arithmetic of a sampler on WebGPU, as small graphs beside the model's: state and model output stay in the device's memory from the
 * first step to the last. What lies there is read through an identity, since `getData()` on such a tensor aborts the process.
 */
export class DeviceSteps {
  readonly #shape: StateShape;
  readonly #sessions = new Map<string, Promise<InferenceSession>>();

  constructor(shape: StateShape) {
    this.#shape = shape;
  }

  /** The values of a tensor on the device, which is disposed of. */
  async read(tensor: Tensor): Promise<Float32Array> {
    const session = await this.#session("read", () => identityGraph(this.#shape), false);
    try {
      const { y } = await session.run({ x: tensor });
      return y!.data as Float32Array;
    } finally {
      tensor.dispose();
    }
  }

  /** `Denoiser.trajectory`, for a model that `evaluate` runs. */
  async trajectory(
    x: Float32Array,
    steps: readonly AffineStep[],
    { count, conditions, guidance }: Passes,
    before: () => void,
    evaluate: EvaluateOnDevice,
  ): Promise<Float32Array> {
    const dims = [count, ...this.#shape];
    let state: Tensor = new Tensor("float32", x, dims);
    let isOnDevice = false;
    const forget = (tensor: Tensor): void => {
      if (tensor.location === "gpu-buffer") tensor.dispose();
    };
    try {
      for (const step of steps) {
        before();
        const input = guidance === undefined ? state : await this.#twice(state);
        const out = await evaluate(input, conditions.length, step.level, conditions).finally(() => {
          if (input !== state) forget(input);
        });
        const next = await this.#step(state, out, step, dims, guidance).finally(() => forget(out));
        forget(state);
        state = next;
        isOnDevice = true;
      }
    } catch (error) {
      forget(state);
      throw error;
    }
    return isOnDevice ? this.read(state) : x.slice();
  }

  async dispose(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await (await session).release();
  }

  async #twice(x: Tensor): Promise<Tensor> {
    const session = await this.#session("twice", () => twiceGraph(this.#shape), true);
    return (await session.run({ x }))["y"]!;
  }

  async #step(
    x: Tensor,
    out: Tensor,
    { keep, slope, add, noise }: AffineStep,
    dims: readonly number[],
    guidance: number | undefined,
  ): Promise<Tensor> {
    const name = `step/${guidance !== undefined}/${noise !== undefined}`;
    const graph = (): Graph => stepGraph(this.#shape, guidance !== undefined, noise !== undefined);
    const session = await this.#session(name, graph, true);
    const { next } = await session.run({
      ...{ x, out, a: scalar(keep), b: scalar(slope) },
      ...(guidance === undefined ? {} : { w: scalar(guidance) }),
      ...(noise ? { c: scalar(add), z: new Tensor("float32", noise(), dims) } : {}),
    });
    return next!;
  }

  #session(name: string, graph: () => Graph, keepsOutputs: boolean): Promise<InferenceSession> {
    const known = this.#sessions.get(name);
    if (known) return known;
    const options = sessionOptions({ device: "webgpu", threads: 1, keepsOutputs });
    const session = InferenceSession.create(encodeGraph(graph()), options);
    this.#sessions.set(name, session);
    session.catch(() => this.#sessions.delete(name));
    return session;
  }
}

const scalar = (value: number): Tensor => new Tensor("float32", Float32Array.of(value), [1]);

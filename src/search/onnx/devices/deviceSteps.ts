import { InferenceSession, Tensor } from "onnxruntime-node";
import type { Passes } from "../../engine/denoiser.js";
import type { AffineMove } from "../../solvers/affineWay.js";
import type { StepNoise } from "../../solvers/course.js";
import { encodeGraph, type Graph } from "../graph/encodeGraph.js";
import { sessionOptions } from "./device.js";
import { DeviceReader } from "./deviceReader.js";
import { stepGraph, twiceGraph, type StateShape, type StepKind } from "./stepGraphs.js";

/** The model's output for a batch of `count` samples that lies on the device or in the processor's memory; its output lies on the device. */
export type EvaluateOnDevice = (
  x: Tensor,
  count: number,
  level: number,
  conditions: Passes["conditions"],
) => Promise<Tensor>;

/** What the arithmetic is done on between one evaluation and the next. */
interface Register {
  readonly state: Tensor;
  readonly memory: Tensor | undefined;
}

/**
 * The arithmetic of a sampler on WebGPU, as small graphs beside the model's: state and model output stay in the device's memory from the
 * first step to the last.
 */
export class DeviceSteps {
  readonly #shape: StateShape;
  readonly #sessions = new Map<string, Promise<InferenceSession>>();
  readonly #reader = new DeviceReader();

  /** `shape`: of one state as the network takes it. */
  constructor(shape: StateShape) {
    this.#shape = shape;
  }

  /** The values of a tensor on the device, which is disposed of. */
  read(tensor: Tensor): Promise<Float32Array> {
    return this.#reader.read(tensor);
  }

  /** `Denoiser.trajectory`, for a model that `evaluate` runs. */
  async trajectory(
    x: Float32Array,
    moves: readonly AffineMove[],
    { count, conditions, guidance }: Passes,
    noise: StepNoise,
    before: () => void,
    evaluate: EvaluateOnDevice,
  ): Promise<Float32Array> {
    const dims = [count, ...this.#shape];
    let now: Register = { state: new Tensor("float32", x, dims), memory: undefined };
    try {
      for (const move of moves) {
        before();
        const { state } = now;
        const input = guidance === undefined ? state : await this.#twice(state);
        const out = await evaluate(input, conditions.length, move.time, conditions).finally(() => {
          if (input !== state) forget(input);
        });
        const z = move.chance === undefined ? undefined : new Tensor("float32", noise(move.chance), dims);
        const next = await this.#step(now, out, move, z, guidance).finally(() => forget(out));
        forget(now.state, now.memory);
        now = next;
      }
    } catch (error) {
      forget(now.state, now.memory);
      throw error;
    }
    forget(now.memory);
    return moves.length > 0 ? this.read(now.state) : x.slice();
  }

  async dispose(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await (await session).release();
    await this.#reader.dispose();
  }

  async #twice(x: Tensor): Promise<Tensor> {
    const session = await this.#session("twice", () => twiceGraph(this.#shape));
    return (await session.run({ x }))["y"]!;
  }

  async #step(
    { state, memory }: Register,
    out: Tensor,
    { keep, slope, add, past, remember }: AffineMove,
    z: Tensor | undefined,
    guidance: number | undefined,
  ): Promise<Register> {
    const kind: StepKind = {
      guided: guidance !== undefined,
      noisy: z !== undefined,
      past: memory !== undefined,
      remembers: remember !== undefined,
      learned: out.dims[1] === 2 * this.#shape[0]!,
    };
    const session = await this.#session(JSON.stringify(kind), () => stepGraph(this.#shape, kind));
    const outputs = await session.run({
      ...{ x: state, out, a: scalar(keep), b: scalar(slope) },
      ...(guidance === undefined ? {} : { w: scalar(guidance) }),
      ...(z ? { c: scalar(add), z } : {}),
      ...(memory ? { p: scalar(past), m: memory } : {}),
      ...(remember ? { e: scalar(remember.keep), f: scalar(remember.slope) } : {}),
    });
    return { state: outputs["next"]!, memory: outputs["memory"] };
  }

  #session(name: string, graph: () => Graph): Promise<InferenceSession> {
    const known = this.#sessions.get(name);
    if (known) return known;
    const options = sessionOptions({ device: "webgpu", threads: 1, keepsOutputs: true });
    const session = InferenceSession.create(encodeGraph(graph()), options);
    this.#sessions.set(name, session);
    session.catch(() => this.#sessions.delete(name));
    return session;
  }
}

function forget(...tensors: readonly (Tensor | undefined)[]): void {
  for (const tensor of tensors) if (tensor?.location === "gpu-buffer") tensor.dispose();
}

const scalar = (value: number): Tensor => new Tensor("float32", Float32Array.of(value), [1]);

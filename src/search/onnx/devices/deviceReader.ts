import { InferenceSession, type Tensor } from "onnxruntime-node";
import { encodeGraph } from "../graph/encodeGraph.js";
import { sessionOptions } from "./device.js";
import { identityGraph } from "./stepGraphs.js";

/** Reads tensors that lie in WebGPU's memory, through an identity, since `getData()` on one aborts the process. */
export class DeviceReader {
  readonly #sessions = new Map<number, Promise<InferenceSession>>();

  /** The values of a tensor on the device, which is disposed of. */
  async read(tensor: Tensor): Promise<Float32Array> {
    try {
      const session = await this.#session(tensor.dims.length);
      const { y } = await session.run({ x: tensor });
      return y!.data as Float32Array;
    } finally {
      tensor.dispose();
    }
  }

  async dispose(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const session of sessions) await (await session).release();
  }

  #session(rank: number): Promise<InferenceSession> {
    const known = this.#sessions.get(rank);
    if (known) return known;
    const options = sessionOptions({ device: "webgpu", threads: 1 });
    const session = InferenceSession.create(encodeGraph(identityGraph(rank)), options);
    this.#sessions.set(rank, session);
    session.catch(() => this.#sessions.delete(rank));
    return session;
  }
}

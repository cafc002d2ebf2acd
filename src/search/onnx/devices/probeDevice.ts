import { Tensor } from "onnxruntime-node";
import { encodeGraph } from "../graph/encodeGraph.js";
import type { Device } from "./device.js";
import { DeviceFailure } from "./deviceFailure.js";
import { missingFor } from "./missing.js";
import { nodesOn } from "./placement.js";
import { createProfiled } from "./profiledRun.js";

export interface DeviceProbe {
  /** Milliseconds of a run when everything is compiled: two products of 384 x 384 matrices, to the device and back. */
  readonly milliseconds: number;
  /** It calls itself a GPU and is so slow that it must be computed on the processor (SwiftShader, lavapipe). */
  readonly isSoftware: boolean;
}

const SIDE = 384;
/** Below 6 GFLOP/s: far slower than a slow GPU and its way there and back, far faster than SwiftShader on a few cores. */
const SOFTWARE_MILLISECONDS = 40;

const probes = new Map<Device, Promise<DeviceProbe>>();

/** Runs a small graph on a device, once in a process: a device does not come and go. Throws a `DeviceFailure`. */
export function probeDevice(device: Device): Promise<DeviceProbe> {
  const known = probes.get(device);
  if (known) return known;
  const probe = run(device);
  // Whoever asks gets the failure; kept for those who ask later.
  probe.catch(() => undefined);
  probes.set(device, probe);
  return probe;
}

async function run(device: Device): Promise<DeviceProbe> {
  const missing = missingFor(device);
  if (missing !== undefined) throw new DeviceFailure(missing);
  const x = new Tensor("float32", new Float32Array(SIDE * SIDE).fill(1), [SIDE, SIDE]);
  const { session, placement } = await createProfiled(products(), { device, threads: 1 }, { x });
  try {
    const [there] = nodesOn(device, placement);
    if (there === 0) throw new DeviceFailure("it loads, but the CPU runs everything in its place");
    const started = performance.now();
    const { y } = await session.run({ x });
    const milliseconds = performance.now() - started;
    const value = (y!.data as Float32Array)[0]!;
    if (Math.abs(value - 1) > 1e-3)
      throw new DeviceFailure(`it computes wrongly: 1 became ${value} in a product of matrices`);
    return { milliseconds, isSoftware: device !== "cpu" && milliseconds > SOFTWARE_MILLISECONDS };
  } finally {
    await session.release();
  }
}

/** y = x w w, where every element of w is 1 / SIDE: ones stay ones. */
function products(): Uint8Array {
  const shape = [SIDE, SIDE];
  return encodeGraph({
    name: "probe",
    inputs: [{ name: "x", shape }],
    outputs: [{ name: "y", shape }],
    nodes: [
      { operator: "MatMul", inputs: ["x", "w"], outputs: ["h"] },
      { operator: "MatMul", inputs: ["h", "w"], outputs: ["y"] },
    ],
    constants: [{ name: "w", shape, data: new Float32Array(SIDE * SIDE).fill(1 / SIDE) }],
  });
}

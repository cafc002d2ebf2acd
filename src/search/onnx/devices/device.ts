import type { InferenceSession } from "onnxruntime-node";
import type { Placement } from "./placement.js";

/** Where a model can run, by the name that people give it. */
export type Device = "cpu" | "webgpu" | "cuda" | "dml" | "coreml";

/** What `openSession` takes: "auto" is the best one that really loads. */
export const deviceNames = ["auto", "cpu", "webgpu", "cuda", "dml", "coreml"] as const;
export type DeviceName = (typeof deviceNames)[number];

/** The runtime's execution provider of each device, as its profile spells it. */
export const providerOf: Readonly<Record<Device, string>> = {
  cpu: "CPUExecutionProvider",
  webgpu: "WebGpuExecutionProvider",
  cuda: "CUDAExecutionProvider",
  dml: "DmlExecutionProvider",
  coreml: "CoreMLExecutionProvider",
};

/**
 * What "auto" tries on an operating system, best first. The runtime's package has CUDA on Linux x64 alone and DirectML on Windows. On a Mac
 * WebGPU goes before Core ML, which leaves graphs with a free batch size to the CPU for the most part.
 */
export function devicesBestFirst(platform: NodeJS.Platform, arch: string): readonly Device[] {
  switch (platform) {
    case "win32":
      return ["dml", "webgpu", "cpu"];
    case "darwin":
      return ["webgpu", "coreml", "cpu"];
    default:
      return arch === "x64" ? ["cuda", "webgpu", "cpu"] : ["webgpu", "cpu"];
  }
}

/** Where one graph is loaded. */
export interface Place {
  readonly device: Device;
  /** Of the processor, in one model call. */
  readonly threads: number;
  /** Outputs stay in the device's memory: WebGPU alone can. They are never read with `getData()`, which aborts the process. */
  readonly keepsOutputs?: boolean;
  /** It is run once on zeros, and what ran where is known. */
  readonly profiled?: boolean;
  /** Is told that, of each graph that is loaded there. */
  readonly placed?: (placement: Placement) => void;
}

/** One device at a time: in a list the runtime passes over in silence what it does not know. */
export function sessionOptions({ device, threads, keepsOutputs }: Place): InferenceSession.SessionOptions {
  return {
    executionProviders: [device],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Waiting threads must not take the processor from the editor.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
    logSeverityLevel: 3,
    // What DirectML asks for.
    ...(device === "dml" ? { enableMemPattern: false, executionMode: "sequential" as const } : {}),
    ...(device === "webgpu" && keepsOutputs ? { preferredOutputLocation: "gpu-buffer" as const } : {}),
  };
}

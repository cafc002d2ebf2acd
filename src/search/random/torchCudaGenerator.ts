import { InputError } from "../inputError.js";
import { listed, oneOf, wholeNumber } from "../check.js";
import { philox, type Words } from "./philox.js";
import { parseShape, parseTorchSeed, type TorchSeed } from "./torchSeed.js";

/** What of a GPU decides which thread draws which value. */
export interface CudaDevice {
  readonly multiprocessors: number;
  readonly threadsPerMultiprocessor: number;
}

/** Known GPUs, from NVIDIA's specifications. */
export const cudaDevices = {
  A100: { multiprocessors: 108, threadsPerMultiprocessor: 2048 },
  H100: { multiprocessors: 132, threadsPerMultiprocessor: 2048 },
  H200: { multiprocessors: 132, threadsPerMultiprocessor: 2048 },
  V100: { multiprocessors: 80, threadsPerMultiprocessor: 2048 },
  T4: { multiprocessors: 40, threadsPerMultiprocessor: 1024 },
  L4: { multiprocessors: 58, threadsPerMultiprocessor: 1536 },
  A4000: { multiprocessors: 48, threadsPerMultiprocessor: 1536 },
  "RTX 2070 Super": { multiprocessors: 40, threadsPerMultiprocessor: 1024 },
  "RTX 3060": { multiprocessors: 28, threadsPerMultiprocessor: 1536 },
  "RTX 3090": { multiprocessors: 82, threadsPerMultiprocessor: 1536 },
  "RTX 4090": { multiprocessors: 128, threadsPerMultiprocessor: 1536 },
} as const satisfies Record<string, CudaDevice>;

export type CudaDeviceName = keyof typeof cudaDevices;

const BLOCK = 256;

/**
 * torch.Generator on CUDA after manual_seed (ATen/native/cuda/DistributionTemplates.h): Philox4x32-10 with one stream per thread, four
 * normals a call, elements dealt out over a grid that is as large as the GPU. Up to as many values as the GPU has threads every element
 * has a thread of its own, and all GPUs agree; that is also the layout when no GPU is named (A1111's "NV" noise).
 */
export class TorchCudaGenerator {
  private readonly seed: TorchSeed;
  private readonly blocks: number;
  /** Calls of Philox that each thread has made. */
  private calls = 0;

  constructor(seed: number | bigint, device?: CudaDevice | CudaDeviceName) {
    this.seed = parseTorchSeed(seed);
    this.blocks = device === undefined ? Infinity : blocksOf(device);
  }

  /** torch.randn(shape, device="cuda"), float32. `into`: of as many values, to be written over. */
  randn(shape: readonly number[], into?: Float32Array): Float32Array {
    const count = parseShape(shape);
    const values = into ?? new Float32Array(count);
    if (count === 0) return values;
    const threads = BLOCK * Math.min(Math.ceil(count / BLOCK), this.blocks);
    const rounds = Math.floor((count - 1) / (4 * threads)) + 1;
    for (let round = 0; round < rounds; round++) {
      for (let thread = 0; thread < threads; thread++) {
        const first = round * 4 * threads + thread;
        if (first >= count) break;
        const normals = this.normals(thread, this.calls + round);
        for (let k = 0, at = first; k < 4 && at < count; k++, at += threads) values[at] = normals[k]!;
      }
    }
    this.calls += rounds;
    return values;
  }

  private normals(thread: number, call: number): number[] {
    const counter: Words = [call >>> 0, Math.floor(call / 2 ** 32), thread, 0];
    const [x, y, z, w] = philox(counter, [this.seed.low, this.seed.high]);
    return [...pair(x, y), ...pair(z, w)];
  }
}

/** curand's Box-Muller: the sine comes first. */
function pair(x: number, y: number): [number, number] {
  const radius = Math.sqrt(-2 * Math.log(x * 2 ** -32 + 2 ** -33));
  const angle = (y * 2 ** -32 + 2 ** -33) * 2 * Math.PI;
  return [radius * Math.sin(angle), radius * Math.cos(angle)];
}

function blocksOf(device: CudaDevice | CudaDeviceName): number {
  const names = Object.keys(cudaDevices) as CudaDeviceName[];
  if (typeof device === "string") return blocksOf(cudaDevices[oneOf(device, "GPU", names)]);
  if (typeof device !== "object" || device === null) {
    throw new InputError(
      `The GPU must be { multiprocessors, threadsPerMultiprocessor } or a name. ${listed("There is", names)}.`,
    );
  }
  const multiprocessors = wholeNumber(device.multiprocessors, "multiprocessors", 1);
  const threads = wholeNumber(device.threadsPerMultiprocessor, "threadsPerMultiprocessor", BLOCK);
  return multiprocessors * Math.floor(threads / BLOCK);
}

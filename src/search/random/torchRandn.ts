import { oneOf } from "../check.js";
import { TorchCpuGenerator } from "./torchCpuGenerator.js";
import { TorchCudaGenerator, type CudaDevice, type CudaDeviceName } from "./torchCudaGenerator.js";

/**
 * `torch.manual_seed(seed); torch.randn(shape)` (float32) of PyTorch's CPU or CUDA generator. On CUDA, draws of more values than the GPU has
 * threads depend on the GPU: name it for those.
 */
export function torchRandn(
  seed: number | bigint,
  shape: readonly number[],
  device: "cpu" | "cuda" = "cpu",
  gpu?: CudaDevice | CudaDeviceName,
): Float32Array {
  const named = oneOf(device, "device", ["cpu", "cuda"]);
  return (named === "cpu" ? new TorchCpuGenerator(seed) : new TorchCudaGenerator(seed, gpu)).randn(shape);
}

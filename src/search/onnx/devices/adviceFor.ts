import type { Device } from "./device.js";
import { CUDA_FILES, runtimeFolder, runtimeVersion } from "./missing.js";

/** What to do so that a device that failed works, in one or two sentences. */
export function adviceFor(device: Device): string {
  const { platform, arch } = process;
  switch (device) {
    case "cpu":
      return "";
    case "cuda":
      if (platform !== "linux" || arch !== "x64")
        return `CUDA is to be had on Linux x64 only; on ${platform} ${arch} take ${alternative(platform)}.`;
      return `CUDA needs ${CUDA_FILES.join(" and ")} of onnxruntime ${runtimeVersion()} (package Microsoft.ML.OnnxRuntime.Gpu.Linux) in ${runtimeFolder()}, an NVIDIA driver, and the CUDA and cuDNN 9 libraries that "ldd ${CUDA_FILES[1]}" names.`;
    case "webgpu":
      return platform === "linux"
        ? "WebGPU needs a GPU with a Vulkan driver: install libvulkan1 and the driver's own package, and see with vulkaninfo whether it finds the GPU."
        : "WebGPU needs a GPU whose driver is up to date; over a remote desktop or in a virtual machine there may be none.";
    case "dml":
      return platform === "win32"
        ? "DirectML needs Windows 10 1903 or later and a GPU with a DirectX 12 driver."
        : `DirectML is to be had on Windows only; on ${platform} take ${alternative(platform)}.`;
    case "coreml":
      return platform === "darwin"
        ? "Core ML needs macOS 10.15 or later on an Apple-silicon Mac."
        : `Core ML is to be had on a Mac only; on ${platform} take ${alternative(platform)}.`;
  }
}

function alternative(platform: NodeJS.Platform): string {
  if (platform === "win32") return '"dml" or "webgpu"';
  return platform === "darwin" ? '"webgpu" or "coreml"' : '"webgpu" or "cuda"';
}

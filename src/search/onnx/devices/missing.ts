import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { env, listSupportedBackends } from "onnxruntime-node";
import type { Device } from "./device.js";

/** The version of the runtime's package. */
export const runtimeVersion = (): string => env.versions.node ?? env.versions.common;

/** Where the runtime's own library lies, and where it looks for further providers. Known on Linux alone: the only one with further ones. */
export function runtimeFolder(): string {
  const maps = process.platform === "linux" ? readFileSync("/proc/self/maps", "utf8") : "";
  const library = /\s(\/.*\/libonnxruntime\.so[^/]*)$/m.exec(maps)?.[1];
  return library === undefined ? "the folder of onnxruntime's library" : dirname(library);
}

/** CUDA is a part of its own, which the package of the runtime does not bring. */
export const CUDA_FILES = ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"] as const;

/**
 * What a device needs and this machine lacks, as far as files tell; found before the runtime is asked, which answers with a page of native
 * messages.
 */
export function missingFor(device: Device): string | undefined {
  const known = listSupportedBackends().map(({ name }) => name);
  if (!known.includes(device))
    return `the runtime for ${process.platform} ${process.arch} has no such device: it has ${known.join(", ")}`;
  if (device === "cuda") {
    const absent = CUDA_FILES.filter((file) => !existsSync(join(runtimeFolder(), file)));
    return absent.length ? `${absent.join(" and ")} are not in ${runtimeFolder()}` : undefined;
  }
  if (device === "webgpu" && process.platform === "linux" && !hasLibrary("libvulkan.so.1"))
    return "there is no Vulkan on this machine (libvulkan.so.1)";
  return undefined;
}

/** As the loader looks: the folders of LD_LIBRARY_PATH, its cache, the standard folders. */
function hasLibrary(name: string): boolean {
  const folders = (process.env["LD_LIBRARY_PATH"] ?? "").split(delimiter).filter(Boolean);
  const standard = ["/lib", "/usr/lib", "/lib64", "/usr/lib64", "/usr/local/lib"];
  if ([...folders, ...standard].some((folder) => existsSync(join(folder, name)))) return true;
  try {
    return readFileSync("/etc/ld.so.cache").includes(name);
  } catch {
    return false;
  }
}

import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { chromiumFolder } from "../../harness/browser.mjs";

/** WebGPU without a GPU: the variables that make a process find SwiftShader, a Vulkan on the processor. They must be set before it starts. */
export async function softwareGpu(): Promise<NodeJS.ProcessEnv> {
  const folder = await chromiumFolder();
  const icd = join(folder, "vk_swiftshader_icd.json");
  return {
    LD_LIBRARY_PATH: [folder, process.env["LD_LIBRARY_PATH"]].filter(Boolean).join(delimiter),
    VK_ICD_FILENAMES: icd,
    VK_DRIVER_FILES: icd,
    XDG_RUNTIME_DIR: mkdtempSync(join(tmpdir(), "dnb-gpu-")),
  };
}

/** The npm browser that brings it is of this platform alone. */
export const hasSoftwareGpu = `${process.platform}-${process.arch}` === "linux-x64";

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { totalmem, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  adapterOf,
  onLinux,
  onMac,
  onNvidia,
  onWindows,
} from "../../../../src/search/onnx/devices/adapters.js";

test("the processor is an adapter with the machine's memory", async () => {
  const adapter = await adapterOf("cpu");
  expect(adapter!.name).not.toBe("");
  expect(adapter!.memoryBytes).toBe(totalmem());
});

test("what nvidia-smi prints, and nothing of what it does not know", () => {
  expect(onNvidia("NVIDIA H100 80GB HBM3, 81559, 550.54.15\nTesla T4, [N/A], 535.1\n")).toEqual([
    { name: "NVIDIA H100 80GB HBM3", memoryBytes: 81559 * 2 ** 20, driver: "550.54.15" },
    { name: "NVIDIA Tesla T4", driver: "535.1" },
  ]);
  expect(onNvidia("")).toEqual([]);
  expect(onNvidia("No devices were found\n")).toEqual([]);
});

test("what system_profiler and PowerShell print", () => {
  expect(onMac('{"SPDisplaysDataType":[{"sppci_model":"Apple M2 Pro"},{}]}')).toEqual([
    { name: "Apple M2 Pro" },
  ]);
  expect(onMac("")).toEqual([]);
  const radeon = '{"Name":"AMD Radeon","AdapterRAM":1073741824,"DriverVersion":"31.0"}';
  expect(onWindows(radeon)).toEqual([{ name: "AMD Radeon", memoryBytes: 2 ** 30, driver: "31.0" }]);
  // Of 16 GB it says 4 GB less 1 MB, in 32 bits.
  expect(onWindows('[{"Name":"RTX","AdapterRAM":4293918720},{"x":1}]')).toEqual([{ name: "RTX" }]);
  expect(onWindows("damaged")).toEqual([]);
});

test("the cards that the Linux kernel lists, without connectors and without NVIDIA's", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dnb-drm-"));
  const card = async (name: string, files: Record<string, string>): Promise<void> => {
    await mkdir(join(folder, name, "device"), { recursive: true });
    for (const [file, text] of Object.entries(files))
      await writeFile(join(folder, name, "device", file), `${text}\n`);
  };
  await card("card0", { vendor: "0x8086", device: "0x9a49", uevent: "DRIVER=i915\nPCI_ID=8086:9A49" });
  await card("card1", {
    vendor: "0x1002",
    device: "0x744c",
    mem_info_vram_total: "25753026560",
    uevent: "DRIVER=amdgpu",
  });
  await card("card2", { vendor: "0x10de", device: "0x2330", uevent: "DRIVER=nvidia" });
  await card("card0-HDMI-A-1", {});
  expect(await onLinux(folder)).toEqual([
    { name: "Intel 0x9a49 (i915)" },
    { name: "AMD 0x744c (amdgpu)", memoryBytes: 25753026560 },
  ]);
  expect(await onLinux(join(folder, "none"))).toEqual([]);
  await rm(folder, { recursive: true });
});

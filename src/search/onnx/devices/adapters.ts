import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Device } from "./device.js";

/** A graphics adapter as the operating system names it. */
export interface Adapter {
  readonly name: string;
  /** Its own memory, where the system says. */
  readonly memoryBytes?: number;
  /** Version of its driver. */
  readonly driver?: string;
}

const PATIENCE = 5000;

/** The adapter that a device computes on: the processor with the machine's memory, or the only graphics adapter there is. */
export async function adapterOf(device: Device): Promise<Adapter | undefined> {
  if (device === "cpu") return { name: cpus()[0]?.model.trim() || process.arch, memoryBytes: totalmem() };
  const all = await graphicsAdapters();
  if (device === "cuda") return all.find(({ name }) => /nvidia/i.test(name));
  // The runtime does not say which one it took, so of several none is named.
  return all.length === 1 ? all[0] : undefined;
}

/** All graphics adapters of the machine; none when the system has no way to ask. Takes up to seconds on Windows and macOS. */
export async function graphicsAdapters(): Promise<readonly Adapter[]> {
  switch (process.platform) {
    case "darwin":
      return onMac(await output("system_profiler", ["-json", "SPDisplaysDataType"]));
    case "win32":
      return onWindows(
        await output("powershell", [
          ...["-NoProfile", "-NonInteractive", "-Command"],
          "Get-CimInstance Win32_VideoController | Select-Object Name,AdapterRAM,DriverVersion | ConvertTo-Json",
        ]),
      );
    default: {
      const nvidia = onNvidia(
        await output("nvidia-smi", [
          "--query-gpu=name,memory.total,driver_version",
          "--format=csv,noheader,nounits",
        ]),
      );
      return [...nvidia, ...(await onLinux("/sys/class/drm"))];
    }
  }
}

/** Lines of "name, MiB, driver". */
export function onNvidia(text: string): readonly Adapter[] {
  return text.split("\n").flatMap((line) => {
    const [name, mebibytes, driver] = line.split(",").map((field) => field.trim());
    if (!name || !mebibytes) return [];
    const memory = Number(mebibytes);
    return [
      {
        name: /nvidia/i.test(name) ? name : `NVIDIA ${name}`,
        // Of a machine that shares its memory it says "[N/A]".
        ...(Number.isFinite(memory) ? { memoryBytes: memory * 2 ** 20 } : {}),
        ...(driver ? { driver } : {}),
      },
    ];
  });
}

export function onMac(text: string): readonly Adapter[] {
  const displays = plainRecord(parse(text))["SPDisplaysDataType"];
  if (!Array.isArray(displays)) return [];
  return displays.flatMap((entry: unknown) => {
    const name = plainRecord(entry)["sppci_model"];
    return typeof name === "string" ? [{ name }] : [];
  });
}

export function onWindows(text: string): readonly Adapter[] {
  const found = parse(text);
  return (Array.isArray(found) ? (found as readonly unknown[]) : [found]).flatMap((entry) => {
    const { Name: name, AdapterRAM: memory, DriverVersion: driver } = plainRecord(entry);
    if (typeof name !== "string") return [];
    return [
      {
        name,
        // A 32-bit number there: what is larger is cut off at 4 GB, so it says nothing.
        ...(typeof memory === "number" && memory > 0 && memory < 2 ** 32 - 2 ** 21
          ? { memoryBytes: memory }
          : {}),
        ...(typeof driver === "string" ? { driver } : {}),
      },
    ];
  });
}

const VENDORS: Readonly<Record<string, string>> = { "0x1002": "AMD", "0x8086": "Intel", "0x10de": "NVIDIA" };

/** Graphics cards by the kernel's own list, those of NVIDIA's driver left out: `nvidia-smi` knows those better. */
export async function onLinux(folder: string): Promise<readonly Adapter[]> {
  const cards = (await readdir(folder).catch(() => [])).filter((name) => /^card\d+$/.test(name)).sort();
  const adapters = await Promise.all(
    cards.map(async (card): Promise<Adapter | undefined> => {
      const read = (name: string): Promise<string> =>
        readFile(join(folder, card, "device", name), "utf8").then(
          (text) => text.trim(),
          () => "",
        );
      const [vendor, id, memory, event] = await Promise.all(
        ["vendor", "device", "mem_info_vram_total", "uevent"].map(read),
      );
      const driver = /^DRIVER=(.*)$/m.exec(event ?? "")?.[1];
      if (!vendor || !id || driver === "nvidia") return undefined;
      return {
        name: `${VENDORS[vendor] ?? vendor} ${id}${driver ? ` (${driver})` : ""}`,
        ...(memory ? { memoryBytes: Number(memory) } : {}),
      };
    }),
  );
  return adapters.filter((adapter) => adapter !== undefined);
}

/** What a program prints; nothing where there is no such program. */
async function output(program: string, args: readonly string[]): Promise<string> {
  try {
    const options = { timeout: PATIENCE, windowsHide: true, encoding: "utf8" } as const;
    return (await promisify(execFile)(program, [...args], options)).stdout;
  } catch {
    return "";
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const plainRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

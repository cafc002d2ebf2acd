import { existsSync } from "node:fs";
import { cpus, freemem, totalmem } from "node:os";
import { messageOf } from "../../search/check.js";
import { adviceFor } from "../../search/onnx/devices/adviceFor.js";
import { calibrationKey, MOST_THREADS, type Calibration } from "../../search/onnx/devices/autoThreads.js";
import { graphicsAdapters } from "../../search/onnx/devices/adapters.js";
import { devicesBestFirst, providerOf, type Device } from "../../search/onnx/devices/device.js";
import { bestThreads, measureThreads } from "../../search/onnx/devices/measureThreads.js";
import { measureMachine } from "../../search/onnx/devices/machineThreads.js";
import { runtimeVersion } from "../../search/onnx/devices/missing.js";
import { probeDevice } from "../../search/onnx/devices/probeDevice.js";
import { FolderFiles } from "../../search/onnx/files/folderFiles.js";
import { ModelFolder } from "../../search/onnx/modelFolder.js";
import { OnnxDenoiser } from "../../search/onnx/onnxDenoiser.js";
import { openModel } from "../../search/onnx/openModel.js";
import type { DeviceDiagnosis, Diagnosis } from "../protocol.js";

/**
 * Tries every device of the runtime with a small computation, times the model in `folder` with one thread and more, and opens it, or `asked`, as a
 * session does, to say where it really runs. Takes about a second, and what `asked` takes. The best numbers of threads, of that model and of networks
 * that are too large to be timed, are remembered in `calibration`, in the place of what was measured before: sessions take it from there.
 */
export async function diagnose(
  folder: string,
  calibration?: Calibration,
  asked?: string,
): Promise<Diagnosis> {
  // First, for it may be what is wrong.
  const model =
    asked !== undefined || existsSync(folder) ? await placementOf(asked ?? folder, calibration) : undefined;
  const best = devicesBestFirst(process.platform, process.arch);
  const others = (Object.keys(providerOf) as Device[]).filter((device) => !best.includes(device));
  const devices: DeviceDiagnosis[] = [];
  for (const device of best) devices.push(await diagnoseDevice(device));
  // Nothing that is done here brings those.
  for (const device of others) devices.push({ ...(await diagnoseDevice(device)), advice: "" });
  const threads = await timesOf(folder, calibration);
  // For diffusers folders.
  await measureMachine(calibration);
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    runtime: runtimeVersion(),
    processor: cpus()[0]?.model.trim() ?? process.arch,
    cores: cpus().length,
    memoryBytes: totalmem(),
    freeBytes: freemem(),
    adapters: await graphicsAdapters(),
    devices,
    threads,
    bestThreads: bestThreads(threads),
    ...(model ? { model } : {}),
  };
}

/** Where a session of the model runs, graph by graph. */
async function placementOf(
  folder: string,
  calibration: Calibration | undefined,
): Promise<NonNullable<Diagnosis["model"]>> {
  const engine = await openModel(folder, {}, undefined, {}, calibration ? { calibration } : {});
  try {
    const { name } = engine.model;
    const { provider, providers = [], fallbackOperators, parts = [], tried = [] } = engine.device;
    const denoiser = { part: "denoiser", provider, providers, fallbackOperators };
    return { name, provider, parts: [denoiser, ...parts], tried };
  } finally {
    await engine.dispose();
  }
}

async function diagnoseDevice(device: Device): Promise<DeviceDiagnosis> {
  try {
    const { milliseconds, isSoftware } = await probeDevice(device);
    const reason = "its GPU is computed on the processor; auto passes it over";
    return { device, works: true, milliseconds, ...(isSoftware && { reason, advice: adviceFor(device) }) };
  } catch (error) {
    return { device, works: false, reason: messageOf(error), advice: adviceFor(device) };
  }
}

async function timesOf(folder: string, calibration?: Calibration): Promise<Diagnosis["threads"]> {
  const opened = await FolderFiles.open(folder)
    .then((files) => ModelFolder.open(files))
    .catch(() => undefined);
  if (!opened) return [];
  const size = opened.card.image.reduce((product, side) => product * side, 1);
  const most = Math.min(MOST_THREADS, cpus().length);
  const times = await measureThreads((threads) => OnnxDenoiser.load(opened, threads), size, most);
  calibration?.remember(calibrationKey(opened.card.denoiser.sha256), bestThreads(times));
  return times;
}

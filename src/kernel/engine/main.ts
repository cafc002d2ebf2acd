import { join, resolve } from "node:path";
import { parentPort } from "node:worker_threads";
import { messageOf } from "../../search/check.js";
import { CalibrationFile } from "./calibrationFile.js";
import { diagnose } from "./diagnose.js";
import { memoryLimit } from "./memoryLimit.js";
import { deviceNames } from "../../search/onnx/devices/device.js";
import { MemoryRoom } from "./memoryRoom.js";
import type { FromEngineThread, ToEngineThread } from "./messages.js";
import { ModelNames } from "./modelNames.js";
import { runtimeVersion } from "../../search/onnx/devices/missing.js";
import { ModelShelf } from "./modelShelf.js";
import { ResultCache } from "./resultCache.js";
import { ScorerShelf } from "./scorerShelf.js";
import { serve } from "./serve.js";

// dist/ and media/ lie side by side, in the repository and in the packaged extension.
const embedded = process.env["DNB_MODELS"] || resolve(__dirname, "../media/models");
const tell = new Set<(sentence: string) => void>();
const cache = new ResultCache({
  folder: process.env["DNB_CACHE"],
  size: process.env["DNB_CACHE_SIZE"],
  report: (sentence) => tell.forEach((hear) => hear(sentence)),
});
const kept = process.env["DNB_CACHE"];
const calibration = new CalibrationFile(
  kept && kept !== "none" ? join(kept, "calibration/threads.json") : undefined,
);
const device = process.env["DNB_DEVICE"] || undefined;
const room = new MemoryRoom(memoryLimit(process.env["DNB_MEMORY_LIMIT"]), () => changed());
const scorers = new ScorerShelf(
  room,
  deviceNames.find((name) => name === device),
);
const names = new ModelNames(embedded, process.env["DNB_MODEL"] || "emoji");
const say = (message: FromEngineThread): void => parentPort?.postMessage(message);
const shelf: ModelShelf = new ModelShelf({
  names,
  storage: () => cache.storage,
  scorers,
  calibration,
  limit: room,
  ...(device === undefined ? {} : { device }),
  changed: () => changed(),
});
const changed = (): void => say({ type: "models", models: shelf.models, runtime: runtimeVersion() });

parentPort?.on("message", (message: ToEngineThread) => {
  if (message.type === "connect") return serve(message.port, shelf, scorers, tell);
  if (message.type === "diagnose") {
    const { id, model } = message;
    const asked = async () => (model === undefined ? undefined : names.folder(model, process.cwd()));
    asked()
      .then((folder) => diagnose(join(embedded, "emoji"), calibration, folder))
      .then(
        (diagnosis) => say({ type: "diagnosis", id, diagnosis }),
        (error: unknown) => say({ type: "failed", id, reason: messageOf(error) }),
      );
    return;
  }
  cache.close();
  parentPort?.close();
});

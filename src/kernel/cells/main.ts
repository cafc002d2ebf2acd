import { syncBuiltinESMExports } from "node:module";
import worker from "node:worker_threads";
import { CellsWorker } from "./cellsWorker.js";
import type { CellsWorkerData } from "./messages.js";

const data = worker.workerData as CellsWorkerData;
// A cell that imports node:worker_threads must not find the kernel's ports there.
Object.assign(worker, { workerData: null });
syncBuiltinESMExports();

new CellsWorker(data).start();

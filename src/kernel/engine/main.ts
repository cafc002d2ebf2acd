import { resolve } from "node:path";
import { parentPort } from "node:worker_threads";
import type { ConnectEngine } from "./messages.js";
import { ModelShelf } from "./modelShelf.js";
import { serve } from "./serve.js";

// dist/ and media/ lie side by side, in the repository and in the packaged extension.
const embedded = process.env["DNB_MODELS"] || resolve(__dirname, "../media/models");
const shelf = new ModelShelf(embedded, process.env["DNB_MODEL"] || "fashion");

parentPort?.on("message", ({ port }: ConnectEngine) => serve(port, shelf));

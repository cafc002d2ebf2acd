import { join } from "node:path";
import { Worker, type WorkerOptions } from "node:worker_threads";

/** A worker that runs one of the kernel's bundles, e.g. "cells.js", from the code cache if there is one. What it prints is the caller's. */
export const startThread = (bundle: string, options: WorkerOptions = {}): Worker =>
  new Worker(join(__dirname, "boot.js"), {
    ...options,
    argv: [join(__dirname, bundle)],
    stdout: true,
    stderr: true,
  });

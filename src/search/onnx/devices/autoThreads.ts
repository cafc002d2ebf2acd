import { cpus } from "node:os";
import type { Denoiser } from "../../engine/denoiser.js";
import { bestThreads, measureThreads } from "./measureThreads.js";
import { runtimeVersion } from "./missing.js";

/** Remembers how many threads are best for what a key names. */
export interface Calibration {
  recall(key: string): number | undefined;
  remember(key: string, threads: number): void;
}

/** Threads beyond which no gain is looked for. */
export const MOST_THREADS = 8;

/** What was measured for a denoiser on this machine before, by a session with "auto" or by `dnb doctor`; undefined: nothing. */
export function knownThreads(sha256: string, calibration: Calibration | undefined): number | undefined {
  return calibration?.recall(calibrationKey(sha256));
}

/** What the measurement is of: processor, cores, runtime and the model's hash. */
export function calibrationKey(sha256: string): string {
  const all = cpus();
  return [
    all[0]?.model.trim() ?? process.arch,
    `${all.length} cores`,
    `onnxruntime ${runtimeVersion()}`,
    sha256,
  ].join(", ");
}

/**
 * The best number of threads for a denoiser on the CPU: measured the first time, in up to a second for one whose call takes tens of
 * milliseconds, and then remembered. `size`: values of a state.
 */
export async function autoThreads(
  sha256: string,
  load: (threads: number) => Promise<Denoiser>,
  size: number,
  calibration: Calibration | undefined,
): Promise<number> {
  const known = knownThreads(sha256, calibration);
  if (known !== undefined) return known;
  const found = bestThreads(await measureThreads(load, size, Math.min(MOST_THREADS, cpus().length)));
  calibration?.remember(calibrationKey(sha256), found);
  return found;
}

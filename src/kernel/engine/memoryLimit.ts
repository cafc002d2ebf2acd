import { totalmem } from "node:os";

/** Bytes of model files that may be loaded at a time. `text`: such a number; absent, 0 or no number: half of the machine's memory. */
export function memoryLimit(text: string | undefined, machine = totalmem()): number {
  const bytes = Number(text ?? 0);
  return Number.isFinite(bytes) && bytes > 0 ? bytes : machine / 2;
}

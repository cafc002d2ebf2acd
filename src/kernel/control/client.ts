import type { KernelEvent } from "../protocol.js";

/** One side that is connected to the kernel: a window, or the program that started it. */
export interface Client {
  /** False when it has gone. */
  send(event: KernelEvent): boolean;
}

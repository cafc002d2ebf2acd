import type { CellError } from "../document/outputs.js";
import type { KernelExit } from "./kernelConnection.js";
import { messageOf } from "./log.js";

/** What the running cell says when its kernel has stopped. */
export function kernelStopped({ reason, stderr }: KernelExit): CellError {
  const message = `${reason} Variables and loaded models are gone. Run a cell to start a new kernel.`;
  const name = "KernelStopped";
  const lines = stderr.trimEnd().split("\n").slice(-10).join("\n");
  return lines.trim() ? { name, message, stack: `Its last lines on stderr:\n${lines}` } : { name, message };
}

export function kernelNotStarted(error: unknown): CellError {
  return {
    name: "KernelNotStarted",
    message: `The kernel could not be started: ${messageOf(error)}\nThe setting “dnb.node” chooses the Node.js that runs it; “Diffusion Notebook: Show Log” tells more.`,
  };
}

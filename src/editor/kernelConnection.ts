import type { KernelEvent, ReplyResult, RequestBody } from "../kernel/protocol.js";

/** What the editor needs of a running kernel process. */
export interface KernelConnection {
  /** Rejects with what went wrong; when the kernel stops, only after the listener of `onExit` has heard of it. */
  request(body: RequestBody): Promise<ReplyResult>;
  onEvent(listener: (event: KernelEvent) => void): void;
  /** Called once, also when the process is already gone. */
  onExit(listener: (exit: KernelExit) => void): void;
  /** Lets the process end in good order. */
  dispose(): void;
  /** Ends a process that does not answer. */
  kill(): void;
}

export interface KernelExit {
  /** What happened, as a sentence. */
  readonly reason: string;
  /** The last lines that the process wrote to its standard error. */
  readonly stderr: string;
}

/** `folder`: where the process runs. */
export type StartKernel = (folder: string | undefined) => Promise<KernelConnection>;

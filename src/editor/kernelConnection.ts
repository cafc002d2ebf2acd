import type { KernelEvent, NotebookId, ReplyResult, RequestBody } from "../kernel/protocol.js";

/** What the editor needs of a running kernel process. */
export interface KernelConnection {
  readonly pid: number;
  /** Those that it knew when the connection began: more than none when it outlived a window. */
  readonly notebooks: readonly NotebookId[];
  /** Rejects with what went wrong; when the kernel stops, only after the listener of `onExit` has heard of it. */
  request(body: RequestBody): Promise<ReplyResult>;
  onEvent(listener: (event: KernelEvent) => void): void;
  /** Called once, also when the process is already gone. */
  onExit(listener: (exit: KernelExit) => void): void;
  /** Lets the process end in good order. */
  dispose(): void;
  /** The process goes on, and waits for the next window for as long as its idle time-out says. */
  leave(): void;
  /** Ends a process that does not answer. */
  kill(): void;
}

export interface KernelExit {
  /** What happened, as a sentence. */
  readonly reason: string;
  /** The last lines that the process wrote to its standard error. */
  readonly stderr: string;
  /** The process is there, with all that it runs; only the connection to it has gone. */
  readonly lives?: boolean;
}

export interface Kernels {
  /** `folder`: where the process runs. One that is there already is the one. */
  start(folder: string | undefined): Promise<KernelConnection>;
  /** The one that is there already, if any; never starts one. */
  attach(folder: string | undefined): Promise<KernelConnection | undefined>;
  /** All that run for this user, whatever window started them. */
  others(): readonly { readonly pid: number; readonly folder: string }[];
  /** Ends one of those. Rejects when it does not answer. */
  end(pid: number): Promise<void>;
}

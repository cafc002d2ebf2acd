import { spawn, type ChildProcess } from "node:child_process";
import type { Duplex } from "node:stream";
import { FrameChannel } from "../protocol/frames.js";

/** How much of stderr is kept to explain an end. */
const TAIL = 4000;
const KILL_AFTER = 2000;

export interface KernelProcessOptions {
  /** The Node to run; in the extension host `process.execPath`, which ELECTRON_RUN_AS_NODE makes a Node. */
  readonly node: string;
  /** dist/kernel.js */
  readonly script: string;
  readonly directory?: string;
  readonly env?: NodeJS.ProcessEnv;
}

export interface KernelProcessEvents {
  readonly message: (value: unknown) => void;
  readonly garbage: (reason: string) => void;
  /** What native code prints. */
  readonly output: (text: string, name: "stdout" | "stderr") => void;
  /** Called once, whatever the end: also when it could not be started. */
  readonly exit: (exit: KernelExit) => void;
}

export interface KernelExit {
  readonly code: number | undefined;
  readonly signal: string | undefined;
  /** What happened, as a sentence. */
  readonly reason: string;
  /** Its last lines on stderr. */
  readonly stderr: string;
  /** The process is there; only the connection to it has gone. */
  readonly lives?: boolean;
}

/** The way to a kernel, whoever started it. */
export interface KernelTransport {
  readonly pid: number | undefined;
  /** False when the other side has gone. */
  send(message: unknown): boolean;
  /** The kernel is to end in good order. */
  stop(): void;
  /** The kernel is to go on without this side, if it can. */
  leave(): void;
  kill(): void;
}

export type OpenTransport = (on: KernelProcessEvents) => KernelTransport;

/** One kernel process and the pipe to it. */
export class KernelProcess implements KernelTransport {
  readonly #child: ChildProcess;
  readonly #channel: FrameChannel | undefined;
  #stderr = "";
  #exited = false;
  #stopping = false;

  constructor(options: KernelProcessOptions, on: KernelProcessEvents) {
    // NODE_OPTIONS carries a debugger's bootloader, which is not for this process.
    const { NODE_OPTIONS: _, ...env } = options.env ?? process.env;
    const exit = (code: number | null, signal: string | null, failure?: Error): void => {
      if (this.#exited) return;
      this.#exited = true;
      this.#channel?.close();
      on.exit({
        code: code ?? undefined,
        signal: signal ?? undefined,
        reason: failure ? explainFailure(failure, options.node) : explainExit(code, signal),
        stderr: lastLines(this.#stderr),
      });
    };
    this.#child = spawn(options.node, [options.script], {
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      env,
      windowsHide: true,
      ...(options.directory !== undefined && { cwd: options.directory }),
    });
    this.#child.on("error", (error) => exit(null, null, error));
    // After "exit" stderr may still hold the reason; "close" waits for it, but also for whoever inherited the pipe. An end that was asked for
    // needs no reason.
    this.#child.on("exit", (code, signal) => {
      if (this.#stopping) exit(code, signal);
      else setTimeout(() => exit(code, signal), 100);
    });
    this.#child.on("close", (code, signal) => exit(code, signal));
    for (const name of ["stdout", "stderr"] as const)
      this.#child[name]?.setEncoding("utf8").on("data", (text: string) => {
        if (name === "stderr") this.#stderr = (this.#stderr + text).slice(-TAIL);
        on.output(text, name);
      });
    const pipe = this.#child.stdio[3] as Duplex | null | undefined;
    if (pipe)
      this.#channel = new FrameChannel(pipe, {
        message: on.message,
        garbage: on.garbage,
        close: () => undefined,
      });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: unknown): boolean {
    return !this.#exited && (this.#channel?.send(message) ?? false);
  }

  /** Its end of the pipe tells the kernel to leave; one that does not is killed. */
  stop(): void {
    if (this.#exited) return;
    this.#stopping = true;
    this.#channel?.close();
    setTimeout(() => this.kill(), KILL_AFTER).unref();
  }

  /** It lives by its pipe. */
  leave(): void {
    this.stop();
  }

  kill(): void {
    if (!this.#exited) this.#child.kill("SIGKILL");
  }
}

export function explainExit(code: number | null, signal: string | null): string {
  if (signal) return `The kernel stopped (${signal}).`;
  return code === 0 ? "The kernel has ended." : `The kernel stopped (exit code ${code}).`;
}

export const explainFailure = (error: Error, node: string): string =>
  `The kernel could not be started: ${error.message}. It needs Node 20.12 or later; tried ${node}.`;

export const lastLines = (text: string): string => text.trimEnd().split("\n").slice(-20).join("\n");

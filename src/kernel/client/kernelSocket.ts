import { readFileSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { ChildProcess } from "node:child_process";
import { FrameChannel } from "../protocol/frames.js";
import { explainExit, lastLines, type KernelProcessEvents, type KernelTransport } from "./kernelProcess.js";
import type { KernelPlace } from "./kernelRoom.js";

const KILL_AFTER = 2000;
/** Between the end of the connection and the news of the process's end, which says why. */
const NEWS_PATIENCE = 1000;

export interface KernelSocketOptions {
  readonly socket: Socket;
  readonly pid: number;
  /** The process, where this side started it: only its parent hears how it ended. */
  readonly child?: ChildProcess;
  readonly place: KernelPlace;
}

/** The connection to a kernel that listens. */
export class KernelSocket implements KernelTransport {
  readonly #channel: FrameChannel;
  #ended = false;

  constructor(
    private readonly options: KernelSocketOptions,
    private readonly on: KernelProcessEvents,
  ) {
    this.#channel = new FrameChannel(options.socket, {
      message: on.message,
      garbage: on.garbage,
      close: () => void this.#lost(),
    });
  }

  get pid(): number {
    return this.options.pid;
  }

  send(message: unknown): boolean {
    return !this.#ended && this.#channel.send(message);
  }

  stop(): void {
    if (this.#ended) return;
    this.send({ id: 0, type: "shutdown" });
    // Nobody else is to connect to one that is ending.
    rmSync(this.options.place.card, { force: true });
    setTimeout(() => this.kill(), KILL_AFTER).unref();
  }

  leave(): void {
    this.#ended = true;
    this.#channel.close();
  }

  kill(): void {
    try {
      process.kill(this.pid, "SIGKILL");
    } catch {
      // It has ended already.
    }
  }

  async #lost(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    const { child } = this.options;
    const end = child && (await endOf(child));
    const [code, signal] = end ?? [null, null];
    const lives = !end && isThere(this.pid);
    this.on.exit({
      code: code ?? undefined,
      signal: signal ?? undefined,
      reason: end
        ? explainExit(code, signal)
        : lives
          ? "The connection to the kernel was lost."
          : "The kernel stopped.",
      stderr: this.#printed(),
      ...(lives && { lives }),
    });
  }

  #printed(): string {
    try {
      return lastLines(readFileSync(this.options.place.log, "utf8").slice(-4000));
    } catch {
      return "";
    }
  }
}

export function openSocket(address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    socket.once("error", reject).once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

type End = readonly [code: number | null, signal: string | null];

/** Undefined when it has not ended within a second. */
export async function endOf(child: ChildProcess): Promise<End | undefined> {
  if (child.exitCode !== null || child.signalCode !== null) return [child.exitCode, child.signalCode];
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), NEWS_PATIENCE);
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      resolve([code, signal]);
    });
  });
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

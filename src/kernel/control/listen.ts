import { timingSafeEqual, randomBytes } from "node:crypto";
import { rmSync, writeFileSync, renameSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { KernelCard } from "../protocol/kernelCard.js";

/** What a kernel that is to outlive its window is started with, as JSON in `DNB_LISTEN`. */
export interface ListenOptions {
  /** Path of a unix socket, or name of a pipe. */
  readonly address: string;
  /** Where to write the card. */
  readonly card: string;
  readonly folder: string;
  /** Seconds without a window and without a running cell after which the kernel ends. */
  readonly idle: number;
}

/** The exit code of a kernel whose place is taken by one that answers. */
export const ALREADY_THERE = 75;

export interface Listening {
  readonly token: string;
  close(): void;
}

/** Out of the environment, where neither cells nor the programs that they start are to find it. */
export function takeListenOptions(env: NodeJS.ProcessEnv): ListenOptions | undefined {
  const text = env["DNB_LISTEN"];
  delete env["DNB_LISTEN"];
  // SAFETY: written by the client of the same build.
  return text ? (JSON.parse(text) as ListenOptions) : undefined;
}

/** Rejects with the code EADDRINUSE when another kernel answers there. The card appears last: whoever reads it can connect. */
export async function listen(
  { address, card, folder }: ListenOptions,
  accept: (socket: Socket) => void,
): Promise<Listening> {
  const server = createServer(accept);
  try {
    await bind(server, address);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || (await answers(address))) throw error;
    // Left behind by one that was killed.
    rmSync(address, { force: true });
    await bind(server, address);
  }
  const token = randomBytes(32).toString("base64url");
  const content: KernelCard = { pid: process.pid, address, token, folder };
  writeFileSync(`${card}.new`, JSON.stringify(content), { mode: 0o600 });
  renameSync(`${card}.new`, card);
  return {
    token,
    close: () => {
      server.close();
      rmSync(card, { force: true });
    },
  };
}

export function isToken(given: string | undefined, token: string): boolean {
  const [a, b] = [Buffer.from(given ?? ""), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function bind(server: Server, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(address, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const end = (there: boolean) => () => {
      socket.destroy();
      resolve(there);
    };
    socket.once("connect", end(true)).once("error", end(false)).setTimeout(1000, end(true));
  });
}

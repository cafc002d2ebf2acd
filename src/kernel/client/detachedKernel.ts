import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import type { KernelCard } from "../protocol/kernelCard.js";
import { KernelClient, type ResultOf } from "./kernelClient.js";
import { explainExit, explainFailure, lastLines, type KernelProcessOptions } from "./kernelProcess.js";
import { readCard, type KernelPlace } from "./kernelRoom.js";
import { endOf, KernelSocket, openSocket } from "./kernelSocket.js";

/** A process that does not listen by then never will. */
const LISTENS_WITHIN = 20_000;
const HELLO_WITHIN = 20_000;

export interface DetachedKernelOptions extends KernelProcessOptions {
  readonly place: KernelPlace;
  /** Seconds without a window and without a running cell after which it ends; 0: with its window. */
  readonly idle: number;
}

export interface AttachedKernel {
  readonly client: KernelClient;
  readonly hello: ResultOf<"hello">;
}

/** The kernel that is there already; undefined when there is none, or none that speaks this window's protocol. */
export async function attachKernel(place: KernelPlace): Promise<AttachedKernel | undefined> {
  const card = readCard(place.card);
  if (!card) return undefined;
  try {
    return await greet(card, place);
  } catch {
    return undefined;
  }
}

/**
 * Starts a kernel that outlives this process. When another window was faster, its kernel is the one. Rejects with what the process said when it
 * does not come to listen.
 */
export async function startDetachedKernel(options: DetachedKernelOptions): Promise<AttachedKernel> {
  const { node, script, directory, env, place, idle } = options;
  // NODE_OPTIONS carries a debugger's bootloader, which is not for this process.
  const { NODE_OPTIONS: _, ...rest } = env ?? process.env;
  const { address, card, folder } = place;
  const before = readCard(card)?.pid;
  const printed = openSync(place.log, "w", 0o600);
  let child: ChildProcess;
  try {
    child = spawn(node, [script], {
      detached: true,
      stdio: ["ignore", printed, printed, "pipe"],
      env: { ...rest, DNB_LISTEN: JSON.stringify({ address, card, folder, idle }) },
      windowsHide: true,
      ...(directory !== undefined && { cwd: directory }),
    });
  } finally {
    closeSync(printed);
  }
  child.unref();
  const failure = await hasBegun(child);
  if (failure) throw new Error(explainFailure(failure, node));
  const found = readCard(card);
  if (found && found.pid !== before) return greet(found, place, found.pid === child.pid ? child : undefined);
  const end = await endOf(child);
  if (!end) {
    child.kill("SIGKILL");
    throw new Error(`The kernel did not listen within ${LISTENS_WITHIN / 1000} s.`);
  }
  // It gave way to one that was there: an old card of a process whose number is taken again is no such thing.
  const there = found && (await attachKernel(place));
  if (there) return there;
  const said = lastLines(readFileSync(place.log, "utf8").slice(-4000));
  throw new Error([explainExit(...end), said].filter(Boolean).join("\n"));
}

/** Resolves when the process listens or has ended, either of which closes its end of the pipe; with an error when there is none. */
function hasBegun(child: ChildProcess): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(undefined), LISTENS_WITHIN);
    const end = (failure?: Error): void => {
      clearTimeout(late);
      resolve(failure);
    };
    child.once("error", end);
    // Without a process the pipe means nothing; "error" follows.
    if (child.pid === undefined) return;
    const pipe = child.stdio[3] as Readable;
    pipe.once("close", () => end()).resume();
  });
}

async function greet(card: KernelCard, place: KernelPlace, child?: ChildProcess): Promise<AttachedKernel> {
  const socket = await openSocket(card.address);
  const client = new KernelClient(
    (on) => new KernelSocket({ socket, pid: card.pid, place, ...(child && { child }) }, on),
  );
  const late = setTimeout(() => client.disconnect(), HELLO_WITHIN);
  try {
    return { client, hello: await client.hello(card.token) };
  } catch (error) {
    client.disconnect();
    throw error;
  } finally {
    clearTimeout(late);
  }
}

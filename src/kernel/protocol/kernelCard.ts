import { fields, MalformedMessage, number, text } from "./shape.js";

/**
 * How a window finds a kernel that outlived another: a file in the user's own folder (0700), written by the kernel once it listens and removed
 * at its end. Whoever can read it may use the kernel.
 */
export interface KernelCard {
  readonly pid: number;
  /** Path of a unix socket, or name of a pipe on Windows. */
  readonly address: string;
  /** What the first request of a connection must carry. */
  readonly token: string;
  /** Where the kernel was started; empty for a window without a folder. */
  readonly folder: string;
}

/** Throws `MalformedMessage`, or a `SyntaxError` when it is no JSON. */
export function parseKernelCard(content: string): KernelCard {
  const card = fields(JSON.parse(content), "card");
  const pid = number(card, "pid", "card.");
  if (!Number.isInteger(pid) || pid < 1) throw new MalformedMessage("card.pid: expected a process's number");
  return {
    pid,
    address: text(card, "address", "card."),
    token: text(card, "token", "card."),
    folder: text(card, "folder", "card."),
  };
}

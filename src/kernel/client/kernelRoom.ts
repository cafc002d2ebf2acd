import { createHash } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { parseKernelCard, type KernelCard } from "../protocol/kernelCard.js";

/** Unix sockets' paths have no room for more on macOS (103) and Linux (107). */
const LONGEST_ADDRESS = 100;

/** Where the kernel of a folder is to be found: its socket, its card and what it prints. */
export interface KernelPlace {
  readonly address: string;
  readonly card: string;
  readonly log: string;
  readonly folder: string;
}

/**
 * The folder in which a user's kernels lie: nobody else may read it. `XDG_RUNTIME_DIR` where the system has one, else the temporary folder.
 * Throws when the folder belongs to somebody else or is open to others, as one that was laid as a trap would be.
 */
export function kernelRoom(env: NodeJS.ProcessEnv = process.env): string {
  const base = env["XDG_RUNTIME_DIR"] || tmpdir();
  const { uid, username } = userInfo();
  // Windows has no numbers of users, and its temporary folder is the user's own.
  const room = join(base, `dnb-${uid < 0 ? username : uid}`);
  mkdirSync(room, { recursive: true, mode: 0o700 });
  if (process.platform === "win32") return room;
  const found = lstatSync(room);
  if (!found.isDirectory() || found.uid !== uid)
    throw new Error(
      `Kernels need the folder ${room}, and it is not yours. Remove it, or set XDG_RUNTIME_DIR.`,
    );
  if (found.mode & 0o077) chmodSync(room, 0o700);
  return room;
}

export function kernelPlace(room: string, folder: string, platform = process.platform): KernelPlace {
  const key = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  const base = join(room, key);
  const address = platform === "win32" ? `\\\\.\\pipe\\dnb-${userInfo().username}-${key}` : `${base}.sock`;
  if (platform !== "win32" && address.length > LONGEST_ADDRESS)
    throw new Error(
      `The path ${address} is too long for a socket (${LONGEST_ADDRESS} characters). Set XDG_RUNTIME_DIR to a folder with a shorter one.`,
    );
  return { address, card: `${base}.json`, log: `${base}.log`, folder };
}

/** Of a kernel whose process is there; whether it answers is found out by connecting. */
export function readCard(path: string): KernelCard | undefined {
  try {
    const card = parseKernelCard(readFileSync(path, "utf8"));
    process.kill(card.pid, 0);
    return card;
  } catch {
    return undefined;
  }
}

/** All kernels of this user, of whatever window. */
export function readCards(room: string): KernelCard[] {
  const names = readdirSync(room).filter((name) => name.endsWith(".json"));
  return names.flatMap((name) => readCard(join(room, name)) ?? []);
}

import { appendFileSync, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** Days that a log is kept. */
const KEPT = 7;
/** A cell that prints for ever must not fill the disk: characters of one log. */
const LARGEST = 2 ** 30;

/** The whole of what one cell prints, in a file, once that is too long for the notebook. */
export class OutputLog {
  /** Which of this thread writes to a path: a cell that runs again begins its log anew, and timers of the run before may still print. */
  static readonly #writers = new Map<string, OutputLog>();
  readonly path: string;
  #written = 0;
  #failure: string | undefined;

  /** `name`: any text; what a file name cannot hold of it is replaced. */
  constructor(name: string, folder = logFolder()) {
    this.path = join(folder, `${name.replace(/[^\w-]+/g, "_").slice(0, 100)}.log`);
    const before = OutputLog.#writers.get(this.path);
    if (before) before.#fail(new Error("a later run of the cell has its place"));
    OutputLog.#writers.set(this.path, this);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      removeOld(folder);
      rmSync(this.path, { force: true });
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Why it does not hold everything; undefined: it does. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Written before this returns, so that whoever prints waits for the disk and nothing piles up. */
  write(text: string): void {
    if (this.#failure) return;
    if (this.#written + text.length > LARGEST) {
      this.#failure = "it has reached 1 GiB";
      return;
    }
    this.#written += text.length;
    try {
      appendFileSync(this.path, text, { mode: 0o600 });
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure = error instanceof Error ? error.message : String(error);
  }
}

/** `DNB_LOGS`: the workspace's storage in VS Code; else a folder of this user's among the temporary files. */
function logFolder(): string {
  const named = process.env["DNB_LOGS"];
  if (named) return named;
  const { uid } = userInfo();
  return join(tmpdir(), uid < 0 ? "dnb-logs" : `dnb-logs-${uid}`);
}

function removeOld(folder: string): void {
  const oldest = Date.now() - KEPT * 24 * 3600 * 1000;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const isOld =
      name.endsWith(".log") && (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? oldest) < oldest;
    if (isOld) rmSync(path, { force: true });
  }
}

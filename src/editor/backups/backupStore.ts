/** The part of `node:fs/promises` that the store uses. Paths have slashes, on Windows too. */
export interface BackupFiles {
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  readdir(path: string): Promise<string[]>;
  readFile(path: string): Promise<Uint8Array>;
  writeFile(path: string, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: true }): Promise<void>;
}

/** One good version of a notebook. */
export interface Version {
  /** Larger is later. */
  readonly number: number;
  /** When it was kept, in milliseconds since 1970. */
  readonly time: number;
  readonly path: string;
}

/** Versions of a notebook that are kept. */
export const KEPT = 10;

const NAME = /^(\d{8})-(\d+)\.dnb$/;

/**
 * The last good versions of each notebook. VS Code truncates a file and then writes it, so a full disk or a crash leaves half of one;
 * what is in here was written beside and renamed, and an older version goes only when a newer one is there.
 */
export class BackupStore {
  /** One after another: two saves of a notebook must not count the same versions. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly folder: string,
    private readonly files: BackupFiles,
    private readonly now: () => number,
  ) {}

  /** Keeps the bytes as the newest version, unless they are it already. Rejects when they could not be written; then nothing has changed. */
  keep(notebook: string, bytes: Uint8Array): Promise<void> {
    const work = this.#last.then(() => this.#keep(notebook, bytes));
    this.#last = work.catch(() => undefined);
    return work;
  }

  /** Newest first; none for a notebook that was never kept, or when the folder cannot be read. */
  async versions(notebook: string): Promise<readonly Version[]> {
    const folder = await this.#folderOf(notebook);
    const names = await this.files.readdir(folder).catch(() => []);
    return names
      .flatMap((name): Version[] => {
        const [, number, time] = NAME.exec(name) ?? [];
        return number === undefined
          ? []
          : [{ number: Number(number), time: Number(time), path: `${folder}/${name}` }];
      })
      .sort((a, b) => b.number - a.number);
  }

  read({ path }: Version): Promise<Uint8Array> {
    return this.files.readFile(path);
  }

  async #keep(notebook: string, bytes: Uint8Array): Promise<void> {
    const folder = await this.#folderOf(notebook);
    await this.files.mkdir(folder, { recursive: true });
    const versions = await this.versions(notebook);
    const [newest] = versions;
    if (newest && equal(await this.read(newest).catch(() => new Uint8Array()), bytes)) return;
    const number = String((newest?.number ?? 0) + 1).padStart(8, "0");
    const draft = `${folder}/${number}.tmp`;
    try {
      await this.files.writeFile(draft, bytes);
      await this.files.rename(draft, `${folder}/${number}-${this.now()}.dnb`);
    } catch (error) {
      await this.files.rm(draft, { force: true }).catch(() => undefined);
      throw error;
    }
    // One that cannot be deleted is tried again next time.
    for (const { path } of versions.slice(KEPT - 1))
      await this.files.rm(path, { force: true }).catch(() => undefined);
  }

  /** A hash: a URI may be longer than a file's name can be. */
  async #folderOf(notebook: string): Promise<string> {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(notebook));
    const bytes = [...new Uint8Array(digest, 0, 16)];
    return `${this.folder}/${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
  }
}

const equal = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, at) => byte === b[at]);

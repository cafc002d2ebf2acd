import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as disk from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { decodeNotebook } from "../../../src/document/decodeNotebook.js";
import { BackupStore, type BackupFiles } from "../../../src/editor/backups/backupStore.js";
import { Safekeeping } from "../../../src/editor/backups/safekeeping.js";

const root = mkdtempSync(join(tmpdir(), "dnb-safe-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder: string;
let file: string;
let folders = 0;
beforeEach(fresh);
function fresh(): void {
  folder = join(root, String(++folders));
  mkdirSync(folder);
  file = join(folder, "a.dnb");
}

const bytes = (text: string): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ dnb: 1, cells: [{ id: "a", kind: "code", source: [text] }] }));
const same = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a !== undefined && Buffer.compare(a, b) === 0;
const [before, after] = [bytes("before"), bytes("after, and longer than it was before")];

type Files = BackupFiles & Pick<typeof disk, "appendFile" | "truncate">;

/** The store and the files of the extension, over the operations of `files`. */
const safekeeping = (files: Files, time: number): Safekeeping<string> =>
  new Safekeeping(new BackupStore(join(folder, "store"), files, () => time), {
    nameOf: (path) => path,
    beside: (path, ending) => path + ending,
    read: (path) =>
      files.readFile(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
        return undefined;
      }),
    write: (path, content) => files.writeFile(path, content),
    replace: (from, to) => files.rename(from, to),
    remove: (path) => files.rm(path, { force: true }),
  });

/** VS Code's save: the file is emptied, then written in parts. */
async function save(files: Files, content: Uint8Array): Promise<void> {
  await files.truncate(file, 0);
  await files.appendFile(file, content.subarray(0, content.length / 2));
  await files.appendFile(file, content.subarray(content.length / 2));
}

/** Operation `n` (from 1) fails, once or with all after it; a failing write has written half. */
function failing(n: number, forGood: boolean): { readonly files: Files; readonly count: () => number } {
  let count = 0;
  const guarded =
    (name: keyof Files) =>
    async (...args: [string, ...unknown[]]): Promise<unknown> => {
      count++;
      if (count !== n && !(forGood && count > n))
        return (disk[name] as (...all: unknown[]) => Promise<unknown>)(...args);
      if (name === "writeFile" || name === "appendFile") {
        const [path, content] = args as [string, Uint8Array];
        await disk[name](path, content.subarray(0, content.length / 2));
      }
      throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    };
  const names = [
    "mkdir",
    "readdir",
    "readFile",
    "writeFile",
    "rename",
    "rm",
    "appendFile",
    "truncate",
  ] as const;
  return {
    files: Object.fromEntries(names.map((name) => [name, guarded(name)])) as unknown as Files,
    count: () => count,
  };
}

const isNotebook = (content: Uint8Array): boolean => {
  try {
    decodeNotebook(content);
    return true;
  } catch {
    return false;
  }
};

describe.each([
  ["once", false],
  ["and every one after it", true],
])("the n-th file operation fails, %s", (_, forGood) => {
  it("from opening the notebook to the end of its save: the last good bytes are on disk or come back", async () => {
    let passed = false;
    for (let n = 1; !passed; n++) {
      expect(n).toBeLessThan(100);
      fresh();
      writeFileSync(file, before);
      const { files, count } = failing(n, forGood);
      const window = safekeeping(files, 1);
      await window.keepFile(file).catch(() => undefined);
      await window.keep(file, after).catch(() => undefined);
      await save(files, after).catch(() => undefined);
      passed = count() < n;

      // The window starts again; the disk works again.
      const restarted = safekeeping(disk, 3);
      const store = new BackupStore(join(folder, "store"), disk, () => 3);
      const kept = await Promise.all((await restarted.versions(file)).map((version) => store.read(version)));
      for (const version of kept) decodeNotebook(version);
      const damaged = readFileSync(file);
      if (!isNotebook(damaged)) await restarted.restoreLast(file);
      const found = readFileSync(file);
      expect(
        [before, after].some((good) => same(found, good)),
        `operation ${n}`,
      ).toBe(true);
      // What stood there before was not thrown away.
      if (!same(found, damaged) && damaged.length)
        expect(same(readFileSync(`${file}.damaged`), damaged), `operation ${n}`).toBe(true);
      if (passed)
        expect([same(found, after), same(kept[0], after), same(kept[1], before)]).toEqual([true, true, true]);
      // A next save finds nothing in its way.
      await restarted.keep(file, bytes("later"));
      await save(disk, bytes("later"));
      const [newest] = await restarted.versions(file);
      expect(same(await store.read(newest!), bytes("later"))).toBe(true);
    }
  });

  it("while a version is restored: the file is as it was or whole, and can be restored again", async () => {
    const half = after.subarray(0, 40);
    let passed = false;
    for (let n = 1; !passed; n++) {
      expect(n).toBeLessThan(100);
      fresh();
      writeFileSync(file, half);
      await safekeeping(disk, 1).keep(file, before);
      await safekeeping(disk, 2).keep(file, after);
      const { files, count } = failing(n, forGood);
      const restored = await safekeeping(files, 3)
        .restoreLast(file)
        .then(
          () => true,
          () => false,
        );
      passed = count() < n;
      const found = readFileSync(file);
      if (!restored) {
        expect(same(found, half), `operation ${n}`).toBe(true);
        await safekeeping(disk, 4).restoreLast(file);
      }
      // A version that could not be read gives way to the one before it.
      expect(
        [before, after].some((good) => same(readFileSync(file), good)),
        `operation ${n}`,
      ).toBe(true);
      expect(same(readFileSync(`${file}.damaged`), half), `operation ${n}`).toBe(true);
      if (passed) expect(same(found, after)).toBe(true);
      expect(existsSync(`${file}.restored`)).toBe(false);
    }
  });
});

it("nothing is restored where nothing was kept, and no file that is no notebook is kept", async () => {
  writeFileSync(file, "half a noteb");
  const safe = safekeeping(disk, 1);
  await safe.keepFile(file);
  expect(await safe.versions(file)).toEqual([]);
  await expect(safe.restoreLast(file)).rejects.toThrow("There is no earlier version of it.");
  expect(readFileSync(file, "utf8")).toBe("half a noteb");
});

it("a notebook that was never kept, from git or another program, is a version before another takes its place", async () => {
  const safe = safekeeping(disk, 1);
  const store = new BackupStore(join(folder, "store"), disk, () => 1);
  await safe.keep(file, before);
  writeFileSync(file, after);
  const [first] = await safe.versions(file);
  await safe.restore(file, first!);
  expect(same(readFileSync(file), before)).toBe(true);
  const versions = await safe.versions(file);
  expect(versions).toHaveLength(2);
  expect(same(await store.read(versions[0]!), after)).toBe(true);
  // Back and forth: both are there already.
  for (const version of [...versions, ...versions]) await safe.restore(file, version);
  expect(await safe.versions(file)).toHaveLength(2);
  expect(existsSync(`${file}.damaged`)).toBe(false);
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as disk from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { decodeNotebook } from "../../../src/document/decodeNotebook.js";
import { BackupStore, KEPT, type BackupFiles } from "../../../src/editor/backups/backupStore.js";

const root = mkdtempSync(join(tmpdir(), "dnb-backups-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const fresh = (): string => join(root, String(++folders));
const bytes = (text: string): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ dnb: 1, cells: [{ id: "a", kind: "code", source: [text] }] }));
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

describe("the store of good versions", () => {
  it("keeps the last ten, newest first, each once, apart for each notebook", async () => {
    let time = 1000;
    const store = new BackupStore(fresh(), disk, () => time++);
    for (let index = 0; index < 14; index++) {
      await store.keep("file:///a.dnb", bytes(`${index}`));
      await store.keep("file:///a.dnb", bytes(`${index}`));
    }
    await store.keep("file:///b.dnb", bytes("b"));
    const versions = await store.versions("file:///a.dnb");
    expect(versions).toHaveLength(KEPT);
    const texts = await Promise.all(
      versions.map(async (version) => new TextDecoder().decode(await store.read(version))),
    );
    expect(texts.map((text) => /\["(\d+)"\]/.exec(text)?.[1])).toEqual([
      "13",
      "12",
      "11",
      "10",
      "9",
      "8",
      "7",
      "6",
      "5",
      "4",
    ]);
    expect(versions[0]?.time).toBe(1013);
    expect(await store.versions("file:///b.dnb")).toHaveLength(1);
    expect(await store.versions("file:///c.dnb")).toEqual([]);
  });

  it("keeps every one of saves that overlap", async () => {
    const store = new BackupStore(fresh(), disk, () => 1);
    await Promise.all(["1", "2", "3"].map((text) => store.keep("x", bytes(text))));
    expect(await store.versions("x")).toHaveLength(3);
  });

  it("works in a folder that holds other files, and does not in one that cannot be written", async () => {
    const folder = fresh();
    const store = new BackupStore(folder, disk, () => 1);
    await store.keep("x", bytes("1"));
    const [version] = await store.versions("x");
    writeFileSync(join(version!.path, "..", "00000009.tmp"), "half");
    writeFileSync(join(version!.path, "..", "notes.txt"), "mine");
    await store.keep("x", bytes("2"));
    expect((await store.versions("x")).map(({ number }) => number)).toEqual([2, 1]);
    writeFileSync(join(root, "a-file"), "");
    await expect(
      new BackupStore(join(root, "a-file"), disk, () => 1).keep("x", bytes("1")),
    ).rejects.toThrow();
  });
});

/** VS Code's save: the file is emptied, then written in parts. */
async function save(
  files: BackupFiles & Pick<typeof disk, "appendFile" | "truncate">,
  file: string,
  content: Uint8Array,
): Promise<void> {
  await files.truncate(file, 0);
  await files.appendFile(file, content.subarray(0, content.length / 2));
  await files.appendFile(file, content.subarray(content.length / 2));
}

type Files = BackupFiles & Pick<typeof disk, "appendFile" | "truncate">;

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

describe("a save of which a file operation fails", () => {
  it.each([
    ["once", false],
    ["and every one after it", true],
  ])("%s, leaves the last good bytes on disk or in the store", async (_, forGood) => {
    let passed = false;
    for (let n = 1; !passed; n++) {
      expect(n).toBeLessThan(100);
      const folder = fresh();
      await disk.mkdir(folder);
      const file = join(folder, "a.dnb");
      const [before, after] = [bytes("before"), bytes("after, and longer than it was before")];
      await disk.writeFile(file, before);
      await new BackupStore(join(folder, "store"), disk, () => 1).keep(file, before);

      const { files, count } = failing(n, forGood);
      const store = new BackupStore(join(folder, "store"), files, () => 2);
      await store.keep(file, after).catch(() => undefined);
      await save(files, file, after).catch(() => undefined);
      passed = count() < n;

      // The window starts again; the disk works again.
      const restarted = new BackupStore(join(folder, "store"), disk, () => 3);
      const kept = await Promise.all(
        (await restarted.versions(file)).map((version) => restarted.read(version)),
      );
      for (const version of kept) decodeNotebook(version);
      expect(
        [before, after].some((good) => same(kept[0] ?? new Uint8Array(), good)),
        `operation ${n}`,
      ).toBe(true);
      expect(
        kept.some((version) => same(version, before)),
        `operation ${n}`,
      ).toBe(true);
      const onDisk = readFileSync(file);
      if (passed) expect(same(onDisk, after) && same(kept[0]!, after)).toBe(true);
      // A next save finds nothing in its way.
      await restarted.keep(file, bytes("later"));
      expect(same(await restarted.read((await restarted.versions(file))[0]!), bytes("later"))).toBe(true);
    }
  });
});

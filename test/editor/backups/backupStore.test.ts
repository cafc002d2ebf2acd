import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import * as disk from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { BackupStore, KEPT } from "../../../src/editor/backups/backupStore.js";

const root = mkdtempSync(join(tmpdir(), "dnb-backups-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const fresh = (): string => join(root, String(++folders));
const bytes = (text: string): Uint8Array =>
  new TextEncoder().encode(JSON.stringify({ dnb: 1, cells: [{ id: "a", kind: "code", source: [text] }] }));

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

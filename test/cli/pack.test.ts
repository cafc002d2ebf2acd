import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { packed, unpacked } from "../../src/cli/pack/archive.js";
import { workbench } from "./workbench.js";

const { folder, dnb, write } = workbench();
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const good = new Map([
  ["a.dnb", text('{"dnb":1,"cells":[]}')],
  ["lib/x.ts", text("export const x = 1;")],
]);

describe("dnb pack and unpack", () => {
  it("bring a notebook and what it imports to another folder, byte by byte", async () => {
    write("nb.dnb", [
      "import { x } from './lib/x.js'; import data from \"./data.json\"; import y from 'package'",
      "await import('../outside.ts')",
    ]);
    mkdirSync(join(folder, "lib"));
    writeFileSync(join(folder, "lib/x.ts"), "export * from './y';");
    writeFileSync(join(folder, "lib/y.ts"), "export const x = 1;");
    writeFileSync(join(folder, "data.json"), "{}");
    writeFileSync(join(folder, "unused.ts"), "");
    expect((await dnb(["pack", "nb.dnb", "-o", "first.zip"])).code).toBe(0);
    await dnb(["pack", "nb.dnb", "-o", "second.zip"]);
    expect(readFileSync(join(folder, "second.zip")).equals(readFileSync(join(folder, "first.zip")))).toBe(
      true,
    );
    const { code, stdout } = await dnb(["unpack", "first.zip", "-o", "there"]);
    expect(code).toBe(0);
    expect(stdout.trim().split("\n").sort()).toEqual([
      "data.json",
      "lib/x.ts",
      "lib/y.ts",
      "nb.dnb",
      "nb.html",
    ]);
    expect(readFileSync(join(folder, "there/nb.dnb"), "utf8")).toBe(
      readFileSync(join(folder, "nb.dnb"), "utf8"),
    );
    expect(await dnb(["unpack", "first.zip", "-o", "there"])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("is not empty"),
    });
  });

  it("leave nothing behind when the archive is refused", async () => {
    writeFileSync(join(folder, "evil.zip"), zipSync({ "../evil.txt": text("x") }));
    const before = readdirSync(folder).sort();
    expect(await dnb(["unpack", "evil.zip"])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('it names "../evil.txt"'),
    });
    expect(readdirSync(folder).sort()).toEqual(before);
  });
});

describe("an archive", () => {
  it("comes back as it went", () => {
    expect([...unpacked(packed(good))]).toEqual([...good].map(([name, bytes]) => [name, Buffer.from(bytes)]));
  });

  it.each([
    "/etc/passwd",
    "../x",
    "a/../../x",
    "C:\\x",
    "C:x",
    "a\\b",
    "a//b",
    "./a",
    "a\u0000b",
    "nul",
    "COM1.txt",
    "a.",
    "dir/",
  ])("with the name %j is refused", (name) => {
    expect(() => unpacked(zipSync({ [name]: text("x") }))).toThrow("no plain relative path");
  });

  it("with a link is refused", () => {
    const link = zipSync({ link: [text("/etc/passwd"), { os: 3, attrs: 0o120777 << 16 }] });
    expect(() => unpacked(link)).toThrow("link is a link");
  });

  it("that unpacks to more than is allowed is stopped on the way, whatever it claims", () => {
    const bomb = packed(new Map([["zeros", new Uint8Array(20_000_000)]]));
    expect(bomb.length).toBeLessThan(200_000);
    expect(() => unpacked(bomb, { bytes: 1_000_000, entries: 10 })).toThrow("more than 1000000 bytes");
    // A size of 0 in the local header and in the directory does not help it.
    const view = new DataView(bomb.buffer, bomb.byteOffset, bomb.byteLength);
    for (let at = 0; at < bomb.length - 46; at++) {
      if (view.getUint32(at, true) === 0x04034b50) view.setUint32(at + 22, 0, true);
      if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 0, true);
    }
    expect(() => unpacked(bomb, { bytes: 1_000_000, entries: 10 })).toThrow("the archive was not unpacked");
    const many = packed(new Map(Array.from({ length: 20 }, (_, index) => [`f${index}`, text("x")])));
    expect(() => unpacked(many, { bytes: 1e6, entries: 10 })).toThrow("it has 21 entries");
  });

  it("cut anywhere or with a byte changed anywhere is refused, or is the same", () => {
    const archive = packed(good);
    for (let length = 0; length < archive.length; length++)
      expect(() => unpacked(archive.slice(0, length))).toThrow("was not unpacked");
    for (let at = 0; at < archive.length; at++) {
      const damaged = archive.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      try {
        for (const [name, bytes] of unpacked(damaged)) expect(Buffer.compare(bytes, good.get(name)!)).toBe(0);
      } catch (error) {
        expect(String(error)).toContain("was not unpacked");
      }
    }
  });
});

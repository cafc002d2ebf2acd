import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { encode } from "fast-png";
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

  it("bring the pictures of Markdown cells and the files that cells read; what is not packed is told", async () => {
    const put = (name: string, content: string | Uint8Array): void => {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    };
    const picture = encode({ width: 2, height: 1, data: Uint8Array.of(1, 2), channels: 1 });
    put("lab/images/a b.png", picture);
    put("lab/table.csv", "1,2");
    put("lab/images/photo.png", picture);
    put("lab/lib/read.ts", "readFileSync('values.json'); new URL('./near.txt', import.meta.url)");
    put("lab/values.json", "[1]");
    put("lab/lib/near.txt", "near");
    put("lab/computed/one.txt", "1");
    put("lab/computed/.secret", "s");
    put("lab/.env", "SOME_TOKEN=x");
    put("outside.png", picture);
    symlinkSync(join(folder, "outside.png"), join(folder, "lab/link.png"));
    put("lab/lab.html", "a page that a cell reads");
    put("lab/manifest.json", "{}");
    write("lab/lab.dnb", [
      [
        "markdown",
        "![a](images/a%20b.png 'title') ![b](../outside.png) [data](table.csv#row) ![c](http://x.invalid/y.png)",
      ],
      "// what isn't a string\nimport './lib/read'; await loadImage(\"images/photo.png\"); loadImage('link.png')",
      "for (const i of [1]) await readFile(`computed/${i}.txt`);",
      "await readFile('.env'); await readdir('computed'); await readFile(`lab.html`); await readFile('manifest.json')",
    ]);
    const named = [
      "images/a b.png",
      "images/photo.png",
      "lab.dnb",
      "lab.html",
      "lab.page.html",
      "lib/near.txt",
    ];
    named.push("lib/read.ts", "manifest.json", "table.csv", "values.json");
    const packing = await dnb(["pack", "lab/lab.dnb", "-o", "lab.zip"]);
    expect(packing.code).toBe(0);
    expect(packing.stderr.trim().split("\n")).toEqual([
      "dnb: ../outside.png lies outside of the notebook's folder and was not packed",
      "dnb: link.png lies outside of the notebook's folder and was not packed",
      "dnb: .env begins with a dot and was not packed; --include packs it",
      "dnb: computed is a folder and was not packed; --include packs it",
    ]);
    const { stdout } = await dnb(["unpack", "lab.zip", "-o", "lab-there"]);
    expect(stdout.trim().split("\n").sort()).toEqual(named);
    for (const name of named.filter((one) => one !== "lab.page.html"))
      expect(readFileSync(join(folder, "lab-there", name))).toEqual(readFileSync(join(folder, "lab", name)));
    // The page shows the picture, though it lies in no folder.
    const page = readFileSync(join(folder, "lab-there/lab.page.html"), "utf8");
    expect(page).toContain(`src="data:image/png;base64,${Buffer.from(picture).toString("base64")}"`);

    const more = ["--include", "lab/computed", "--include", "lab/.env"];
    expect((await dnb(["pack", "lab/lab.dnb", "-o", "more.zip", ...more])).code).toBe(0);
    const files = unpacked(readFileSync(join(folder, "more.zip")));
    expect([...files.keys()].filter((name) => !named.includes(name))).toEqual([".env", "computed/one.txt"]);
  });

  it.each([
    ["missing.txt", "there is no such file or folder"],
    ["../..", "it lies outside of the notebook's folder"],
  ])("refuse to include %s", async (path, why) => {
    write("nb.dnb", ["1"]);
    const { code, stderr } = await dnb(["pack", "nb.dnb", "-o", "never.zip", "--include", path]);
    expect([code, existsSync(join(folder, "never.zip"))]).toEqual([2, false]);
    expect(stderr).toContain(`--include ${path}: ${why}`);
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

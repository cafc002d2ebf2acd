import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { TestKernel } from "./startKernel.js";

interface Case {
  name: string;
  file: string;
  width: number;
  height: number;
  channels: 1 | 3;
}
const cases = JSON.parse(readFileSync("test/fixtures/pictures/files.json", "utf8")) as Case[];
const folder = mkdtempSync(join(tmpdir(), "dnb-pictures-"));
let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.open();
  await kernel.shows("import { loadImage } from 'dnb'");
}, 30_000);
afterAll(() => {
  kernel.close();
  rmSync(folder, { recursive: true });
});

it.each(["PNG palette of 4 bit interlaced", "JPEG progressive", "WebP lossy with alpha"])(
  "%s is loaded in a cell by the bundle",
  async (name) => {
    const one = cases.find((candidate) => candidate.name === name)!;
    const path = join(folder, "picture");
    writeFileSync(path, Buffer.from(one.file, "base64"));
    const { width, height, channels } = one;
    expect(
      await kernel.shows(
        `const p = await loadImage(${JSON.stringify(path)}); [p.width, p.height, p.channels, p.resize(2, 2).data.length].join()`,
      ),
    ).toBe(`'${[width, height, channels, 4 * channels].join()}'`);
  },
);

it("a path that is no picture is said with its name", async () => {
  writeFileSync(join(folder, "notes.txt"), "hello");
  const path = join(folder, "notes.txt");
  const said = async (code: string) => (await kernel.run(code)).result.error?.message;
  expect(await said(`await loadImage(${JSON.stringify(path)})`)).toContain(
    "notes.txt is no picture that is read here",
  );
  expect(await said("await loadImage('missing.png')")).toContain(
    "loadImage cannot read missing.png: there is no such file",
  );
});

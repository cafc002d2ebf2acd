import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { writeWhole } from "../../src/cli/files.js";

const root = mkdtempSync(join(tmpdir(), "dnb-files-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(root, "case-"));
});
const at = (...names: string[]): string => join(folder, ...names);

describe("writeWhole", () => {
  it("writes a file that is there and one that is not, and leaves nothing beside it", () => {
    for (const text of ["one", "two"]) {
      writeWhole(at("a.dnb"), text);
      expect(readFileSync(at("a.dnb"), "utf8")).toBe(text);
    }
    expect(readdirSync(folder)).toEqual(["a.dnb"]);
  });

  // Windows has neither permissions of this kind nor, for everybody, links.
  it.runIf(process.platform !== "win32")("keeps a link and the permissions of what it leads to", () => {
    mkdirSync(at("elsewhere"));
    writeFileSync(at("elsewhere", "real.dnb"), "one");
    symlinkSync(join("elsewhere", "real.dnb"), at("link.dnb"));
    for (const mode of [0o600, 0o666]) {
      chmodSync(at("elsewhere", "real.dnb"), mode);
      writeWhole(at("link.dnb"), `two ${mode}`);
      expect(readFileSync(at("elsewhere", "real.dnb"), "utf8")).toBe(`two ${mode}`);
      expect(statSync(at("elsewhere", "real.dnb")).mode & 0o777).toBe(mode);
    }
    symlinkSync(join("elsewhere", "new.dnb"), at("early.dnb"));
    writeWhole(at("early.dnb"), "three");
    expect(readFileSync(at("elsewhere", "new.dnb"), "utf8")).toBe("three");
    for (const link of ["link.dnb", "early.dnb"]) expect(lstatSync(at(link)).isSymbolicLink()).toBe(true);
    expect(readdirSync(at("elsewhere")).sort()).toEqual(["new.dnb", "real.dnb"]);
  });

  it("leaves what was there, and no draft, when it cannot be put there", () => {
    mkdirSync(at("taken", "inner"), { recursive: true });
    expect(() => writeWhole(at("taken"), "x")).toThrow();
    expect(readdirSync(folder)).toEqual(["taken"]);
  });
});

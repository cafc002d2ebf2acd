import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  KEPT_AT_END,
  KEPT_CHARACTERS,
  KEPT_LINES,
  OutputLimit,
} from "../../../src/kernel/cells/outputLimit.js";
import { OutputLog } from "../../../src/kernel/cells/outputLog.js";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "dnb-limit-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Prints all pieces, and what is shown of them. */
function printed(pieces: readonly string[], name: "stdout" | "stderr" = "stdout") {
  let log: OutputLog | undefined;
  const limit = new OutputLimit(() => (log = new OutputLog("cell 1/x", folder)));
  const before = pieces.flatMap((text) => limit.take(name, text));
  return { before, after: limit.finish(), log };
}

describe("what a notebook keeps of what a cell prints", () => {
  it("is everything up to the limit, and then there is no log", () => {
    const line = "x".repeat(9) + "\n";
    const { before, after, log } = printed([line.repeat(KEPT_LINES - 1), line]);
    expect(before.map(({ text }) => text.length)).toEqual([(KEPT_LINES - 1) * 10, 10]);
    expect([after, log]).toEqual([[], undefined]);
  });

  it.each([1, 7, 1000, 100_000])("is the first lines and the last ones, in pieces of %i lines", (size) => {
    const count = KEPT_LINES * 2;
    const lines = Array.from({ length: count }, (_, i) => `line ${i}\n`);
    const pieces = Array.from({ length: Math.ceil(count / size) }, (_, i) =>
      lines.slice(i * size, (i + 1) * size).join(""),
    );
    const { before, after, log } = printed(pieces);
    const shown = before.filter(({ name }) => name === "stdout").map(({ text }) => text);
    expect(shown.join("")).toBe(lines.slice(0, KEPT_LINES).join(""));
    const notes = before.filter(({ name }) => name === "stderr");
    expect(notes).toHaveLength(1);
    expect(notes[0]?.text).toBe(
      `… More than 20,000 lines or 1 MB of output. The whole is written to ${log?.path}\n`,
    );
    const [note, ...tail] = after;
    expect(note?.text).toMatch(/^… 20,000 lines, 0\.2 MB more in .*\.log The last of them:\n$/);
    const last = tail.map(({ text }) => text).join("");
    expect(last).toMatch(/^line \d+\n/);
    expect(lines.join("").endsWith(last)).toBe(true);
    expect(last.length).toBeGreaterThan(KEPT_AT_END - 20);
    expect(last.length).toBeLessThanOrEqual(KEPT_AT_END);
    expect(readFileSync(log!.path, "utf8")).toBe(lines.join(""));
  });

  it("is bounded for one endless line too", () => {
    const { before, after, log } = printed(["y".repeat(KEPT_CHARACTERS - 5), "z".repeat(3_000_000)]);
    expect(before.map(({ text }) => text.length).slice(0, 2)).toEqual([KEPT_CHARACTERS - 5, 5]);
    expect(before[2]?.text).toMatch(/^\n… More than/);
    expect(after.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(KEPT_AT_END + 500);
    expect(statSync(log!.path).size).toBe(KEPT_CHARACTERS - 5 + 3_000_000);
  });

  it("says so when the log cannot be written", () => {
    writeFileSync(join(folder, "file"), "");
    const limit = new OutputLimit(() => new OutputLog("a", join(folder, "file", "inside")));
    const texts = limit.take("stdout", "x\n".repeat(KEPT_LINES + 10)).map(({ text }) => text);
    expect(texts[1]).toMatch(/The rest is lost, because its log .* could not be written: /);
    expect(limit.finish()[0]?.text).toMatch(/10 lines, .*\(not all of it: /);
  });
});

it("a log of the same name belongs to the latest who opened it", () => {
  const [first, second] = [new OutputLog("cell-1-a", folder), new OutputLog("cell-1-a", folder)];
  second.write("second\n");
  first.write("a late line of the first\n");
  expect([first.path, first.failure]).toEqual([second.path, "a later run of the cell has its place"]);
  expect(readFileSync(second.path, "utf8")).toBe("second\n");
  expect(second.failure).toBeUndefined();
});

it("a log is private to its user, and old ones go", () => {
  const old = join(folder, "old.log");
  writeFileSync(old, "");
  utimesSync(old, 1, 1);
  writeFileSync(join(folder, "other.txt"), "");
  utimesSync(join(folder, "other.txt"), 1, 1);
  const log = new OutputLog("../../etc/passwd", folder);
  log.write("text");
  expect(log.path).toBe(join(folder, "_etc_passwd.log"));
  if (process.platform !== "win32") expect(statSync(log.path).mode & 0o777).toBe(0o600);
  expect(() => statSync(old)).toThrow();
  expect(statSync(join(folder, "other.txt")).size).toBe(0);
});

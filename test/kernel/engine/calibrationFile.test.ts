import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { CalibrationFile } from "../../../src/kernel/engine/calibrationFile.js";

const folder = mkdtempSync(join(tmpdir(), "dnb-calibration-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("what one kernel measured another knows, and neither loses what the other wrote", () => {
  const path = join(folder, "made/threads.json");
  const [one, two] = [new CalibrationFile(path), new CalibrationFile(path)];
  expect(one.recall("a")).toBeUndefined();
  expect(two.recall("a")).toBeUndefined();
  one.remember("a", 2);
  two.remember("b", 4);
  expect(two.recall("a")).toBe(2);
  const third = new CalibrationFile(path);
  expect([third.recall("a"), third.recall("b")]).toEqual([2, 4]);
});

test.each(["", "{", "[1]", "null", '{"a": "2", "b": 0, "c": 1e9, "d": 1.5}'])(
  "a file with %j is as if nothing had been measured, and is written anew",
  (content) => {
    const path = join(folder, "damaged.json");
    writeFileSync(path, content);
    const file = new CalibrationFile(path);
    for (const key of ["a", "b", "c", "d", "0"])
      if (content !== "[1]") expect(file.recall(key)).toBeUndefined();
    file.remember("a", 3);
    expect(new CalibrationFile(path).recall("a")).toBe(3);
  },
);

test("the oldest entries give way", () => {
  const path = join(folder, "many.json");
  const file = new CalibrationFile(path);
  for (let i = 0; i < 210; i++) file.remember(`key ${i}`, 1);
  expect(Object.keys(JSON.parse(readFileSync(path, "utf8")) as object)).toHaveLength(200);
  expect([file.recall("key 9"), file.recall("key 10")]).toEqual([undefined, 1]);
});

test("without a file, or with one that cannot be written, this process remembers", () => {
  for (const path of [undefined, join(folder, "many.json/below.json")]) {
    const file = new CalibrationFile(path);
    file.remember("a", 2);
    expect(file.recall("a")).toBe(2);
  }
});

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { nextChange } from "../../src/cli/run/changes.js";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "dnb-changes-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);

test("what a run writes itself is no change, and hides none that comes with it", async () => {
  put("a.dnb", "1");
  const asked: string[] = [];
  const isOwn = (path: string): boolean => {
    asked.push(path);
    return path.endsWith("a.dnb");
  };
  let ended = false;
  const changed = nextChange(join(folder, "a.dnb"), isOwn, new AbortController().signal);
  void changed.then(() => (ended = true));
  put("a.dnb", "2");
  while (!asked.length) await new Promise((later) => setTimeout(later, 10));
  expect([asked[0], ended]).toEqual([join(folder, "a.dnb"), false]);
  put("a.dnb", "3");
  put("notes.txt", "no matter");
  put("data.json", "{}");
  expect(await changed).toBe("data.json");
});

test("the end of a run ends the wait", async () => {
  const stop = new AbortController();
  const changed = nextChange(join(folder, "a.dnb"), () => false, stop.signal);
  stop.abort();
  await expect(changed).rejects.toThrow("interrupted");
});

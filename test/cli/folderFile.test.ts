import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { devNull, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { placeOf } from "../../src/cli/folderFile.js";

const root = realpathSync(mkdtempSync(join(tmpdir(), "dnb-place-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const folder = join(root, "lab");
mkdirSync(join(folder, ".git"), { recursive: true });
mkdirSync(join(root, "lab-too"));
for (const name of ["lab/a.txt", "lab/.git/config", "lab-too/b.txt", "b.txt"])
  writeFileSync(join(root, name), "");
symlinkSync(join(folder, "a.txt"), join(folder, "inner.txt"));
symlinkSync(join(root, "b.txt"), join(folder, "outer.txt"));
symlinkSync(root, join(folder, "up"));
symlinkSync(folder, join(root, "alias"));

test.each([
  ["a.txt", { path: join(folder, "a.txt"), name: "a.txt", isHidden: false }],
  ["./x/../a.txt", { path: join(folder, "a.txt"), name: "a.txt", isHidden: false }],
  [join(folder, "a.txt"), { path: join(folder, "a.txt"), name: "a.txt", isHidden: false }],
  [".git/config", { path: join(folder, ".git/config"), name: ".git/config", isHidden: true }],
  ["inner.txt", { path: join(folder, "a.txt"), name: "inner.txt", isHidden: false }],
  ["outer.txt", "outside"],
  ["up/b.txt", "outside"],
  ["../b.txt", "outside"],
  // A folder whose name begins like this one's is another one.
  ["../lab-too/b.txt", "outside"],
  [".", "folder"],
  [".git", "folder"],
  ["..", "outside"],
  ["none", "absent"],
  ["a.txt/b", "absent"],
  ["a\u0000", "absent"],
  ["x".repeat(5000), "absent"],
  [devNull, "absent"],
])("case %#", (path, place) => {
  expect(placeOf(path, folder)).toEqual(place);
});

test("a folder that is reached by a link is one all the same", () => {
  expect(placeOf("a.txt", join(root, "alias"))).toEqual({
    path: join(folder, "a.txt"),
    name: "a.txt",
    isHidden: false,
  });
});

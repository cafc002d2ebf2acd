import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { shownBy, workbench } from "./workbench.js";

const { folder, dnb, write, read } = workbench();

describe("what dnb run writes", () => {
  it("of a search over 100 rounds is below 300 kB, and again the same bytes", async () => {
    const { code } = await dnb([
      "run",
      resolve("test/fixtures/documents/hundred-rounds.dnb"),
      "-o",
      "hundred.dnb",
      "--cache",
      "results",
    ]);
    expect(code).toBe(0);
    expect(statSync(join(folder, "hundred.dnb")).size).toBeLessThan(300_000);
    const first = readFileSync(join(folder, "hundred.dnb"), "utf8");
    expect((await dnb(["run", "hundred.dnb", "--inplace", "--cache", "results"])).code).toBe(0);
    expect(readFileSync(join(folder, "hundred.dnb"), "utf8")).toBe(first);
  }, 300_000);

  it("has no secret, home path or user's name in it, not in stacks and reports either", async () => {
    write("private.dnb", [
      "import { homedir } from 'node:os'; import { join } from 'node:path'; console.log(join(homedir(), 'data'), process.env.SOME_TOKEN); process.env",
      "throw new Error(`no file ${homedir()}/x, token ${process.env.SOME_TOKEN}`)",
    ]);
    const secret = "a-secret-of-the-test";
    try {
      execFileSync(
        process.execPath,
        [
          resolve("dist/cli.js"),
          "run",
          "private.dnb",
          "-o",
          "private-out.dnb",
          ...["json", "junit", "html", "md"].flatMap((kind) => ["--report", kind]),
        ],
        { cwd: folder, env: { ...process.env, SOME_TOKEN: secret }, stdio: "pipe" },
      );
      expect.unreachable("the second cell fails");
    } catch (error) {
      expect((error as { status: number }).status).toBe(1);
    }
    expect(shownBy(read("private-out.dnb"), 0)).toBe("~/data [secret]\n");
    for (const name of [
      "private-out.dnb",
      "private-out.report.json",
      "private-out.junit.xml",
      "private-out.html",
      "private-out.md",
    ]) {
      const text = readFileSync(join(folder, name), "utf8");
      expect(text).toContain("no file ~/x, token [secret]");
      expect(text).not.toContain(secret);
      expect(text).not.toMatch(new RegExp(`${homedir()}(?![\\w-])`));
    }
  });
});

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { shownBy, workbench } from "./workbench.js";

const { folder, dnb, write, read } = workbench();

describe("what dnb run writes", () => {
  it("is written though the reader of what cells print has left", async () => {
    write("left.dnb", [
      "for (let i = 0; i < 20; i++) { console.log(i); await new Promise((r) => setTimeout(r, 5)); }",
      "2",
    ]);
    const { code, stderr } = await dnb(["run", "left.dnb", "-o", "left-out.dnb"], ({ leave }) => leave());
    expect(stderr).not.toContain("EPIPE");
    expect(code).toBe(0);
    expect(shownBy(read("left-out.dnb"), 0)).toMatch(/^0\n1\n[^]*\n19\n$/);
    expect(shownBy(read("left-out.dnb"), 1)).toBe("2");
  });

  it("goes on after a save in between that fails, and is there at the end", async () => {
    mkdirSync(join(folder, "gone"));
    write("interim.dnb", [
      "import { mkdirSync, rmSync } from 'node:fs'; rmSync('gone', { recursive: true }); await new Promise((r) => setTimeout(r, 1000));",
      "mkdirSync('gone'); 2",
    ]);
    const { code, stderr } = await dnb(["run", "interim.dnb", "-o", "gone/out.dnb"]);
    expect(stderr).toContain("gone/out.dnb could not be saved meanwhile: ");
    expect(code).toBe(0);
    expect(shownBy(read("gone/out.dnb"), 1)).toBe("2");
  });

  it.each(["-o", "--events", "--html"])(
    "is no folder: %s is refused before anything runs",
    async (option) => {
      write("refused.dnb", ["console.log('has run')"]);
      mkdirSync(join(folder, "a-folder"), { recursive: true });
      const { code, stdout, stderr } = await dnb(["run", "refused.dnb", option, "a-folder"]);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toContain("a-folder cannot be written: it is a folder");
      expect(readdirSync(join(folder, "a-folder"))).toEqual([]);
    },
  );

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
      "throw new Error(`no file ${homedir()}/x, token ${process.env.SOME_TOKEN}\\n${['gh', 'p_abcdefghijklmnopqrstuvwxyz0123456789'].join('')}`)",
    ]);
    const secret = `a"secret&of<the\\test`;
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
          ...["--events", "private.ndjson"],
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
      "private.ndjson",
    ]) {
      const text = readFileSync(join(folder, name), "utf8");
      expect(text).toContain("no file ~/x, token [secret]");
      expect(text).not.toMatch(/secret.*the.*test|ghp_/);
      expect(text).not.toMatch(new RegExp(`${homedir()}(?![\\w-])`));
    }
  });
});

import { build } from "esbuild";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { browserRun } from "./browserRun.mjs";
import { readReport } from "./report.mjs";
import { suiteFiles, suitesOf } from "./runs.mjs";
import { suitesPlugin } from "./suitesPlugin.mjs";

const fixtures = "test/harness/fixtures";

function scratch(name: string): string {
  mkdirSync("out/test/harness", { recursive: true });
  return mkdtempSync(`out/test/harness/${name}-`);
}

describe("the harness tells the truth", () => {
  const lines: string[] = [];
  const window = {
    run: { name: "main" },
    extension: `${fixtures}/extension`,
    pictures: "out/test/harness",
    print: (line: string) => void lines.push(line),
  };

  // The first of these may have to install VS Code.
  const patient = 300_000;

  beforeAll(async () => {
    await build({
      entryPoints: ["test/extension/index.ts"],
      outfile: "out/test/harness/suites.js",
      bundle: true,
      platform: "node",
      external: ["vscode", "mocha"],
      plugins: [suitesPlugin(`${fixtures}/suites`)],
      logLevel: "warning",
    });
  });

  test(
    "a failing test is counted, printed with its reason, and ends the run with 1",
    async () => {
      const report = await browserRun({
        ...window,
        tests: "out/test/harness/suites.js",
        expected: ["failing.suite.ts", "passing.suite.ts"],
      });
      expect(report).toMatchObject({ exit: 1, passed: 1, failed: 1 });
      expect(report.suites).toEqual({
        "failing.suite.ts": { tests: 1, failed: 1 },
        "passing.suite.ts": { tests: 1, failed: 0 },
      });
      expect(lines.join("\n")).toMatch(/FAIL {2}Failing fails on purpose\n.*Error: on purpose/);
    },
    patient,
  );

  test(
    "a run that never ends is an error, not a pass",
    async () => {
      const run = browserRun({
        ...window,
        tests: `${fixtures}/never-ends.cjs`,
        expected: ["x"],
        patience: 8,
      });
      await expect(run).rejects.toThrow(/nothing heard for 8 s/);
    },
    patient,
  );

  test("a suite that is not in the bundle is an error", async () => {
    const run = browserRun({ ...window, tests: "out/test/harness/suites.js", expected: ["new.suite.ts"] });
    await expect(run).rejects.toThrow(/left no report/);
    expect(lines.join("\n")).toContain("new.suite.ts is on disk but not in the bundle");
  }, 120_000);
});

describe("a report is believed only when it is whole", () => {
  const file = join(scratch("report"), "report.json");
  const report = (suites: object, failed = 0) => {
    writeFileSync(file, JSON.stringify({ passed: 1, failed, skipped: 0, suites }));
    return { expected: ["a.suite.ts", "b.suite.ts"], exit: failed ? 1 : 0 };
  };
  const told = { tests: 1, failed: 0 };

  test("a suite without a word", () => {
    const asked = report({ "a.suite.ts": told });
    expect(() => readReport(file, asked)).toThrow("reported no test: b.suite.ts");
  });

  test("an exit code that contradicts it", () => {
    const asked = report({ "a.suite.ts": told, "b.suite.ts": told });
    expect(() => readReport(file, { ...asked, exit: 1 })).toThrow("No test failed, but the run ended with 1");
    expect(readReport(file, asked)).toMatchObject({ passed: 1 });
  });

  test("no report at all", () => {
    expect(() => readReport(`${file}.not`, { expected: [], exit: "silence" })).toThrow("left no report");
  });
});

describe("which suites run where", () => {
  const folder = scratch("suites");
  for (const name of ["a", "b.page", "c.untrusted", "d.page.untrusted"])
    writeFileSync(join(folder, `${name}.suite.ts`), "");

  test.each([
    ["main", true, ["a.suite.ts", "b.page.suite.ts"]],
    ["main", false, ["a.suite.ts"]],
    ["untrusted", true, ["c.untrusted.suite.ts", "d.page.untrusted.suite.ts"]],
    ["untrusted", false, ["c.untrusted.suite.ts"]],
  ])("%s, with a page: %s", (name, page, files) => {
    expect(suitesOf({ name }, { page, folder })).toEqual(files);
  });

  test("a word that no run has is a mistake", () => {
    writeFileSync(join(folder, "e.untrustd.suite.ts"), "");
    expect(() => suiteFiles(folder)).toThrow('there is no run "untrustd"');
  });
});

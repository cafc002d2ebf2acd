import Mocha from "mocha";
import { writeFileSync } from "node:fs";
import suites from "dnb:suites";

/** VS Code calls this in the extension host. The harness says by DNB_SUITES which suites it expects, and reads the report. */
export async function run(): Promise<void> {
  try {
    await runSuites();
  } catch (error) {
    say(`  ${error instanceof Error ? error.message : String(error)}`);
    throw error; // VS Code makes it exit code 1
  }
}

async function runSuites(): Promise<void> {
  const expected = parseNames(process.env.DNB_SUITES);
  // The runner's events are reported below; a reporter of Mocha's own would say everything twice.
  const mocha = new Mocha({
    ui: "tdd",
    timeout: 60_000,
    forbidOnly: true,
    reporter: class extends Mocha.reporters.Base {},
  });
  for (const name of expected) {
    const load = suites[name];
    if (!load) throw new Error(`${name} is on disk but not in the bundle of the tests: build again.`);
    mocha.suite.emit("pre-require", globalThis, name, mocha);
    mocha.suite.emit("require", load(), name, mocha);
    mocha.suite.emit("post-require", globalThis, name, mocha);
  }
  const report = await new Promise<Report>((done) => {
    const collected: Report = { passed: 0, failed: 0, skipped: 0, suites: {} };
    const runner = mocha.run(() => done(collected));
    const count = (test: Mocha.Runnable, outcome: "passed" | "failed" | "skipped") => {
      collected[outcome] += 1;
      const suite = (collected.suites[fileOf(test)] ??= { tests: 0, failed: 0 });
      suite.tests += 1;
      if (outcome === "failed") suite.failed += 1;
    };
    runner.on("pass", (test) => {
      count(test, "passed");
      say(`  ok    ${test.fullTitle()} (${test.duration ?? 0} ms)`);
    });
    runner.on("pending", (test) => {
      count(test, "skipped");
      say(`  skip  ${test.fullTitle()}`);
    });
    // A failing hook comes here too: then its tests did not run, and the hook counts as one failed test.
    runner.on("fail", (test, error: unknown) => {
      count(test, "failed");
      say(`  FAIL  ${test.fullTitle()}`);
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      for (const line of text.split("\n")) say(`        ${line}`);
    });
  });
  if (process.env.DNB_REPORT) writeFileSync(process.env.DNB_REPORT, JSON.stringify(report));
  if (report.failed) throw new Error(`${report.failed} tests failed`);
}

interface Report {
  passed: number;
  failed: number;
  skipped: number;
  suites: Record<string, { tests: number; failed: number }>;
}

function fileOf(test: Mocha.Runnable): string {
  if (test.file) return test.file;
  return test.parent?.file ?? "?";
}

function parseNames(text: string | undefined): string[] {
  const names: unknown = JSON.parse(text ?? "null");
  if (!Array.isArray(names) || !names.every((name) => typeof name === "string"))
    throw new Error("DNB_SUITES must list the suites to run: start the tests with npm run test:extension.");
  return names;
}

/** The harness prints lines with this mark; the extension host says much else. */
function say(line: string): void {
  console.log(`[test] ${line}`);
}

import type Mocha from "mocha";
import * as vscode from "vscode";
import suites from "dnb:suites";

/** Runs the suites `expected` with the Mocha of the host, Node's or a browser's, and tells each test's end. */
export async function runSuites(mochaClass: typeof Mocha, expected: readonly string[]): Promise<Report> {
  // The runner's events are reported below; a reporter of Mocha's own would say everything twice.
  const mocha = new mochaClass({
    ui: "tdd",
    timeout: 60_000,
    forbidOnly: true,
    reporter: class extends mochaClass.reporters.Base {},
  });
  for (const name of expected) {
    const load = suites[name];
    if (!load) throw new Error(`${name} is on disk but not in the bundle of the tests: build again.`);
    mocha.suite.emit("pre-require", globalThis, name, mocha);
    mocha.suite.emit("require", load(), name, mocha);
    mocha.suite.emit("post-require", globalThis, name, mocha);
  }
  for (const suite of mocha.suite.suites) suite.afterAll("leaves no side bars and panel", tidy);
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
  return report;
}

/** What a suite has opened beside the notebooks takes their room from the next one. */
async function tidy(): Promise<void> {
  for (const part of ["Sidebar", "Panel", "AuxiliaryBar"])
    await vscode.commands.executeCommand(`workbench.action.close${part}`);
}

export interface Report {
  passed: number;
  failed: number;
  skipped: number;
  suites: Record<string, { tests: number; failed: number }>;
}

function fileOf(test: Mocha.Runnable): string {
  if (test.file) return test.file;
  return test.parent?.file ?? "?";
}

/** What DNB_SUITES says. */
export function parseNames(text: string | undefined): string[] {
  const names: unknown = JSON.parse(text ?? "null");
  if (!Array.isArray(names) || !names.every((name) => typeof name === "string"))
    throw new Error("DNB_SUITES must list the suites to run: start the tests with npm run test:extension.");
  return names;
}

/** The harness prints lines with this mark; the extension host says much else. */
export function say(line: string): void {
  console.log(`[test] ${line}`);
}

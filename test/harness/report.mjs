// What a window's suites said, and whether that is all they had to say.
import { existsSync, readFileSync } from "node:fs";

/** Lines of the extension host that start with this are for the person who reads the test's output. */
export const MARK = "[test] ";

/**
 * The report that test/extension/index.ts wrote, checked: every expected suite must have reported at least one test, and the exit code must
 * agree. Throws with a sentence otherwise.
 */
export function readReport(file, { expected, exit }) {
  if (!existsSync(file))
    throw new Error(`The suites left no report (${typeof exit === "number" ? `exit ${exit}` : exit}).`);
  const report = JSON.parse(readFileSync(file, "utf8"));
  const silent = expected.filter((suite) => !report.suites[suite]?.tests);
  if (silent.length) throw new Error(`These suites reported no test: ${silent.join(", ")}.`);
  const strangers = Object.keys(report.suites).filter((suite) => !expected.includes(suite));
  if (strangers.length)
    throw new Error(`These suites reported and were not asked to: ${strangers.join(", ")}.`);
  if (report.failed === 0 && exit !== 0) throw new Error(`No test failed, but the run ended with ${exit}.`);
  return report;
}

import Mocha from "mocha";
import { writeFileSync } from "node:fs";
import { parseNames, runSuites, say } from "./runSuites.js";

/** VS Code calls this in the extension host. The harness says by DNB_SUITES which suites it expects, and reads the report. */
export async function run(): Promise<void> {
  try {
    const report = await runSuites(Mocha, parseNames(process.env.DNB_SUITES));
    if (process.env.DNB_REPORT) writeFileSync(process.env.DNB_REPORT, JSON.stringify(report));
    if (report.failed) throw new Error(`${report.failed} tests failed`);
  } catch (error) {
    say(`  ${error instanceof Error ? error.message : String(error)}`);
    throw error; // VS Code makes it exit code 1
  }
}

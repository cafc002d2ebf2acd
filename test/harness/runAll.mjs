// What the browser runner and the desktop runner share: one window after the other, the sum, the report's line, the exit code.
import { mkdirSync, writeFileSync } from "node:fs";
import { suiteFiles, suitesOf } from "./runs.mjs";

/** `start(run, expected)` resolves to a window's report. The total goes to out/test/extension.json for test/run.mjs. */
export async function runAll({ chosen, page, start }) {
  const total = { passed: 0, failed: 0, skipped: 0, suites: 0 };
  for (const run of chosen) {
    const expected = suitesOf(run, { page });
    if (!expected.length) {
      console.log(`No suite for the run "${run.name}".`);
      continue;
    }
    console.log(`VS Code, ${run.name}: ${expected.length} suites`);
    try {
      const report = await start(run, expected);
      for (const key of ["passed", "failed", "skipped"]) total[key] += report[key];
      total.suites += expected.length;
    } catch (error) {
      // Counted as one failure, so that no sum looks better than it is.
      total.failed += 1;
      console.log(`FAILED: the run "${run.name}": ${error.message}`);
    }
  }
  if (!page) {
    const left = suiteFiles().filter((file) => file.includes(".page."));
    if (left.length)
      console.log(`Run only in the browser, since they look at the window: ${left.join(", ")}`);
  }
  console.log(
    `VS Code: ${total.suites} suites, ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`,
  );
  mkdirSync("out/test", { recursive: true });
  writeFileSync("out/test/extension.json", JSON.stringify(total));
  process.exitCode = total.failed || !total.passed ? 1 : 0;
}

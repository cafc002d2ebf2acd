// `npm test`: build, lint, unit tests, tests in a real VS Code. All of them run, whatever an earlier one says; the last line is the sum.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";

const UNIT = "out/test/unit.json";
const EXTENSION = "out/test/extension.json";
for (const report of [UNIT, EXTENSION]) rmSync(report, { force: true });

const total = { passed: 0, failed: 0 };

await step("build", ["node", "build.mjs"]);
// The two halves of lint use one core each.
await Promise.all([
  step("lint", ["npm", "run", "--silent", "lint:code"]),
  step("widths and types", ["npm", "run", "--silent", "lint:types"]),
]);
await tests(
  "unit tests",
  ["npx", "vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${UNIT}`],
  UNIT,
  (report) => ({
    passed: report.numPassedTests,
    // A file that does not load, or whose beforeAll throws, fails although none of its tests does.
    failed: report.numFailedTests + report.testResults.filter(failedBeforeItsTests).length,
  }),
);
await tests("VS Code", ["node", "test/harness/runBrowser.mjs"], EXTENSION, (report) => report);

console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed || !total.passed ? 1 : 0;

/** Something that is not counted in tests: it only adds to the sum when it fails. */
async function step(name, command) {
  if ((await run(name, command)) !== 0) fail(`${name} failed`);
}

async function tests(name, command, file, read) {
  const exit = await run(name, command);
  if (!existsSync(file)) return fail(`${name} left no report (exit ${exit})`);
  const { passed, failed } = read(JSON.parse(readFileSync(file, "utf8")));
  total.passed += passed;
  total.failed += failed;
  if (exit !== 0 && !failed) fail(`${name} ended with ${exit} though no test failed`);
  if (!passed && !failed) fail(`${name} reported no test`);
}

function failedBeforeItsTests(file) {
  return file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed");
}

function fail(sentence) {
  total.failed += 1;
  console.log(`FAILED: ${sentence}`);
}

function run(name, [command, ...args]) {
  console.log(`\n== ${name}`);
  const started = Date.now();
  return new Promise((ended) => {
    const child = spawn(command, args, { stdio: "inherit", shell: process.platform === "win32" });
    child.once("error", (error) => {
      console.log(error.message);
      ended(1);
    });
    child.once("exit", (code, signal) => {
      console.log(`== ${name}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
      ended(code ?? `signal ${signal}`);
    });
  });
}

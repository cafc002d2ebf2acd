// The same suites in a desktop VS Code: the one in DNB_VSCODE, an installed one, or one that can be downloaded. Suites that look at the
// window (*.page.suite.ts) need the browser run. Arguments: names of runs.
import { runTests } from "@vscode/test-electron";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { desktopVSCode } from "./desktopVSCode.mjs";
import { readReport } from "./report.mjs";
import { runAll } from "./runAll.mjs";
import { copyWorkspace, QUIET, runs, testEnvironment } from "./runs.mjs";

const names = process.argv.slice(2);
// test-electron always switches workspace trust off, so the untrusted run is the browser's alone, and so is what runs in a browser.
const possible = runs.filter((run) => run.trust !== false && !run.extra && !run.tests);
const executable = await desktopVSCode().catch((error) => {
  console.log(`\n*** NO DESKTOP VS CODE: NOT ONE TEST RAN. ***\n${error.message}\n`);
  process.exit(1);
});
console.log(`Desktop VS Code: ${executable}`);
console.log("Workspace trust is off in every desktop run: the untrusted suites run in the browser only.");

await runAll({
  chosen: names.length ? possible.filter((run) => names.includes(run.name)) : possible,
  page: false,
  start: desktopRun,
});

async function desktopRun(run, expected) {
  const scratch = mkdtempSync(join(tmpdir(), "dnb-"));
  try {
    const report = join(scratch, "report.json");
    const user = join(scratch, "user");
    mkdirSync(join(user, "User"), { recursive: true });
    writeFileSync(join(user, "User/settings.json"), JSON.stringify({ ...QUIET, ...run.settings }));
    let exit = 0;
    await runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: resolve("."),
      extensionTestsPath: resolve("dist/test/extension.js"),
      // A terminal inside VS Code sets ELECTRON_RUN_AS_NODE, with which the executable would be no VS Code.
      extensionTestsEnv: { ...testEnvironment(run, expected, report), ELECTRON_RUN_AS_NODE: undefined },
      launchArgs: [
        copyWorkspace(run.workspace, join(scratch, "workspace")),
        `--user-data-dir=${user}`,
        `--extensions-dir=${join(scratch, "extensions")}`,
        "--disable-workspace-trust",
      ],
    }).catch((error) => {
      exit = error.code ?? error.message;
    });
    return readReport(report, { expected, exit });
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

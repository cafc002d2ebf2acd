// One window of VS Code in a browser, its suites, its report.
import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { openBridge } from "./bridge.mjs";
import { launchBrowser } from "./browser.mjs";
import { endAllWith } from "./processes.mjs";
import { MARK, readReport } from "./report.mjs";
import { copyWorkspace, testEnvironment } from "./runs.mjs";
import { serveVSCode } from "./vscode.mjs";

/**
 * Runs the suites `expected` of the bundle `tests` in `run`'s window. Resolves to the report, or rejects with what went wrong when there is
 * none that can be believed. `patience`: seconds between two words from the suites, after which they are given up.
 */
export async function browserRun({
  run,
  extension,
  tests,
  expected,
  pictures,
  patience = 180,
  print = console.log,
}) {
  // Short: sockets live below it, and their paths may have about a hundred characters.
  const scratch = mkdtempSync(join(tmpdir(), "dnb-"));
  const id = randomUUID();
  const reportFile = join(scratch, "report.json");
  const log = [];
  const clean = () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  process.once("exit", clean);
  /** @type {(() => unknown)[]} */
  const closing = [clean];
  try {
    const workspace = copyWorkspace(run.workspace ?? [], join(scratch, "workspace"));
    const server = await serveVSCode({
      scratch,
      settings: run.settings,
      env: { DNB_TEST_RUN: id },
      args: [
        "--without-connection-token",
        // Without it the page ignores the payload and opens a window in which no test runs.
        "--enable-smoke-test-driver",
        ...(run.trust === false ? [] : ["--disable-workspace-trust"]),
      ],
    });
    closing.push(() => {
      for (const command of endAllWith("DNB_TEST_RUN", id))
        print(`  (ended a process that outlived its window: ${command.slice(0, 100)})`);
    }, server.stop);
    const browser = await launchBrowser();
    closing.push(() => browser.close());
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const bridge = await openBridge({ page, pictures });
    closing.push(bridge.close);

    let ended;
    const exit = new Promise((done) => (ended = done));
    const silence = setTimeout(() => ended(`nothing heard for ${patience} s`), patience * 1000);
    closing.push(() => clearTimeout(silence));
    // Both are exposed before the page loads: an early exit must not be missed.
    await page.exposeFunction("codeAutomationLog", (type, args) => {
      const line = args.map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join(" ");
      log.push(`${type}: ${line}`);
      if (line.includes(MARK)) {
        silence.refresh();
        print(line.slice(line.indexOf(MARK) + MARK.length));
      } else if (process.env.DNB_VERBOSE) print(`    ${type}: ${line}`);
    });
    await page.exposeFunction("codeAutomationExit", (code) => ended(code));
    page.once("crash", () => ended("a crash of the browser's page"));
    void server.ended.then(() => ended("the end of VS Code's server"));

    const remote = (path) => `vscode-remote://127.0.0.1:${server.port}${resolve(path)}`;
    const environment = { ...testEnvironment(run, expected, reportFile), DNB_PAGE: bridge.address };
    // The web extension host has no environment.
    if (run.tests) writeFileSync(join(workspace, ".dnb-test.json"), JSON.stringify(environment));
    const payload = [
      ["extensionDevelopmentPath", remote(extension)],
      ["extensionTestsPath", remote(tests)],
      ["extensionEnvironment", JSON.stringify(environment)],
      ["skipWelcome", "true"],
      ["skipReleaseNotes", "true"],
    ];
    await page.goto(
      `${server.url}/?folder=${workspace}&payload=${encodeURIComponent(JSON.stringify(payload))}`,
    );
    const code = await exit;
    try {
      return { ...readReport(reportFile, { expected, exit: code }), exit: code };
    } catch (error) {
      mkdirSync(pictures, { recursive: true });
      const picture = join(pictures, `failed-${run.name}.png`);
      await page.screenshot({ path: picture }).catch(() => {});
      writeFileSync(join(pictures, `failed-${run.name}.log`), [...log, "", server.output()].join("\n"));
      throw new Error(`${error.message} The window's last picture and log: ${picture} and .log beside it.`, {
        cause: error,
      });
    }
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

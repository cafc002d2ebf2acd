import "mocha/mocha.js";
import type Mocha from "mocha";
import * as vscode from "vscode";
import { parseNames, runSuites, say } from "./runSuites.js";

/** Mocha's build for browsers leaves itself here. The web extension host has no process; the suites' helpers ask one for its environment. */
const here = globalThis as unknown as { Mocha: typeof Mocha; process?: { env: Record<string, string> } };

/**
 * VS Code calls this in the web extension host, which has neither an environment nor a disk: what the harness says lies in a file of the
 * workspace, and the report is written through VS Code.
 */
export async function run(): Promise<void> {
  try {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    if (!folder) throw new Error("The run has no folder.");
    const told = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, ".dnb-test.json"));
    const env = JSON.parse(new TextDecoder().decode(told)) as Record<string, string>;
    here.process = { env };
    const report = await runSuites(here.Mocha, parseNames(env["DNB_SUITES"]));
    const path = env["DNB_REPORT"] ?? "";
    await vscode.workspace.fs.writeFile(
      folder.with({ path }),
      new TextEncoder().encode(JSON.stringify(report)),
    );
    if (report.failed) throw new Error(`${report.failed} tests failed`);
  } catch (error) {
    say(`  ${error instanceof Error ? error.message : String(error)}`);
    throw error;
  }
}

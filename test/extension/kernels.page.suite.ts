import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, errorOf, open, run, shown, until } from "./notebooks.js";
import { page, rowsOf } from "./page.js";

const rows = (condition: string): Promise<string[]> => rowsOf("Kernels", condition);

suite("Kernels view", () => {
  suiteSetup(async () => {
    // VS Code keeps notebooks that a suite has opened for three minutes, and the kernel lists them: more than a usual window shows.
    await page.resize(1400, 4000);
    await vscode.commands.executeCommand("dnb.kernels.focus");
  });
  suiteTeardown(async () => {
    await page.resize(1400, 900);
    await closeAll();
    await vscode.commands.executeCommand("workbench.view.explorer");
  });

  test("lists the kernel, its notebooks and its models, and acts on them", async () => {
    const notebook = await open("kernels.dnb", [
      'import { openSession } from "dnb";\nconst session = await openSession();\nprocess.pid',
      "for (;;);",
      "typeof session",
    ]);
    await run(notebook, 0);
    const pid = Number(shown(notebook.cellAt(0))[0]?.[1]);
    const found = await rows(
      "rows.some((row) => /^emoji.* on cpu/.test(row)) && rows.includes('kernels.dnbidle')",
    );
    assert.ok(
      found.some((row) => new RegExp(`^workspaceprocess ${pid}, \\d+ MB`).test(row)),
      found.join("\n"),
    );
    assert.ok(found.includes("kernels.dnbidle"), found.join("\n"));
    assert.match(
      found.find((row) => row.startsWith("emoji")) ?? "",
      /^emoji\d+ MB, on cpu for \d+ sessions?$/,
    );
    await page.resize(1400, 900);
    await page.screenshot("kernels");
    await page.resize(1400, 4000);

    const running = run(notebook, 1);
    await rows("rows.some((row) => row === 'kernels.dnbbusy')");
    const row = { kind: "notebook", pid, notebook: notebook.uri.toString(), label: "kernels.dnb" };
    await vscode.commands.executeCommand("dnb.kernels.interrupt", row);
    await running;
    assert.equal(errorOf(notebook.cellAt(1)).name, "Interrupted");

    await vscode.commands.executeCommand("dnb.kernels.restart", row);
    await run(notebook, 2);
    assert.equal(shown(notebook.cellAt(2))[0]?.[1], "'undefined'");

    await rows("rows.includes('kernels.dnbidle')");
    await vscode.commands.executeCommand("dnb.kernels.shutDown", { kind: "kernel", pid, label: "workspace" });
    await until("the process has ended", () => !isThere(pid), 5000);
    await rows("rows.length === 0 || !rows.some((row) => row.includes('kernels.dnb'))");
  });
});

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import { closeAll, open, read, shown } from "./notebooks.js";

suite("An untrusted workspace", () => {
  teardown(closeAll);

  test("opens and shows a notebook, and runs nothing", async () => {
    assert.equal(vscode.workspace.isTrusted, false);
    const notebook = await open("untrusted.dnb", ["'ran'"]);
    const before = await read(notebook.uri);
    assert.equal(notebook.cellAt(0).document.getText(), "'ran'");
    // The warning waits for an answer that nobody gives.
    void vscode.commands.executeCommand("notebook.cell.execute", {
      ranges: [{ start: 0, end: 1 }],
      document: notebook.uri,
    });
    void vscode.commands.executeCommand("dnb.restart");
    await sleep(2500);
    assert.deepEqual(shown(notebook.cellAt(0)), []);
    assert.equal(notebook.cellAt(0).executionSummary?.executionOrder, undefined);
    assert.equal(notebook.isDirty, false);
    assert.equal(await read(notebook.uri), before);
    assert.deepEqual(kernelsOf(process.pid), []);
  });
});

/** Command lines of our kernels among the children of a process. */
function kernelsOf(parent: number): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        const status = readFileSync(`/proc/${pid}/status`, "utf8");
        return command.includes("kernel.js") && status.includes(`PPid:\t${parent}\n`) ? [command] : [];
      } catch {
        return [];
      }
    });
}

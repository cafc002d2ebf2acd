import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as vscode from "vscode";
import { fileOf, open, run, show, shown, until } from "./notebooks.js";
import { page } from "./page.js";

/** What the first life of the window leaves for the second: the kernel's process. */
const NOTE = (): string => fileOf("before-the-reload.txt").fsPath;
const LINES = 60;

const textOf = (cell: vscode.NotebookCell): string =>
  shown(cell)
    .filter(([mime]) => mime.endsWith("stdout"))
    .map(([, text]) => text)
    .join("");

suite("Reload", () => {
  if (existsSync(NOTE()))
    test("after it, the running cell goes on, and its output is whole and in order", async () => {
      const pid = readFileSync(NOTE(), "utf8");
      const notebook = await show(fileOf("reload.dnb"));
      const ended = (index: number) => notebook.cellAt(index).executionSummary?.success;
      await until("the queued cell has ended", () => ended(2), 40_000);
      await until("the running cell has ended", () => ended(1), 5000);
      await until("all outputs are shown", () => shown(notebook.cellAt(2)).length, 5000);
      assert.equal(textOf(notebook.cellAt(1)), Array.from({ length: LINES }, (_, i) => `${i}\n`).join(""));
      assert.equal(shown(notebook.cellAt(1)).at(-1)?.[1], "42");
      assert.equal(shown(notebook.cellAt(2))[0]?.[1], "'queued'");
      // The time shown is the cell's, not the window's.
      const timing = notebook.cellAt(1).executionSummary?.timing;
      assert.ok(timing && timing.endTime - timing.startTime >= LINES * 200, JSON.stringify(timing));
      toTop(6);
      // How the search was looked at is as it was.
      await page.webview.waitFor("tr[data-candidate='r1-c1'][aria-selected='true']", { timeout: 30_000 });
      await page.screenshot("reloaded");

      const unsaved = shown(notebook.cellAt(5)).map(([, text]) => text);
      assert.deepEqual(unsaved.slice(0, 3), ["printed\n", "wrong\n", "'shown'"]);
      assert.equal(notebook.isDirty, true);

      // What ended before the reload has its outputs, and still hears its handles and timers.
      const done = notebook.cellAt(3);
      assert.deepEqual(shown(done), [["text/plain", "'before'"]]);
      await run(notebook, 4);
      await until("the handle's output is another", () => shown(done)[0]?.[1] === "'after'");
      await until("what was printed late is below it", () => textOf(done) === "late\n");
      assert.equal(done.outputs.length, 2);

      await run(notebook, 0);
      assert.equal(shown(notebook.cellAt(0))[0]?.[1], pid, "the process is the same");
      await vscode.commands.executeCommand("dnb.restart");
      await run(notebook, 0);
    });
  else
    test("in the middle of a running cell the window is loaded anew", async () => {
      const notebook = await open("reload.dnb", [
        "const kept = 41;\nprocess.pid",
        `for (let i = 0; i < ${LINES}; i++) {\n  console.log(i);\n  await new Promise((r) => setTimeout(r, 200));\n}\nkept + 1`,
        "'queued'",
        'import { display } from "dnb";\nconst handle = display("before");\nlet ring = () => {};\nvoid new Promise<void>((rung) => (ring = rung)).then(() => console.log("late"));',
        'handle.update("after");\nring();',
        'console.log("printed"); console.error("wrong"); display("shown"); [1, 2]',
        `import { openSession, randomSearch } from "dnb";
const session = await openSession("emoji");
const search = session.search(randomSearch({ candidates: 4 }), { condition: "octopus", verifier: "alignment" });
await search.run();
search`,
      ]);
      await run(notebook, 0);
      await run(notebook, 3);
      await run(notebook, 6);
      toTop(6);
      await page.webview.click("[data-view='table']", { timeout: 30_000 });
      await page.webview.click("tr[data-candidate='r1-c1'] button");
      await page.webview.waitFor("tr[data-candidate='r1-c1'][aria-selected='true']");
      assert.ok(await notebook.save());
      // VS Code in a browser backs a notebook up after ten quiet seconds: what comes from here on only the kernel has.
      await run(notebook, 5);
      void vscode.commands.executeCommand("notebook.cell.execute", {
        ranges: [{ start: 1, end: 3 }],
        document: notebook.uri,
      });
      await until("the cell prints", () => textOf(notebook.cellAt(1)).includes("5\n"));
      writeFileSync(NOTE(), shown(notebook.cellAt(0))[0]?.[1] ?? "");
      await vscode.commands.executeCommand("workbench.action.reloadWindow");
      await new Promise(() => undefined);
    });
});

function toTop(cell: number): void {
  const range = new vscode.NotebookRange(cell, cell + 1);
  vscode.window.activeNotebookEditor!.revealRange(range, vscode.NotebookEditorRevealType.AtTop);
}

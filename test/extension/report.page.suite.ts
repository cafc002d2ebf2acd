import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import * as vscode from "vscode";
import { closeAll, open, run, shown, textOf, until, write } from "./notebooks.js";
import { page } from "./page.js";

const REPORT = "application/vnd.dnb.report+json";
const TABLE = ".report-table tbody tr:not(.why)";

const comparison = `import { compare, openSession, zeroOrderSearch } from "dnb";
const session = await openSession("emoji");
await compare({
  session,
  algorithms: { "zero-order": zeroOrderSearch({ neighbours: 2 }) },
  problems: ["octopus", "castle"].map((condition) => ({ condition, steps: 2, verifier: "alignment", heldOut: ["judge-concept"] })),
  seeds: [1, 2], budgets: [4, 8], resamples: 1000,
})`;

suite("A report in a notebook", () => {
  teardown(closeAll);

  test("is drawn by its own view, with both panels and a row for each arm; keys of the notebook stay out", async () => {
    const notebook = await open("report.dnb", [comparison]);
    await run(notebook, 0);
    const cell = notebook.cellAt(0);
    const mimes = cell.outputs.at(-1)!.items.map(({ mime }) => mime);
    assert.deepEqual(mimes.toSorted(), [REPORT, "image/svg+xml", "text/plain"].toSorted());
    await page.webview.waitFor(TABLE);
    assert.equal(await page.webview.count(".panels figure svg"), 2);
    assert.equal(await page.webview.count(TABLE), 4);
    assert.match(await page.webview.text(".foot"), /Too few for an interval/);
    await page.webview.click(".arm");
    await page.webview.waitFor('.arm[aria-pressed="true"]');
    for (const key of ["d", "d", "Enter"]) await page.press(key);
    await page.webview.waitFor('.arm[aria-pressed="true"]', { state: "hidden", containing: ".report-table" });
    assert.equal(notebook.cellCount, 1);
  });

  test("opened again it is shown without a kernel", async () => {
    const notebook = await open("report-first.dnb", [comparison]);
    await run(notebook, 0);
    await notebook.save();
    const text = await readFile(notebook.uri.fsPath, "utf8");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    const uri = await write("report-again.dnb", text);
    await vscode.commands.executeCommand("vscode.open", uri);
    await until(
      "it is open",
      () => vscode.window.activeNotebookEditor?.notebook.uri.toString() === uri.toString(),
    );
    await page.webview.waitFor(TABLE);
    const again = vscode.window.activeNotebookEditor!.notebook;
    assert.ok(shown(again.cellAt(0)).some(([mime]) => mime === REPORT));
    assert.equal(again.isDirty, false);
  });

  test("that nobody could have made is refused in words", async () => {
    const outputs = [{ items: [{ mime: REPORT, json: { version: 9 } }] }];
    const text = JSON.parse(textOf([{ id: "r3p0rt", source: "1" }]));
    text.cells[0].outputs = outputs;
    const uri = await write("report-odd.dnb", JSON.stringify(text));
    await vscode.commands.executeCommand("vscode.open", uri);
    await page.webview.waitFor(".dnb-refused");
    assert.match(await page.webview.text(".dnb-refused"), /version should be 1/);
  });
});

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import { closeAll, fileOf, read, run, shown, until } from "./notebooks.js";
import { page } from "./page.js";

suite("A new notebook", () => {
  teardown(closeAll);

  test("keeps its variables when it is saved for the first time", async () => {
    await vscode.commands.executeCommand("dnb.new");
    const untitled = vscode.window.activeNotebookEditor?.notebook;
    assert.ok(untitled);
    assert.equal(untitled.isDirty, false);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(
      untitled.cellAt(0).document.uri,
      new vscode.Position(0, 0),
      "globalThis.count = (globalThis.count ?? 0) + 1",
    );
    await vscode.workspace.applyEdit(edit);
    await run(untitled, 0);
    assert.equal(shown(untitled.cellAt(0))[0]?.[1], "1");
    const file = fileOf("first-save.dnb");
    void vscode.commands.executeCommand("workbench.action.files.save");
    // The dialog proposes a name when it has read the folder; what is typed before that is lost.
    const typed = (path: string) =>
      `document.querySelector(".quick-input-widget input")?.value.endsWith(${JSON.stringify(path)})`;
    await page.workbench.waitUntil(typed(".dnb"));
    for (let attempt = 0; attempt < 5 && !(await page.workbench.evaluate(typed(file.fsPath))); attempt++) {
      await page.press("Control+A");
      await page.type(file.fsPath);
      await sleep(500);
    }
    const saved = () => vscode.workspace.notebookDocuments.find(({ uri }) => uri.path === file.path);
    // While it still reads the folder, the dialog ignores the key.
    for (let attempt = 0; attempt < 10 && !saved(); attempt++) {
      await page.press("Enter");
      await sleep(1000);
    }
    await until("it is saved", saved);
    const notebook = saved();
    assert.ok(notebook);
    await until("its content is there", () => shown(notebook.cellAt(0))[0]?.[1] === "1");
    await until("its editor is in front", () => vscode.window.activeNotebookEditor?.notebook === notebook);
    let text = "";
    for (let attempt = 0; !text && attempt < 100; attempt++) {
      await sleep(50);
      text = await read(file);
    }
    assert.match(text, /"text": "1"/);
    await until("the untitled one is closed", () => untitled.isClosed);
    // The new editor takes a moment to be given its kernel.
    await sleep(1500);
    await run(notebook, 0);
    await until("it has counted on", () => shown(notebook.cellAt(0))[0]?.[1] === "2", 5000);
  });
});

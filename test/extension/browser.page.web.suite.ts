import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, fileOf, open, read, show, shown, textOf, until, write } from "./notebooks.js";
import { page } from "./page.js";

const MESSAGE = ".notifications-center .notification-list-item";

suite("In a browser, without a kernel", () => {
  teardown(closeAll);

  test("the extension runs in the web extension host", () => {
    assert.equal(vscode.extensions.getExtension("diffusion-notebook.diffusion-notebook")?.isActive, true);
    assert.equal(typeof (globalThis as { WorkerGlobalScope?: unknown }).WorkerGlobalScope, "function");
    assert.equal((globalThis as { Buffer?: unknown }).Buffer, undefined);
  });

  test("a notebook opens with its pictures, and is not changed by that", async () => {
    const uri = fileOf("searched.dnb");
    const before = await read(uri);
    const notebook = await show(uri);
    assert.equal(notebook.cellCount, 2);
    const count = "[...document.querySelectorAll('*')].flatMap((e) => e.shadowRoot ? [e.shadowRoot] : [])";
    const canvases = `${count}.flatMap((root) => [...root.querySelectorAll(".tree canvas")])`;
    const here = { containing: ".dnb-search, .head, canvas", timeout: 30_000 };
    await page.webview.waitUntil(`${canvases}.length > 0`, here);
    await page.screenshot("browser-search");
    assert.equal(notebook.isDirty, false);
    assert.equal(await read(uri), before);
  });

  test("Run says what it needs, and touches neither cell nor file", async () => {
    const notebook = await open("run.dnb", ["1 + 1"]);
    const before = await read(notebook.uri);
    await vscode.commands.executeCommand("notebook.cell.execute", {
      ranges: [{ start: 0, end: 1 }],
      document: notebook.uri,
    });
    // VS Code under test puts messages into its list without a toast.
    await vscode.commands.executeCommand("notifications.showList");
    await page.workbench.waitFor(MESSAGE);
    assert.match(
      await page.workbench.text(MESSAGE),
      /Cells run in a kernel, a Node\.js process.*a browser cannot start one\. Open the folder in VS Code on a computer/s,
    );
    await page.screenshot("browser-run");
    await vscode.commands.executeCommand("notifications.clearAll");
    assert.deepEqual(shown(notebook.cellAt(0)), []);
    assert.equal(notebook.cellAt(0).executionSummary?.success, undefined);
    assert.equal(notebook.isDirty, false);
    assert.equal(await read(notebook.uri), before);
  });

  test("an edit of a line changes a line of the file; saved outputs and unknown keys stay byte for byte", async () => {
    const text = await read(fileOf("searched.dnb"));
    const uri = await write("edited.dnb", text.replace('"title":', '"later": [1, 2.5],\n  "title":'));
    const before = await read(uri);
    const notebook = await show(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(notebook.cellAt(1).document.uri, new vscode.Range(5, 8, 5, 9), "9");
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.ok(await notebook.save());
    const saved = await read(uri);
    const lines = (of: string) =>
      of
        .split("\n")
        .filter((line) => !line.includes('"later"') && !/^ {3,4}(1|2\.5),?$|^ {2}\],$/.test(line));
    assert.deepEqual(JSON.parse(saved).meta.later, [1, 2.5]);
    const differing = lines(saved).filter((line, at) => line !== lines(before)[at]);
    assert.deepEqual(differing, ['    "  seed: 9,",']);
  });

  test("a damaged file is refused with the reason, its last good version comes back, and the file is left alone until then", async () => {
    const good = textOf([{ id: "a", source: "const kept = 1;" }]);
    const uri = await write("cut.dnb", good);
    const notebook = await show(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(notebook.cellAt(0).document.uri, new vscode.Range(0, 6, 0, 10), "saved");
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.ok(await notebook.save());
    const saved = await read(uri);
    await closeAll();
    await write("cut.dnb", saved.slice(0, 40));
    const other = await write("other.dnb", saved.slice(0, 40));
    await assert.rejects(
      async () => vscode.workspace.openNotebookDocument(other),
      /the file ends in the middle/,
    );
    assert.equal(await read(other), saved.slice(0, 40));
    await vscode.commands.executeCommand("dnb.restoreLastVersion", uri);
    assert.equal(await read(uri), saved);
    await until(
      "it opens",
      async () => (await show(uri)).cellAt(0).document.getText() === "const saved = 1;",
    );
  });
});

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, open, until } from "./notebooks.js";
import { page } from "./page.js";

suite("TypeScript in cells, by hand", () => {
  teardown(closeAll);

  const errors = (cell: vscode.NotebookCell): number =>
    vscode.languages.getDiagnostics(cell.document.uri).length;

  /** A notebook in whose second cell somebody is about to type. */
  async function opened(name: string, first: string, second: string): Promise<vscode.NotebookDocument> {
    const notebook = await open(name, [first, second]);
    await until("the error in the second cell is seen", () => errors(notebook.cellAt(1)), 60_000);
    const editor = vscode.window.activeNotebookEditor;
    assert.ok(editor);
    editor.selection = new vscode.NotebookRange(1, 2);
    await vscode.commands.executeCommand("notebook.cell.edit");
    await until(
      "the cell has the cursor",
      () => vscode.window.activeTextEditor?.document === notebook.cellAt(1).document,
    );
    await page.press("Control+End");
    return notebook;
  }

  test("a dot lists the members of a value of another cell, and Enter takes one", async () => {
    const notebook = await opened("language-typed.dnb", "const box = { width: 1 };", "nowhere;\n");
    await page.type("box.");
    await page.workbench.waitFor(".suggest-widget.visible .monaco-list-row[aria-label^='width']");
    await page.press("Enter");
    await until("the member is there", () => notebook.cellAt(1).document.getText() === "nowhere;\nbox.width");
  });

  test("F2 renames in the cells above", async () => {
    const notebook = await opened(
      "language-renamed.dnb",
      "const box = { width: 1 };\nbox.width;",
      "nowhere;\nbox.width + box",
    );
    await page.press("F2");
    await page.workbench.waitUntil(`!!document.activeElement?.closest(".rename-box")`);
    await page.press("Control+A");
    await page.type("crate");
    await page.press("Enter");
    await until("both cells have the new name", () =>
      notebook.getCells().every(({ document }) => !/\bbox\b/.test(document.getText())),
    );
    assert.equal(notebook.cellAt(0).document.getText(), "const crate = { width: 1 };\ncrate.width;");
    assert.equal(notebook.cellAt(1).document.getText(), "nowhere;\ncrate.width + crate");
  });
});

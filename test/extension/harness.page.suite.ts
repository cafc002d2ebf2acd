import assert from "node:assert/strict";
import * as vscode from "vscode";
import { page } from "./page.js";

/** Proves the way from a suite to the window and back, before anything of ours is looked at. */
suite("Harness", () => {
  test("suites run in a real VS Code with the folder of the run", () => {
    assert.match(vscode.version, /^1\.\d+\.\d+/);
    assert.equal(vscode.workspace.workspaceFolders?.length, 1);
  });

  test("the settings of the run hold", () => {
    assert.equal(vscode.workspace.getConfiguration("files").get("autoSave"), "off");
    assert.equal(vscode.workspace.isTrusted, true);
  });

  test("a suite reads the window", async () => {
    await page.workbench.waitFor(".monaco-workbench");
    assert.equal(await page.workbench.evaluate("document.querySelectorAll('.monaco-workbench').length"), 1);
  });

  test("a suite reads and clicks inside a webview", async () => {
    const panel = vscode.window.createWebviewPanel("proof", "Proof", vscode.ViewColumn.One, {
      enableScripts: true,
    });
    try {
      const heard = new Promise((said) => panel.webview.onDidReceiveMessage(said));
      panel.webview.html =
        "<button id=proof onclick='acquireVsCodeApi().postMessage(`clicked`)'>Click</button><p>text</p>";
      await page.webview.waitFor("#proof");
      assert.equal(await page.webview.evaluate("document.querySelector('p').textContent"), "text");
      await page.webview.click("#proof");
      assert.equal(await heard, "clicked");
    } finally {
      panel.dispose();
    }
  });

  test("a failing operation says which", async () => {
    await assert.rejects(page.webview.text("#nowhere", { timeout: 300 }), /page\.webview\.text: no webview/);
  });
});

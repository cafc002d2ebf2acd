import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll } from "./notebooks.js";
import { page } from "./page.js";

/** What setting the theme is named, what the workbench's class then is, and the picture's name. */
const themes = [
  { name: "light", setting: "Default Light Modern", kind: "vs" },
  { name: "dark", setting: "Default Dark Modern", kind: "vs-dark" },
  { name: "high-contrast", setting: "Default High Contrast", kind: "hc-black" },
  { name: "high-contrast-light", setting: "Default High Contrast Light", kind: "hc-light" },
];

/** The cells of examples/first-search.dnb, by what they are for. */
const cells = { open: 1, zeroOrder: 3, random: 5 };

/** `npm run screenshots`: the example in four themes, in the middle of a search and at its end, into screenshots/. */
suite("Screenshots", function () {
  this.timeout(300_000);
  let editor: vscode.NotebookEditor;

  suiteSetup(async () => {
    await page.resize(1400, 1100);
    const folder = vscode.workspace.workspaceFolders?.[0];
    assert.ok(folder);
    const uri = vscode.Uri.joinPath(folder.uri, "first-search.dnb");
    const notebook = await vscode.workspace.openNotebookDocument(uri);
    editor = await vscode.window.showNotebookDocument(notebook);
    await vscode.commands.executeCommand("workbench.action.closeSidebar");
  });

  suiteTeardown(closeAll);

  test("the first cells: samples, and a finished zero-order search", async () => {
    await runCell(cells.open);
    await runCell(cells.zeroOrder);
    await inEachTheme("zero-order-after", cells.zeroOrder);
  });

  test("a random search, during and after", async () => {
    await runCell(cells.random);
    reveal(cells.random);
    const step = "button:has-text('Step')";
    for (let round = 0; round < 3; round++) {
      await page.webview.waitFor(`${step}:enabled >> nth=-1`);
      await page.webview.click(`${step}:enabled >> nth=-1`);
    }
    await inEachTheme("random-during", cells.random);
    await page.webview.click("button:has-text('Run'):enabled >> nth=-1");
    await page.webview.waitFor(`${step} >> nth=-1`, { state: "hidden", timeout: 120_000 });
    await inEachTheme("random-after", cells.random);
  });

  async function runCell(index: number): Promise<void> {
    const cell = editor.notebook.cellAt(index);
    reveal(index);
    await vscode.commands.executeCommand("notebook.cell.execute", {
      ranges: [{ start: index, end: index + 1 }],
      document: editor.notebook.uri,
    });
    const end = Date.now() + 120_000;
    while (cell.executionSummary?.success === undefined && Date.now() < end) await pause(100);
    const errors = cell.outputs
      .flatMap(({ items }) => items)
      .filter(({ mime }) => mime === "application/vnd.code.notebook.error");
    const said = errors.map(({ data }) => new TextDecoder().decode(data)).join("\n");
    assert.equal(cell.executionSummary?.success, true, `cell ${index + 1}: ${said}`);
  }

  function reveal(index: number): void {
    editor.revealRange(new vscode.NotebookRange(index, index + 1), vscode.NotebookEditorRevealType.AtTop);
  }

  async function inEachTheme(name: string, cell: number): Promise<void> {
    for (const theme of themes) {
      await vscode.workspace
        .getConfiguration("workbench")
        .update("colorTheme", theme.setting, vscode.ConfigurationTarget.Global);
      await page.workbench.waitFor(`.monaco-workbench.${theme.kind}`);
      reveal(cell);
      // The renderer draws anew when it sees the change; nothing tells when it has.
      await pause(1500);
      await page.screenshot(`${name}-${theme.name}`);
    }
  }
});

function pause(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}

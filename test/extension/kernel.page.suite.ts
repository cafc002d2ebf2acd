import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import { closeAll, errorOf, fileOf, open, read, run, shown, textOf, until, write } from "./notebooks.js";
import { page } from "./page.js";

const ERROR_LINK = ".output_container a, .error a, .traceback a";

const ended = (cell: vscode.NotebookCell): boolean => cell.executionSummary?.success !== undefined;
const plain = (cell: vscode.NotebookCell): string | undefined =>
  shown(cell).find(([mime]) => mime === "text/plain")?.[1];

async function tagged(
  name: string,
  cells: readonly (string | { source: string; tags: readonly string[] })[],
) {
  const document = JSON.parse(
    textOf(
      cells.map((cell, i) => ({ id: `cell${i}`, source: typeof cell === "string" ? cell : cell.source })),
    ),
  );
  cells.forEach((cell, i) => {
    if (typeof cell !== "string") document.cells[i] = { ...document.cells[i], tags: cell.tags };
  });
  const uri = await write(name, `${JSON.stringify(document, null, 1)}\n`);
  const notebook = await vscode.workspace.openNotebookDocument(uri);
  await vscode.window.showNotebookDocument(notebook);
  return notebook;
}

suite("The kernel of a notebook", () => {
  teardown(closeAll);

  test("a cell tagged allow-error does not stop those behind it; dnb.stopOnError: false, none does", async () => {
    const failing = { source: "null!.x", tags: ["allow-error"] };
    const notebook = await tagged("tagged.dnb", [failing, "'after'", "undefined!.y", "'never'"]);
    await vscode.commands.executeCommand("notebook.execute", notebook.uri);
    await until("the untagged one has failed", () => notebook.cellAt(2).executionSummary?.success === false);
    assert.equal(notebook.cellAt(0).executionSummary?.success, false);
    assert.equal(plain(notebook.cellAt(1)), "'after'");
    await sleep(200);
    assert.equal(ended(notebook.cellAt(3)), false);
    const settings = vscode.workspace.getConfiguration("dnb");
    await settings.update("stopOnError", false, vscode.ConfigurationTarget.Global);
    try {
      await vscode.commands.executeCommand("notebook.execute", notebook.uri);
      await until("the last one ran", () => plain(notebook.cellAt(3)) === "'never'");
    } finally {
      await settings.update("stopOnError", undefined, vscode.ConfigurationTarget.Global);
    }
  });

  test("Run to Here, Restart and Run All, Shut Down", async () => {
    const notebook = await open("commands.dnb", [
      "var count = (globalThis as any).count = ((globalThis as any).count ?? 0) + 1",
      "count",
      "`last ${count}`",
    ]);
    await vscode.commands.executeCommand("dnb.runToHere", notebook.cellAt(1));
    await until("it ran to there", () => plain(notebook.cellAt(1)) === "1");
    await sleep(200);
    assert.equal(ended(notebook.cellAt(2)), false);
    await vscode.commands.executeCommand("dnb.runToHere", notebook.cellAt(1));
    await until("it ran again", () => plain(notebook.cellAt(1)) === "2");
    await vscode.commands.executeCommand("dnb.restartAndRunAll");
    await until("all have run anew", () => plain(notebook.cellAt(2)) === "'last 1'");
    assert.equal(notebook.cellAt(2).executionSummary?.executionOrder, 3);
    await vscode.commands.executeCommand("dnb.shutDown");
    await run(notebook, 0, 2);
    assert.equal(plain(notebook.cellAt(1)), "1");
    assert.equal(notebook.cellAt(0).executionSummary?.executionOrder, 1);
  });

  test("a frame of an error leads to its line, in a cell and in a file; the file holds no link", async () => {
    await write("far.ts", "\nexport function fail(): never {\n  throw new RangeError('far away');\n}\n");
    const notebook = await open("links.dnb", [
      "import { fail } from './far';\n\nfunction call() {\n  fail();\n}",
      "1;\ncall();",
    ]);
    await run(notebook, 0, 2);
    const cell = notebook.cellAt(1);
    assert.match(
      errorOf(cell).stack,
      /at fail \(far\.ts:3:9\)\n {4}at call \(Cell 1:4:3\)\n {4}at Cell 2:2:1$/,
    );
    await page.webview.waitFor(ERROR_LINK);
    const clickOn = (text: string) =>
      page.webview.evaluate(
        `[...document.querySelectorAll(${JSON.stringify(ERROR_LINK)})].find((a) => a.textContent === ${JSON.stringify(text)}).click()`,
      );
    await clickOn("Cell 1:4:3");
    await until("the cell's line has the cursor", () => {
      const editor = vscode.window.activeTextEditor;
      return editor?.document === notebook.cellAt(0).document && editor.selection.active.line === 3;
    });
    await clickOn("far.ts:3:9");
    await until("the file is open at its line", () => {
      const editor = vscode.window.activeTextEditor;
      return editor?.document.uri.path === fileOf("far.ts").path && editor.selection.active.line === 2;
    });
    assert.ok(await notebook.save());
    const saved = await read(notebook.uri);
    assert.doesNotMatch(saved, /<a href/);
    assert.match(saved, /at call \(Cell 1:4:3\)/);
  });

  test("input() asks in a box; an interrupted cell takes its box with it", async () => {
    const notebook = await open("input.dnb", [
      "import { input } from 'dnb';\nconst name = await input('Who are you?', { value: 'nobody' });\nname",
    ]);
    const cell = notebook.cellAt(0);
    const execute = () =>
      void vscode.commands.executeCommand("notebook.cell.execute", {
        ranges: [{ start: 0, end: 1 }],
        document: notebook.uri,
      });
    execute();
    await page.workbench.waitFor(".quick-input-widget .quick-input-box input");
    await page.workbench.waitUntil(
      "document.querySelector('.quick-input-widget')?.textContent.includes('Who are you?')",
    );
    await page.press("Control+a");
    await page.type("Ada");
    await page.press("Enter");
    await until("the cell has the answer", () => plain(cell) === "'Ada'");
    execute();
    await page.workbench.waitUntil(
      "document.querySelector('.quick-input-widget .quick-input-box input').value === 'nobody' && document.querySelector('.quick-input-widget').style.display !== 'none'",
    );
    await vscode.commands.executeCommand("dnb.interrupt");
    await until("the cell has ended", () => cell.executionSummary?.success === false, 3000);
    await page.workbench.waitUntil("document.querySelector('.quick-input-widget').style.display === 'none'");
  });

  test("a table, colours and a bar that draws over itself are shown as such", async () => {
    const notebook = await open("looks.dnb", [
      "for (let i = 0; i <= 10; i++) { process.stdout.write(`${i * 10} %\\r`); if (i % 3 === 0) await new Promise((r) => setTimeout(r, 150)); }\nconsole.log('\\u001b[31mred\\u001b[39m');\n[{ a: 1, b: '<i>x</i>' }, { a: 22, b: 'y' }]",
    ]);
    await run(notebook, 0);
    await page.webview.waitFor("tbody tr:nth-child(2) td");
    assert.equal(await page.webview.text("tbody tr:nth-child(1) td:nth-child(3)"), "<i>x</i>");
    const text = await page.webview.evaluate<string>(
      "[...document.querySelectorAll('.output-stream, .output')].map((e) => e.textContent).join('\\n')",
    );
    assert.match(text, /red/);
    assert.doesNotMatch(text, /10 %|50 %/);
    assert.equal(await page.webview.count(".code-foreground-colored"), 1);
  });

  test("more than a notebook keeps: the first and last lines, and the path of the whole as a link", async () => {
    const notebook = await open("flood.dnb", ["for (let i = 0; i < 300_000; i++) console.log('line', i);"]);
    await run(notebook, 0);
    const cell = notebook.cellAt(0);
    const texts = shown(cell).map(([, text]) => text);
    const all = texts.join("");
    assert.ok(all.startsWith("line 0\nline 1\n") && all.endsWith("line 299999\n"));
    assert.ok(all.length < 400_000, `${all.length} characters in the document`);
    const path = /The whole is written to (\S+\.log)/.exec(all)?.[1] ?? "";
    const whole = await read(vscode.Uri.file(path));
    assert.equal(whole.split("\n").length, 300_001);
    await page.webview.waitUntil(
      `[...document.querySelectorAll("a")].some((a) => a.textContent === ${JSON.stringify(path)})`,
    );
    await page.webview.evaluate(
      `[...document.querySelectorAll("a")].find((a) => a.textContent === ${JSON.stringify(path)}).click()`,
    );
    await until("the log is open", () => vscode.window.activeTextEditor?.document.uri.path === path);
  });

  test("a cell is marked when what it used was made anew, by another cell or in a file, until it runs again", async () => {
    await write("value.ts", "export const value = 1;\n");
    const notebook = await open("stale.dnb", [
      "import { value } from './value';\nconst base = value;",
      "const more = base + 1;",
      "more",
    ]);
    await run(notebook, 0, 3);
    const marks = () =>
      page.workbench.evaluate<number>(
        "[...document.querySelectorAll('.cell-status-item')].filter((e) => /stale/.test(e.textContent)).length",
      );
    assert.equal(await marks(), 0);
    await run(notebook, 0);
    await page.workbench.waitUntil(
      "[...document.querySelectorAll('.cell-status-item')].filter((e) => /stale/.test(e.textContent)).length === 2",
    );
    await run(notebook, 1, 3);
    await page.workbench.waitUntil(
      "![...document.querySelectorAll('.cell-status-item')].some((e) => /stale/.test(e.textContent))",
    );
    await write("value.ts", "export const value = 1000;\n");
    await page.workbench.waitUntil(
      "[...document.querySelectorAll('.cell-status-item')].filter((e) => /stale/.test(e.textContent)).length === 3",
    );
    await vscode.commands.executeCommand("notebook.execute", notebook.uri);
    await until("all ran", () => plain(notebook.cellAt(2)) === "1001");
    await page.workbench.waitUntil(
      "![...document.querySelectorAll('.cell-status-item')].some((e) => /stale/.test(e.textContent))",
    );
  });

  test("a cell that is moved while it runs ends once where it is; one that is deleted harms nobody", async () => {
    const notebook = await open("moved.dnb", [
      "await new Promise((r) => setTimeout(r, 700));\nconsole.log('moved');\n'done'",
      "2",
      "for (;;) await new Promise((r) => setTimeout(r, 20));",
    ]);
    const first = notebook.cellAt(0);
    void vscode.commands.executeCommand("notebook.cell.execute", {
      ranges: [{ start: 0, end: 1 }],
      document: notebook.uri,
    });
    await until("it runs", () => first.executionSummary?.executionOrder === 1);
    await vscode.commands.executeCommand("notebook.focusTop");
    await vscode.commands.executeCommand("notebook.cell.moveDown");
    await until("its text is below", () => notebook.cellAt(1).document.getText().includes("moved"));
    await sleep(1200);
    // VS Code makes a new cell of a moved one; its execution may be gone, the kernel goes on.
    await run(notebook, 0);
    assert.equal(plain(notebook.cellAt(0)), "2");
    void vscode.commands.executeCommand("notebook.cell.execute", {
      ranges: [{ start: 2, end: 3 }],
      document: notebook.uri,
    });
    await until(
      "the endless one runs",
      () => notebook.cellAt(2).executionSummary?.executionOrder !== undefined,
    );
    const edit = new vscode.WorkspaceEdit();
    edit.set(notebook.uri, [vscode.NotebookEdit.deleteCells(new vscode.NotebookRange(2, 3))]);
    assert.ok(await vscode.workspace.applyEdit(edit));
    await vscode.commands.executeCommand("dnb.interrupt");
    await run(notebook, 0);
    assert.equal(plain(notebook.cellAt(0)), "2");
  });
});

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, open, run } from "./notebooks.js";
import { page, rowsOf } from "./page.js";

const rows = (condition: string): Promise<string[]> => rowsOf("Variables", condition);

suite("Variables view", () => {
  suiteSetup(() => vscode.commands.executeCommand("dnb.variables.focus"));
  suiteTeardown(async () => {
    await closeAll();
    await vscode.commands.executeCommand("workbench.view.explorer");
  });

  test("lists the notebook's variables after each cell, and none of them after a restart", async () => {
    const notebook = await open("variables.dnb", [
      "const noise = { data: new Float32Array(3072), shape: [3, 32, 32] };\nconst seeds = [1, 2, 3];",
      "const label = 'a\\nshoe'; function score(x: number) {\n  return x;\n}",
    ]);
    await run(notebook, 0);
    const first = await rows("rows.length === 2");
    assert.match(first[0] ?? "", /^noiseObject \(3 × 32 × 32\)/);
    assert.match(first[1] ?? "", /^seedsnumber\[\] \(3\)\s+\[1, 2, 3\]/);
    await run(notebook, 1);
    const second = await rows("rows.length === 4");
    assert.match(second[2] ?? "", /^labelstring \(6\)\s+"a\\nshoe"/);
    await page.screenshot("variables");
    await vscode.commands.executeCommand("dnb.restart");
    await rows("rows.length === 0");
  });

  test("copies a value, forgets a variable and goes to its cell", async () => {
    const notebook = await open("variables2.dnb", [
      "const first = 1;",
      "const data = { a: [1, 2] };",
      "data",
    ]);
    await run(notebook, 0, 2);
    await rows("rows.length === 2");
    const variable = { name: "data", cell: { id: "cell1", number: 2 } };
    await vscode.commands.executeCommand("dnb.copyVariable", variable);
    assert.deepEqual(JSON.parse(await vscode.env.clipboard.readText()), { a: [1, 2] });
    await vscode.commands.executeCommand("dnb.revealVariable", variable);
    assert.deepEqual(vscode.window.activeNotebookEditor?.selection, new vscode.NotebookRange(1, 2));
    await vscode.commands.executeCommand("dnb.forgetVariable", variable);
    assert.match((await rows("rows.length === 1"))[0] ?? "", /^first/);
  });
});

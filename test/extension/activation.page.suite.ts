import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, open } from "./notebooks.js";
import { page } from "./page.js";

const OURS = "diffusion-notebook.diffusion-notebook";

suite("Activation", () => {
  // The list holds only what is in sight.
  suiteSetup(() => page.resize(1400, 4000));
  suiteTeardown(() => page.resize(1400, 900));
  teardown(closeAll);

  /** VS Code's own measure, from the list that it shows to people. */
  test("takes less than 50 ms", async () => {
    await open("activate.dnb", ["1"]);
    await vscode.commands.executeCommand("workbench.action.showRuntimeExtensions");
    const rows = `[...document.querySelectorAll(".editor-instance .monaco-list-row")].map((row) => row.innerText)`;
    await page.workbench.waitUntil(`${rows}.some((text) => text.includes("${OURS}"))`);
    const times = (await page.workbench.evaluate<string[]>(rows)).map((text): [string, number] => [
      text.split("\n")[0] ?? "",
      Number(/Activation: (\d+)ms/.exec(text)?.[1] ?? Number.NaN),
    ]);
    const ours = times.find(([name]) => name === OURS)?.[1] ?? Number.NaN;
    assert.ok(ours < 50, JSON.stringify(times));
  });
});

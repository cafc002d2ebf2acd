import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, open, read, run, shown, until } from "./notebooks.js";
import { page } from "./page.js";

const SEARCH = "application/vnd.dnb.search+json";

const source = `import { openSession, randomSearch, human } from "dnb";
const session = await openSession("emoji");
const byHand = session.search(randomSearch({ candidates: 8, perRound: 4 }),
  { condition: "octopus", seed: 11, steps: 4, verifier: human("Which octopus is best?"), heldOut: ["judge-concept"], budget: { rounds: 2 } });
await byHand.run();
byHand`;

suite("A search that asks a person", () => {
  teardown(closeAll);

  test("shows its ballot while the cell runs, goes on with each pick, and replays them from the file", async () => {
    const notebook = await open("human.dnb", [source]);
    const cell = notebook.cellAt(0);
    const ended = run(notebook, 0);
    await page.webview.waitFor(".choice >> nth=3", { timeout: 30_000 });
    assert.equal(await page.webview.text(".ask"), "Which octopus is best?");
    assert.equal(await page.webview.count(".choice:visible"), 4);
    await page.screenshot("human");
    await page.webview.click(".choice >> nth=2");
    await page.webview.click(".ask-actions .filled");
    // The second round, by keys: its best so far is among them.
    await page.webview.waitFor(".choice >> nth=4", { timeout: 30_000 });
    await page.webview.focus(".choice >> nth=0");
    await page.press("ArrowRight");
    await page.press("Enter");
    await ended;
    await until("the picks are in the output", () => picksOf(cell).length === 2);
    await page.webview.waitFor(".tree canvas");
    const first = JSON.stringify(recordOf(cell));
    await notebook.save();
    assert.match(await read(notebook.uri), /"picks"/);
    await run(notebook, 0);
    assert.equal(JSON.stringify(recordOf(cell)), first);
    assert.equal(cell.outputs.length, 1);
  });

  test("Interrupt ends the wait; the view says that the search is paused", async () => {
    const notebook = await open("interrupted.dnb", [source.replace("seed: 11", "seed: 12")]);
    const ended = run(notebook, 0);
    await page.webview.waitFor(".choice >> nth=3", { timeout: 30_000 });
    await vscode.commands.executeCommand("dnb.interrupt");
    await ended;
    assert.equal(notebook.cellAt(0).executionSummary?.success, false);
    await page.webview.waitFor(".pill[data-state='paused']");
    await page.webview.waitFor(".ballot", { state: "hidden" });
  });
});

interface Recorded {
  readonly picks?: readonly unknown[];
}

function recordOf(cell: vscode.NotebookCell): Recorded | undefined {
  const text = shown(cell).find(([mime]) => mime === SEARCH)?.[1];
  return text === undefined ? undefined : (JSON.parse(text) as { record: Recorded }).record;
}

function picksOf(cell: vscode.NotebookCell): readonly unknown[] {
  return recordOf(cell)?.picks ?? [];
}

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import { closeAll, open, read, run, shown, textOf, until, write } from "./notebooks.js";
import { page } from "./page.js";

const SEARCH = "application/vnd.dnb.search+json";
const STEP = "button[title='Run one round']";

const search = `import { openSession, randomSearch } from "dnb";
const session = await openSession("emoji");
const problem = { condition: "octopus", seed: 7, verifier: "alignment", heldOut: ["judge-concept"], budget: { nfe: 192 } };
const random = session.search(randomSearch({ perRound: 4 }), problem);
random`;

suite("A search in a notebook", () => {
  teardown(closeAll);

  test("a press of Step in the view advances exactly one round and reaches the file; order and times stay", async () => {
    const notebook = await open("step.dnb", [search]);
    await run(notebook, 0);
    const cell = notebook.cellAt(0);
    await until("the times are known", () => cell.executionSummary?.timing?.endTime);
    const summary = structuredClone({ ...cell.executionSummary });
    assert.equal(roundsOf(cell), 0);
    await notebook.save();
    for (const press of [1, 2]) {
      await page.webview.click(STEP);
      await until(`round ${press} is in the output`, () => roundsOf(cell) === press);
      await sleep(700);
      assert.equal(roundsOf(cell), press, "one press is one round");
      assert.equal(notebook.isDirty, true);
      await notebook.save();
      assert.equal(savedRounds(await read(notebook.uri)), press);
    }
    await until("the amendment is over", () => cell.executionSummary?.success === true);
    assert.deepEqual(structuredClone({ ...cell.executionSummary }), summary);
    const mimes = cell.outputs.flatMap(({ items }) => items.map(({ mime }) => mime));
    assert.deepEqual(mimes.toSorted(), [SEARCH, "image/png", "text/plain"].toSorted());
  });

  test("the view follows while the cell runs, and its last state is the file's", async () => {
    const notebook = await open("follow.dnb", [
      search.replace("random`", "").replace(/\nrandom$/, "\nawait random.run();"),
    ]);
    await run(notebook, 0);
    const cell = notebook.cellAt(0);
    assert.equal(roundsOf(cell), 6);
    await notebook.save();
    assert.equal(savedRounds(await read(notebook.uri)), 6);
    await page.webview.waitFor("canvas");
  });

  test("reopened, it shows what is saved and says how to make it live; nothing is started", async () => {
    const source = search.replace(/\nrandom$/, "\nawait random.step();\nrandom");
    const uri = await write("reopen.dnb", textOf([{ id: "k3f9a2", source }]));
    // By the window's own command: a document that an extension has opened outlives its editor for minutes.
    const notebook = await openInWindow(uri);
    await run(notebook, 0);
    await notebook.save();
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await until("it is closed", () => notebook.isClosed);
    const again = await openInWindow(uri);
    assert.equal(roundsOf(again.cellAt(0)), 1);
    await page.webview.waitFor('[title*="No kernel is running"]');
    assert.equal(again.isDirty, false);
  });

  test("reopened, Step goes on where it stopped, Run to the end, and a save says with what", async () => {
    const at = (rounds: string) => search.replace(/\nrandom$/, `\nawait random.${rounds};\nrandom`);
    const whole = await open("whole.dnb", [at("run()")]);
    await run(whole, 0);
    assert.equal(roundsOf(whole.cellAt(0)), 6);
    // Paused after two of its six rounds, by hand: its cell would run it to the end.
    const cells = [
      { id: "a", source: "const before = 1;" },
      { id: "b", source: at("step(2)") },
      { id: "c", source: "throw new Error('not run')" },
    ];
    const uri = await write("continued.dnb", textOf(cells));
    const notebook = await openInWindow(uri);
    await run(notebook, 0, 2);
    await notebook.save();
    const { meta }: { meta: { environment?: Record<string, string> } } = JSON.parse(await read(uri));
    assert.equal(meta.environment?.["device"], "cpu");
    assert.match(meta.environment["onnxruntime"] ?? "", /^\d+\.\d+\.\d+$/);
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    await until("it is closed", () => notebook.isClosed);
    const text = (await read(uri)).replace("await random.step(2);", "await random.run();");
    const continued = await write("continues.dnb", text);

    const again = await openInWindow(continued);
    const cell = again.cellAt(1);
    assert.equal(roundsOf(cell), 2);
    await page.webview.waitFor('[title*="No kernel is running"]');
    await page.webview.click(STEP);
    await until("a third round is there", () => roundsOf(cell) === 3, 30_000);
    await sleep(700);
    assert.equal(roundsOf(cell), 3, "one press is one round");
    assert.deepEqual(shown(again.cellAt(2)), [], "cells below are not run");
    await page.webview.click("button[title='Run until the budget is spent']");
    await until("it has ended", () => roundsOf(cell) === 6);
    await until("its output is whole", () => recordOf(cell)?.includes('"state":"finished"'));
    assert.equal(recordOf(cell), recordOf(whole.cellAt(0)));
  });

  test("a restart leaves the picture and tells the view", async () => {
    const notebook = await open("forgotten.dnb", [
      search.replace(/\nrandom$/, "\nawait random.step();\nrandom"),
    ]);
    await run(notebook, 0);
    await page.webview.waitFor(STEP);
    await sleep(500);
    await vscode.commands.executeCommand("dnb.restart");
    await page.webview.waitFor('[title*="restarted"]');
    assert.equal(roundsOf(notebook.cellAt(0)), 1);
  });
});

async function openInWindow(uri: vscode.Uri): Promise<vscode.NotebookDocument> {
  await vscode.commands.executeCommand("vscode.open", uri);
  const opened = () => vscode.window.activeNotebookEditor?.notebook;
  await until("it is open", () => opened()?.uri.toString() === uri.toString());
  const notebook = opened();
  assert.ok(notebook);
  return notebook;
}

function roundsOf(cell: vscode.NotebookCell): number | undefined {
  const text = shown(cell).find(([mime]) => mime === SEARCH)?.[1];
  if (text === undefined) return undefined;
  const { record }: { record: { rounds: unknown[] } } = JSON.parse(text);
  return record.rounds.length;
}

/** The saved record as text. */
function recordOf(cell: vscode.NotebookCell): string | undefined {
  const text = shown(cell).find(([mime]) => mime === SEARCH)?.[1];
  if (text === undefined) return undefined;
  const { record }: { record: unknown } = JSON.parse(text);
  return JSON.stringify(record);
}

function savedRounds(text: string): number | undefined {
  const {
    cells,
  }: { cells: { outputs: { items: { mime: string; json?: { record: { rounds: unknown[] } } }[] }[] }[] } =
    JSON.parse(text);
  const items = cells.flatMap(({ outputs }) => outputs.flatMap(({ items }) => items));
  return items.find(({ mime }) => mime === SEARCH)?.json?.record.rounds.length;
}

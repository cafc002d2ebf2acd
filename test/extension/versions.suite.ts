import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, fileOf, read, show, textOf, until, write } from "./notebooks.js";

suite("Versions of a notebook", () => {
  teardown(closeAll);

  const conflicted = JSON.stringify({
    dnb: 1,
    cells: [
      { id: "a", kind: "code", source: ["ours"], outputs: [], conflict: { of: "a", side: "ours" } },
      {
        id: "a-theirs",
        kind: "code",
        source: ["theirs"],
        outputs: [],
        conflict: { of: "a", side: "theirs" },
      },
      {
        id: "b",
        kind: "code",
        source: ["b"],
        outputs: [],
        conflict: { of: "b", side: "ours", deleted: true },
      },
    ],
  });

  test("of a merge conflict are accepted with a button, and the file is as if there had been none", async () => {
    const uri = await write("conflict.dnb", conflicted);
    const notebook = await show(uri);
    await vscode.commands.executeCommand("dnb.acceptVersion", notebook.cellAt(1));
    await vscode.commands.executeCommand("dnb.acceptVersion", notebook.cellAt(1));
    assert.ok(await notebook.save());
    assert.equal(
      await read(uri),
      textOf([
        { id: "a", source: "theirs" },
        { id: "b", source: "b" },
      ]),
    );
  });

  test("can both be kept", async () => {
    const uri = await write("versions-both.dnb", conflicted);
    const notebook = await show(uri);
    await vscode.commands.executeCommand("dnb.keepBothVersions", notebook.cellAt(0));
    assert.ok(await notebook.save());
    const saved: { cells: { id: string; conflict?: unknown }[] } = JSON.parse(await read(uri));
    assert.deepEqual(
      saved.cells.map(({ id, conflict }) => [id, conflict !== undefined]),
      [
        ["a", false],
        ["a-theirs", false],
        ["b", true],
      ],
    );
  });

  test("a cell is marked as the one with the parameters, and back", async () => {
    const before = textOf([{ id: "a", source: "const n = 1" }]);
    const uri = await write("parameters.dnb", before);
    const notebook = await show(uri);
    await vscode.commands.executeCommand("dnb.toggleParameters", notebook.cellAt(0));
    assert.ok(await notebook.save());
    assert.match(await read(uri), /"outputs": \[\],\n {3}"role": "parameters"\n/);
    await vscode.commands.executeCommand("dnb.toggleParameters", notebook.cellAt(0));
    assert.ok(await notebook.save());
    assert.equal(await read(uri), before);
  });

  test("the last good one is there again after the file was cut off", async () => {
    const good = textOf([{ id: "a", source: "const kept = 1;" }]);
    const uri = await write("versions-cut.dnb", good);
    const notebook = await show(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(notebook.cellAt(0).document.uri, new vscode.Range(0, 6, 0, 10), "saved");
    assert.ok(await vscode.workspace.applyEdit(edit));
    // Saving a notebook that VS Code does not know to be changed writes nothing.
    await until("the notebook is changed", () => notebook.isDirty);
    assert.ok(await notebook.save());
    const saved = await read(uri);
    assert.match(saved, /const saved = 1;/);
    await closeAll();
    await write("versions-cut.dnb", saved.slice(0, 40));
    await vscode.commands.executeCommand("dnb.restoreLastVersion", uri);
    assert.equal(await read(uri), saved);
    assert.equal(await read(fileOf("versions-cut.dnb.damaged")), saved.slice(0, 40));
    await until(
      "it opens",
      async () => (await show(uri)).cellAt(0).document.getText() === "const saved = 1;",
    );
  });
});

import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, open, read, show, textOf, until, write } from "./notebooks.js";

suite("A notebook file", () => {
  teardown(closeAll);

  test("opens, and an edit of a line changes a line of the file", async () => {
    const before = textOf([
      { id: "k3f9a2", kind: "markdown", source: "# Title" },
      { id: "m2x8qr", source: "const a = 1;\na" },
    ]);
    const uri = await write("edit.dnb", before);
    const notebook = await show(uri);
    assert.equal(notebook.notebookType, "dnb");
    assert.equal(notebook.isDirty, false);
    assert.deepEqual(
      notebook.getCells().map(({ document }) => document.languageId),
      ["markdown", "dnb-typescript"],
    );
    const edit = new vscode.WorkspaceEdit();
    edit.replace(notebook.cellAt(1).document.uri, new vscode.Range(0, 10, 0, 11), "2");
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.ok(await notebook.save());
    assert.equal(await read(uri), before.replace("const a = 1;", "const a = 2;"));
  });

  test("keeps what this version does not know, and is written canonically", async () => {
    const cell = {
      id: "k3f9a2",
      kind: "code",
      source: ["1"],
      outputs: [{ items: [{ mime: "text/plain", text: "1", later: [1] }], also: {} }],
      tags: ["setup"],
    };
    const document = { dnb: 1, meta: { title: "Kept" }, cells: [cell], future: { __proto__x: null } };
    const uri = await write(
      "unknown.dnb",
      `\uFEFF${JSON.stringify(document, null, 3).replaceAll("\n", "\r\n")}`,
    );
    const notebook = await show(uri);
    await insertCode(notebook, 1, "2");
    assert.ok(await notebook.save());
    const saved: { cells: { id: string }[] } = JSON.parse(await read(uri));
    const id = saved.cells[1]?.id ?? "";
    assert.match(id, /^[0-9a-z]{6}$/);
    const added = { id, kind: "code", source: ["2"], outputs: [] };
    const expected = `${JSON.stringify({ ...document, cells: [cell, added] }, null, 1)}\n`;
    assert.deepEqual(saved, JSON.parse(expected));
    assert.equal(await read(uri), expected);
  });

  test("gives a copied cell an id of its own, and the copy only", async () => {
    const notebook = await open("copy.dnb", [{ id: "k3f9a2", source: "1" }]);
    const { metadata } = notebook.cellAt(0);
    await insertCode(notebook, 0, "1", { ...metadata });
    await until("the copy has its own id", () => notebook.cellAt(0).metadata["id"] !== "k3f9a2");
    assert.match(String(notebook.cellAt(0).metadata["id"]), /^[0-9a-z]{6}$/);
    assert.equal(notebook.cellAt(1).metadata["id"], "k3f9a2");
  });

  test("is made by the command, by another extension, and by New File in the explorer", async () => {
    await vscode.commands.executeCommand("dnb.new");
    const made = vscode.window.activeNotebookEditor?.notebook;
    assert.equal(made?.notebookType, "dnb");
    assert.deepEqual(
      made.getCells().map(({ document }) => [document.languageId, document.getText()]),
      [["dnb-typescript", ""]],
    );
    const data = new vscode.NotebookData([
      new vscode.NotebookCellData(vscode.NotebookCellKind.Code, "7", "dnb-typescript"),
    ]);
    const other = await vscode.workspace.openNotebookDocument("dnb", data);
    assert.equal(other.cellAt(0).document.getText(), "7");
    const edit = new vscode.WorkspaceEdit();
    const uri = await write("placeholder.txt", "").then((file) => vscode.Uri.joinPath(file, "../made.dnb"));
    edit.createFile(uri);
    assert.ok(await vscode.workspace.applyEdit(edit));
    const empty = await vscode.workspace.openNotebookDocument(uri);
    assert.equal(empty.cellCount, 1);
    assert.equal(empty.isDirty, false);
    await vscode.workspace.fs.delete(uri);
  });

  const whole = textOf([{ id: "k3f9a2", source: "const text = 'ä';" }]);
  const damaged: [name: string, content: string | Uint8Array, message: RegExp][] = [
    ["empty", "", /the file is empty \(0 bytes\)/],
    ["truncated", whole.slice(0, 60), /the file ends in the middle.*\(line \d+, column \d+\)/],
    ["text", "hello", /not a notebook: expected a value, found "h" \(line 1, column 1\)/],
    ["conflict", whole.replace('   "kind"', '<<<<<<< HEAD\n   "kind"'), /merge conflict at line 7/],
    ["newer", whole.replace('"dnb": 1', '"dnb": 2'), /needs a newer version/],
    [
      "types",
      whole.replace('"code"', "5"),
      /cells\[0\]\.kind: expected .*found the number 5 \(line 7, column 12\)/,
    ],
    [
      "bytes",
      new TextEncoder().encode(whole).map((byte) => (byte === 0xc3 ? 0xff : byte)),
      /not valid UTF-8/,
    ],
  ];
  for (const [name, content, message] of damaged) {
    test(`that is damaged (${name}) is refused with the reason and stays as it is`, async () => {
      const uri = await write(`damaged-${name}.dnb`, content);
      const before = await vscode.workspace.fs.readFile(uri);
      try {
        await assert.rejects(async () => vscode.workspace.openNotebookDocument(uri), message);
        // As a person opens it: an editor that shows the message, and no document that could be saved.
        await vscode.commands.executeCommand("vscode.open", uri);
        await vscode.commands.executeCommand("workbench.action.files.save");
        assert.equal(
          vscode.workspace.notebookDocuments.some((notebook) => notebook.uri.toString() === uri.toString()),
          false,
        );
        assert.deepEqual(await vscode.workspace.fs.readFile(uri), before);
      } finally {
        await closeAll();
        await vscode.workspace.fs.delete(uri);
      }
    });
  }
});

async function insertCode(
  notebook: vscode.NotebookDocument,
  index: number,
  text: string,
  metadata?: Record<string, unknown>,
): Promise<void> {
  const cell = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, text, "dnb-typescript");
  if (metadata) cell.metadata = metadata;
  const edit = new vscode.WorkspaceEdit();
  edit.set(notebook.uri, [vscode.NotebookEdit.insertCells(index, [cell])]);
  assert.ok(await vscode.workspace.applyEdit(edit));
  await until("every cell has an id", () => notebook.getCells().every((each) => each.metadata["id"]));
}

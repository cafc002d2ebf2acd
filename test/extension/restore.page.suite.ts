import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, fileOf, read, textOf, until, write } from "./notebooks.js";
import { page } from "./page.js";

const MESSAGE = ".notifications-center .notification-list-item";

suite("A file that is not as it was", () => {
  teardown(async () => {
    await vscode.commands.executeCommand("notifications.clearAll");
    await closeAll();
  });

  const damages: [name: string, damage: (text: string) => string, reason: RegExp][] = [
    ["emptied", () => "", /the file is empty/],
    ["cut off", (text) => text.slice(0, 40), /the file ends in the middle/],
    ["overwritten", () => "hello", /not a notebook/],
  ];
  for (const [name, damage, reason] of damages)
    test(`${name}: a press of Restore Last Good Version brings it back and opens it`, async () => {
      const file = `${name.replace(" ", "-")}.dnb`;
      const uri = await write(file, textOf([{ id: "a", source: "const first = 1;" }]));
      await inWindow(uri);
      await replace(vscode.window.activeNotebookEditor?.notebook, "second");
      const saved = await read(uri);
      assert.match(saved, /const second = 1;/);
      await vscode.commands.executeCommand("workbench.action.closeAllEditors");
      await until("it is closed", () => !isOpen(uri));

      await write(file, damage(saved));
      await vscode.commands.executeCommand("vscode.open", uri);
      await vscode.commands.executeCommand("notifications.showList");
      await page.workbench.waitFor(MESSAGE);
      assert.match(await page.workbench.text(MESSAGE), reason);
      assert.equal(await read(uri), damage(saved), "nothing is written before it is asked for");
      await page.workbench.click(`${MESSAGE} .monaco-button >> text=Restore Last Good Version`);
      await until("the file is whole", async () => (await read(uri)) === saved);
      await until("it is open", () => isOpen(uri));
      assert.equal(
        vscode.window.activeNotebookEditor?.notebook.cellAt(0).document.getText(),
        "const second = 1;",
      );
      // What stood there is kept beside it, unless it was nothing.
      const beside = await read(fileOf(`${file}.damaged`)).catch(() => undefined);
      assert.equal(beside, damage(saved) || undefined);
    });

  test("larger than VS Code backs up says so, and a press of Raise the Limit makes it one that is", async () => {
    const settings = () => vscode.workspace.getConfiguration("notebook");
    const setLimit = (limit: number | undefined) =>
      settings().update("backup.sizeLimit", limit, vscode.ConfigurationTarget.Workspace);
    await setLimit(5);
    try {
      const output = { items: [{ mime: "application/octet-stream", base64: "AAAA".repeat(3000) }] };
      const cell = { id: "a", kind: "code", source: [], outputs: [output] };
      const text = `${JSON.stringify({ dnb: 1, meta: {}, cells: [cell] }, null, 1)}\n`;
      const uri = await write("large-outputs.dnb", text);
      await inWindow(uri);
      await vscode.commands.executeCommand("notifications.showList");
      await page.workbench.waitFor(MESSAGE);
      assert.match(
        await page.workbench.text(MESSAGE),
        /The outputs of large-outputs\.dnb hold 9 kB, and VS Code backs up notebooks of at most 5 kB/,
      );
      await page.workbench.click(`${MESSAGE} .monaco-button >> text=Raise the Limit`);
      await until("the limit is raised", () => settings().get("backup.sizeLimit") === 18);
      assert.equal(await read(uri), text);
    } finally {
      await setLimit(undefined);
    }
  });

  test("changed on disk while dirty: the window keeps its text, the file its own, until the reader decides", async () => {
    const uri = await write("both.dnb", textOf([{ id: "a", source: "const disk = 1;" }]));
    const notebook = await inWindow(uri);
    await edit(notebook, "mine");
    assert.ok(notebook.isDirty);
    const theirs = textOf([{ id: "a", source: "const theirs = 1;" }]);
    await write("both.dnb", theirs);
    await new Promise((done) => setTimeout(done, 1500));
    assert.equal(notebook.cellAt(0).document.getText(), "const mine = 1;");
    // VS Code asks whether to overwrite; nobody answers, so nothing is written.
    void vscode.commands.executeCommand("workbench.action.files.save");
    await new Promise((done) => setTimeout(done, 1500));
    assert.equal(await read(uri), theirs);
    assert.ok(notebook.isDirty);
    await vscode.commands.executeCommand("workbench.action.files.revert");
    await until("it shows the file", () => notebook.cellAt(0).document.getText() === "const theirs = 1;");
  });

  test("changed on disk while clean: the window follows", async () => {
    const uri = await write("follows.dnb", textOf([{ id: "a", source: "const disk = 1;" }]));
    const notebook = await inWindow(uri);
    await write("follows.dnb", textOf([{ id: "a", source: "const theirs = 1;" }]));
    await until("it shows the file", () => notebook.cellAt(0).document.getText() === "const theirs = 1;");
    assert.equal(notebook.isDirty, false);
  });

  const refusals: [name: string, cutsOff: boolean][] = [
    ["a folder that is read-only", false],
    ["a disk that is full, on which the file is cut off", true],
  ];
  for (const [name, cutsOff] of refusals)
    test(`${name}: the save is refused, the text stays in the window, and a later save brings all of it`, async () => {
      const disk = new TroubledDisk(cutsOff);
      const provider = vscode.workspace.registerFileSystemProvider("troubled", disk);
      try {
        const uri = vscode.Uri.parse(`troubled:/${cutsOff ? "full" : "locked"}.dnb`);
        const before = textOf([{ id: "a", source: "const disk = 1;" }]);
        disk.files.set(uri.path, new TextEncoder().encode(before));
        const notebook = await inWindow(uri);
        await edit(notebook, "mine");
        disk.isInTrouble = true;
        // A refused save ends with a message that waits for an answer.
        void vscode.commands.executeCommand("workbench.action.files.save");
        await until("the save was tried", () => disk.refused > 0);
        await new Promise((done) => setTimeout(done, 500));
        assert.equal(await read(uri), cutsOff ? "" : before);
        assert.equal(notebook.cellAt(0).document.getText(), "const mine = 1;");
        assert.ok(notebook.isDirty);
        disk.isInTrouble = false;
        await vscode.commands.executeCommand("workbench.action.files.save");
        await until("it is saved", () => !notebook.isDirty);
        assert.equal(await read(uri), before.replace("disk", "mine"));
        if (cutsOff) {
          // The window went down before that: what was about to be written is restorable.
          disk.files.set(uri.path, new Uint8Array());
          await vscode.commands.executeCommand("dnb.restoreLastVersion", uri);
          assert.equal(await read(uri), before.replace("disk", "mine"));
        }
        await closeAll();
      } finally {
        provider.dispose();
      }
    });

  test("a merge conflict is decided with the button in the cell that is to stay", async () => {
    const version = (id: string, side: "ours" | "theirs") => ({
      ...{ id, kind: "code", source: [`const ${side} = 1;`], outputs: [] },
      conflict: { of: "a", side },
    });
    const cells = [version("a", "ours"), version("a-theirs", "theirs")];
    const uri = await write("decide.dnb", JSON.stringify({ dnb: 1, meta: {}, cells }));
    const notebook = await inWindow(uri);
    const accept = ".cell-status-item-has-command >> text=Accept";
    await page.workbench.waitFor(accept, { nth: 1 });
    await page.workbench.click(accept, { nth: 1 });
    await until("one version is left", () => notebook.cellCount === 1);
    await until("it is decided", () => notebook.cellAt(0).metadata["id"] === "a");
    assert.ok(await notebook.save());
    assert.equal(await read(uri), textOf([{ id: "a", source: "const theirs = 1;" }]));
  });

  test("two versions side by side: VS Code's notebook diff shows the changed cell, and nothing else as changed", async () => {
    const cells = [
      { id: "a", source: "const same = 1;" },
      { id: "b", source: "const old = 1;" },
    ];
    const left = await write("left.dnb", textOf(cells));
    const right = await write("right.dnb", textOf([cells[0]!, { id: "b", source: "const fresh = 1;" }]));
    await vscode.commands.executeCommand("vscode.diff", left, right);
    const shown =
      "document.querySelector('.notebook-text-diff-editor')?.innerText.replaceAll('\\u00a0', ' ')";
    await page.workbench.waitUntil(`${shown}?.includes("const fresh = 1;")`, { timeout: 20_000 });
    await page.screenshot("notebook-diff");
    const text = await page.workbench.evaluate<string>(shown);
    assert.match(text, /const old = 1;/);
    assert.match(text, /1 hidden cell\n/, "the cell that is the same");
    assert.equal(text.match(/Input changed/g)?.length, 1);
  });
});

/** By the window's own command: a document that an extension has opened outlives its editor for minutes. */
async function inWindow(uri: vscode.Uri): Promise<vscode.NotebookDocument> {
  await vscode.commands.executeCommand("vscode.open", uri);
  await until("it is open", () => isOpen(uri));
  const notebook = vscode.window.activeNotebookEditor?.notebook;
  assert.ok(notebook);
  return notebook;
}

/** Files in memory that cannot be written while there is trouble. */
class TroubledDisk implements vscode.FileSystemProvider {
  readonly files = new Map<string, Uint8Array>();
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  isInTrouble = false;
  refused = 0;
  #time = 1;

  /** `cutsOff`: a refused write has emptied the file. */
  constructor(private readonly cutsOff: boolean) {}

  watch = () => ({ dispose: () => undefined });
  readDirectory = () => [];
  createDirectory = () => undefined;

  stat({ path }: vscode.Uri): vscode.FileStat {
    const size = this.readFile(vscode.Uri.file(path)).byteLength;
    return { type: vscode.FileType.File, ctime: 0, mtime: this.#time, size };
  }

  readFile({ path }: vscode.Uri): Uint8Array {
    const bytes = this.files.get(path);
    if (!bytes) throw vscode.FileSystemError.FileNotFound(path);
    return bytes;
  }

  writeFile({ path }: vscode.Uri, bytes: Uint8Array): void {
    if (this.isInTrouble) {
      this.refused++;
      if (this.cutsOff) this.files.set(path, new Uint8Array());
      throw this.cutsOff
        ? new Error("ENOSPC: no space left on device")
        : vscode.FileSystemError.NoPermissions(path);
    }
    this.#time++;
    this.files.set(path, bytes);
  }

  delete({ path }: vscode.Uri): void {
    this.files.delete(path);
  }

  rename(from: vscode.Uri, to: vscode.Uri): void {
    this.files.set(to.path, this.readFile(from));
    this.files.delete(from.path);
  }
}

const isOpen = (uri: vscode.Uri): boolean =>
  vscode.window.activeNotebookEditor?.notebook.uri.toString() === uri.toString();

async function edit(notebook: vscode.NotebookDocument, name: string): Promise<void> {
  const change = new vscode.WorkspaceEdit();
  const { document } = notebook.cellAt(0);
  const [, before = ""] = /const (\w+)/.exec(document.getText()) ?? [];
  change.replace(document.uri, new vscode.Range(0, 6, 0, 6 + before.length), name);
  assert.ok(await vscode.workspace.applyEdit(change));
}

async function replace(notebook: vscode.NotebookDocument | undefined, name: string): Promise<void> {
  assert.ok(notebook);
  await edit(notebook, name);
  assert.ok(await notebook.save());
}

import assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";
import { closeAll, errorOf, fileOf, open, read, run, shown, textOf, until, write } from "./notebooks.js";

const STDOUT = "application/vnd.code.notebook.stdout";
const STDERR = "application/vnd.code.notebook.stderr";

suite("Cells", () => {
  teardown(closeAll);

  test("run: output, order and time, and variables in later cells", async () => {
    const notebook = await open("run.dnb", ["const answer: number = 6 * 7;\nanswer", "answer + 1"]);
    await run(notebook, 0);
    await run(notebook, 1);
    const [first, second] = notebook.getCells();
    assert.ok(first && second);
    assert.deepEqual(shown(first)[0], ["text/plain", "42"]);
    assert.deepEqual(shown(second)[0], ["text/plain", "43"]);
    assert.deepEqual(
      [first, second].map(({ executionSummary }) => [
        executionSummary?.executionOrder,
        executionSummary?.success,
      ]),
      [
        [1, true],
        [2, true],
      ],
    );
    const { startTime, endTime } = first.executionSummary?.timing ?? {};
    assert.ok(startTime && endTime && endTime >= startTime);
    assert.equal(notebook.isDirty, true);
    assert.ok(await notebook.save());
    const text = await read(notebook.uri);
    assert.match(text, /"text": "42"/);
    for (const noise of ["executionOrder", "startTime", "timing"])
      assert.doesNotMatch(text, new RegExp(noise));
  });

  test("run again with the same result: the file does not change", async () => {
    const notebook = await open("again.dnb", ["console.log('a');\nconsole.error('b');\n({ c: [1, 2] })"]);
    await run(notebook, 0);
    await notebook.save();
    const before = await read(notebook.uri);
    await run(notebook, 0);
    await notebook.save();
    assert.equal(await read(notebook.uri), before);
  });

  test("stdout and stderr stand in the order in which they were written", async () => {
    const source = `for (let i = 0; i < 3; i++) { console.log("out", i); await new Promise((r) => setTimeout(r, 60)); }
console.error("err");
console.log("last");`;
    const notebook = await open("streams.dnb", [source]);
    await run(notebook, 0);
    const streams = shown(notebook.cellAt(0)).reduce<[string, string][]>((merged, [mime, text]) => {
      const last = merged.at(-1);
      if (last?.[0] === mime) last[1] += text;
      else merged.push([mime, text]);
      return merged;
    }, []);
    assert.deepEqual(streams, [
      [STDOUT, "out 0\nout 1\nout 2\n"],
      [STDERR, "err\n"],
      [STDOUT, "last\n"],
    ]);
  });

  test("ten thousand lines arrive whole", async () => {
    const notebook = await open("lines.dnb", ["for (let i = 0; i < 10_000; i++) console.log(i);"]);
    await run(notebook, 0);
    const text = shown(notebook.cellAt(0))
      .map(([, part]) => part)
      .join("");
    assert.equal(text, Array.from({ length: 10_000 }, (_, index) => `${index}\n`).join(""));
  });

  test("an error names the cell's line, underlines it, and stops what was queued behind it", async () => {
    const notebook = await open("error.dnb", [
      "const a = 1;\nconst b = undefined as any;\nb.missing;",
      "'never'",
    ]);
    await vscode.commands.executeCommand("notebook.execute", notebook.uri);
    const cell = notebook.cellAt(0);
    await until("the cell has failed", () => cell.executionSummary?.success === false);
    const { name, stack } = errorOf(cell);
    assert.equal(name, "TypeError");
    assert.match(stack, /^TypeError: .*\n {4}at Cell 1:3:\d+/s);
    const diagnostics = vscode.languages.getDiagnostics(cell.document.uri);
    assert.deepEqual(
      diagnostics.map(({ range, source }) => [range.start.line, source]),
      [[2, "dnb"]],
    );
    await sleep(200);
    assert.equal(notebook.cellAt(1).executionSummary?.success, undefined);
    assert.deepEqual(shown(notebook.cellAt(1)), []);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(cell.document.uri, new vscode.Position(0, 0), "// edited\n");
    await vscode.workspace.applyEdit(edit);
    await until(
      "the line is no longer underlined",
      () => !vscode.languages.getDiagnostics(cell.document.uri).length,
    );
  });

  test("a cell that never ends is interrupted, what waits behind it is cancelled, and variables stay", async () => {
    const notebook = await open("interrupt.dnb", ["const kept = 5;", "for (;;) {}", "'queued'", "kept"]);
    await run(notebook, 0);
    void vscode.commands.executeCommand("notebook.cell.execute", {
      ranges: [{ start: 1, end: 3 }],
      document: notebook.uri,
    });
    await until("the loop runs", () => notebook.cellAt(1).executionSummary?.executionOrder === 2);
    await sleep(300);
    await vscode.commands.executeCommand("notebook.cancelExecution");
    await until("the loop has ended", () => notebook.cellAt(1).executionSummary?.success === false, 4000);
    assert.match(errorOf(notebook.cellAt(1)).name, /Interrupt/);
    assert.equal(notebook.cellAt(2).executionSummary?.success, undefined);
    await run(notebook, 3);
    assert.deepEqual(shown(notebook.cellAt(3))[0], ["text/plain", "5"]);
  });

  test("Restart takes the variables, and counting begins anew", async () => {
    const notebook = await open("restart.dnb", ["const gone = 1;", "typeof gone", "process.pid"]);
    await run(notebook, 0);
    await run(notebook, 2);
    const pid = shown(notebook.cellAt(2))[0]?.[1];
    await vscode.commands.executeCommand("dnb.restart");
    await run(notebook, 1);
    assert.match(shown(notebook.cellAt(1))[0]?.[1] ?? "", /undefined/);
    assert.equal(notebook.cellAt(1).executionSummary?.executionOrder, 1);
    await run(notebook, 2);
    assert.equal(shown(notebook.cellAt(2))[0]?.[1], pid, "the process, and so the models, stay");
  });

  test("a killed kernel ends every cell within 2 s with the reason; the next run starts a new one", async () => {
    const notebook = await open("kill.dnb", [
      "process.pid",
      "console.log('before');\nawait new Promise((r) => setTimeout(r, 60_000));",
      "'queued'",
    ]);
    await run(notebook, 0);
    const pid = Number(shown(notebook.cellAt(0))[0]?.[1]);
    void vscode.commands.executeCommand("notebook.cell.execute", {
      ranges: [{ start: 1, end: 3 }],
      document: notebook.uri,
    });
    await until("it printed", () => shown(notebook.cellAt(1)).length === 1);
    process.kill(pid, "SIGKILL");
    await until("the cell has ended", () => notebook.cellAt(1).executionSummary?.success === false, 2000);
    const { message } = errorOf(notebook.cellAt(1));
    assert.match(message, /SIGKILL|signal 9/);
    assert.match(message, /Run a cell to start a new kernel/);
    assert.deepEqual(shown(notebook.cellAt(1))[0], [STDOUT, "before\n"]);
    assert.deepEqual(shown(notebook.cellAt(2)), []);
    await run(notebook, 0);
    assert.notEqual(Number(shown(notebook.cellAt(0))[0]?.[1]), pid);
    assert.equal(notebook.cellAt(0).executionSummary?.executionOrder, 1);
  });

  test("a connection that breaks is made again by itself: the running cell goes on, what it missed is shown in order", async () => {
    const notebook = await open("connection-cut.dnb", [
      "setTimeout(() => console.log('late'), 2500);\nprocess.pid",
      "for (let i = 0; i < 20; i++) {\n  console.log(i);\n  await new Promise((r) => setTimeout(r, 100));\n}\n'whole'",
      "process.pid",
    ]);
    await run(notebook, 0);
    const socket = await socketBehind(() => {
      void vscode.commands.executeCommand("notebook.cell.execute", {
        ranges: [{ start: 1, end: 3 }],
        document: notebook.uri,
      });
    });
    const cell = notebook.cellAt(1);
    await until("it prints", () => shown(cell).some(([, text]) => text.includes("3\n")));
    socket.destroy();
    for (const index of [1, 2])
      await until(`cell ${index} has ended`, () => notebook.cellAt(index).executionSummary?.success);
    await until("all of it is shown", () => shown(cell).length === 2);
    assert.deepEqual(shown(cell), [
      [STDOUT, Array.from({ length: 20 }, (_, i) => `${i}\n`).join("")],
      ["text/plain", "'whole'"],
    ]);
    await until("so is the next", () => shown(notebook.cellAt(2)).length);
    assert.deepEqual(shown(notebook.cellAt(2)), shown(notebook.cellAt(0)).slice(0, 1));
    assert.equal(notebook.cellAt(2).executionSummary?.executionOrder, 3);
    await until("the timer has printed", () => shown(notebook.cellAt(0)).length === 2);
  });

  test("a connection that breaks while the end of a cell is on its way: nothing of the cell is lost", async () => {
    const begun = fileOf("cut-begun").fsPath;
    const release = fileOf("cut-release").fsPath;
    for (const path of [begun, release]) rmSync(path, { force: true });
    const notebook = await open("connection-end.dnb", [
      "console.log('printed');\n'shown'",
      `import { existsSync, writeFileSync } from "node:fs";
writeFileSync(${JSON.stringify(begun)}, "");
while (!existsSync(${JSON.stringify(release)})) await new Promise((r) => setTimeout(r, 20));
'second'`,
    ]);
    const socket = await socketBehind(() => {
      void vscode.commands.executeCommand("notebook.cell.execute", {
        ranges: [{ start: 0, end: 2 }],
        document: notebook.uri,
      });
    });
    // From now on the kernel writes, and nobody reads.
    socket.pause();
    await until("the first cell's end was sent, for the second has begun", () => existsSync(begun));
    socket.destroy();
    writeFileSync(release, "");
    for (const index of [0, 1])
      await until(`cell ${index} has ended`, () => notebook.cellAt(index).executionSummary?.success);
    await until("all of it is shown", () => shown(notebook.cellAt(0)).length === 2);
    assert.deepEqual(shown(notebook.cellAt(0)), [
      [STDOUT, "printed\n"],
      ["text/plain", "'shown'"],
    ]);
  });

  test("what a timer prints after the end reaches the cell and leaves its order and times alone", async () => {
    const notebook = await open("late.dnb", ["setTimeout(() => console.log('late'), 400);\n'first'"]);
    await run(notebook, 0);
    const cell = notebook.cellAt(0);
    await until("the times are known", () => cell.executionSummary?.timing?.endTime);
    const summary = structuredClone({ ...cell.executionSummary });
    await until("it was printed", () => shown(cell).some(([mime]) => mime === STDOUT));
    await until("the amendment is over", () => cell.executionSummary?.success === true);
    await sleep(100);
    assert.deepEqual(structuredClone({ ...cell.executionSummary }), summary);
  });

  test("a display is brought up to date while its cell runs, and after its end with order and times kept", async () => {
    const notebook = await open("display.dnb", [
      `import { display } from "dnb";
const shown = display({ step: 1 });
shown.update({ step: 2 });
console.log("between");
undefined`,
      "for (let step = 3; step <= 40; step++) shown.update({ step });",
    ]);
    await run(notebook, 0);
    const cell = notebook.cellAt(0);
    const steps = () =>
      shown(cell).flatMap(([mime, text]) => (mime === "application/json" ? [String(text)] : []));
    await until("the times are known", () => cell.executionSummary?.timing?.endTime);
    const summary = structuredClone({ ...cell.executionSummary });
    assert.equal(cell.outputs.length, 2);
    await until("the update during the run is shown", () => steps()[0] === '{"step":2}', 1000);
    await notebook.save();
    await run(notebook, 1);
    await until("the last update is shown", () => steps()[0] === '{"step":40}');
    await until("the amendment is over", () => cell.executionSummary?.success === true);
    await sleep(100);
    assert.deepEqual(structuredClone({ ...cell.executionSummary }), summary);
    assert.equal(cell.outputs.length, 2);
    assert.equal(notebook.isDirty, true);
    await notebook.save();
    assert.match(await read(notebook.uri), /"json": \{"step":40\}/);
  });

  test("one handle shown by two cells changes in both", async () => {
    const notebook = await open("handle.dnb", [
      'import { display } from "dnb";\ndisplay("a", { id: "both" });',
      'display("b", { id: "both" }).update("c");',
    ]);
    await run(notebook, 0, 2);
    for (const cell of notebook.getCells()) {
      await until("the text has changed", () => shown(cell).some(([, text]) => text.includes("c")));
    }
  });

  test("renamed, a notebook keeps its variables, and its displays go on", async () => {
    const uri = await write(
      "before.dnb",
      textOf([
        { id: "first0", source: 'import { display } from "dnb";\nconst kept = display("a");' },
        { id: "second", source: 'kept.update("b");\ntypeof kept' },
      ]),
    );
    await vscode.commands.executeCommand("vscode.open", uri);
    await until("it is open", () => vscode.window.activeNotebookEditor?.notebook.uri.path === uri.path);
    const notebook = vscode.window.activeNotebookEditor?.notebook;
    assert.ok(notebook);
    await run(notebook, 0);
    await notebook.save();
    const target = fileOf("after.dnb");
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(uri, target, { overwrite: true });
    assert.ok(await vscode.workspace.applyEdit(edit));
    await until("it has moved", () => vscode.window.activeNotebookEditor?.notebook.uri.path === target.path);
    const moved = vscode.window.activeNotebookEditor?.notebook;
    assert.ok(moved);
    // The new editor takes a moment to be given its kernel.
    await sleep(1500);
    await run(moved, 1);
    assert.match(shown(moved.cellAt(1))[0]?.[1] ?? "", /object/);
    await until("the display goes on", () => shown(moved.cellAt(0)).some(([, text]) => text.includes("b")));
  });

  test("the toolbar's command restarts the notebook that it stands on", async () => {
    const notebook = await open("toolbar.dnb", ["const there = 1;", "typeof there"]);
    await run(notebook, 0);
    await vscode.commands.executeCommand("dnb.restart", { notebookEditor: { notebookUri: notebook.uri } });
    await run(notebook, 1);
    assert.match(shown(notebook.cellAt(1))[0]?.[1] ?? "", /undefined/);
  });
});

/** The extension's own connection to its kernel: what writes the request of the first cell that runs. */
async function socketBehind(execute: () => void): Promise<Socket> {
  const found: Socket[] = [];
  const write = Reflect.get(Socket.prototype, "write") as (...parameters: unknown[]) => unknown;
  Reflect.set(Socket.prototype, "write", function (this: Socket, ...parameters: unknown[]) {
    const [data] = parameters;
    if (Buffer.isBuffer(data) && data.includes('"type":"execute"')) found.push(this);
    return Reflect.apply(write, this, parameters);
  });
  try {
    execute();
    await until("the cell was sent to the kernel", () => found.length);
  } finally {
    Reflect.set(Socket.prototype, "write", write);
  }
  return found[0]!;
}

import assert from "node:assert/strict";
import { connect } from "node:net";
import * as vscode from "vscode";
import { closeAll, open, run, shown, until, write } from "./notebooks.js";
import { page } from "./page.js";

interface Frame {
  readonly id: number;
  readonly name: string;
  readonly line: number;
  readonly source?: { readonly path?: string };
}

/** What the debugger says, as VS Code hears it. */
class Listener {
  readonly stops: { session: vscode.DebugSession; threadId: number; reason: string }[] = [];
  readonly complaints: string[] = [];
  readonly subscription = vscode.debug.registerDebugAdapterTrackerFactory("pwa-node", {
    createDebugAdapterTracker: (session) => ({
      onDidSendMessage: (message: {
        event?: string;
        body?: { threadId?: number; reason?: string; category?: string; output?: string };
      }) => {
        if (message.event === "output" && message.body?.category === "stderr")
          this.complaints.push(message.body.output ?? "");
        if (message.event === "stopped")
          this.stops.push({
            session,
            threadId: message.body?.threadId ?? 0,
            reason: message.body?.reason ?? "",
          });
      },
    }),
  });

  async stop(count: number): Promise<{ session: vscode.DebugSession; threadId: number; frames: Frame[] }> {
    await until(`stop ${count}`, () => this.stops.length >= count, 40_000);
    const { session, threadId } = this.stops[count - 1]!;
    const { stackFrames } = (await session.customRequest("stackTrace", { threadId })) as {
      stackFrames: Frame[];
    };
    return { session, threadId, frames: stackFrames };
  }
}

const breakAt = (uri: vscode.Uri, line: number): vscode.SourceBreakpoint =>
  new vscode.SourceBreakpoint(new vscode.Location(uri, new vscode.Position(line, 0)));

suite("Debug Cell", () => {
  let heard: Listener;
  setup(() => (heard = new Listener()));
  teardown(async () => {
    heard.subscription.dispose();
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    await vscode.debug.stopDebugging();
    await closeAll();
  });

  test("stops at a breakpoint in a cell, steps, reads variables, and goes on to the end", async () => {
    const notebook = await open("debug.dnb", ["const a: number = 1;\nlet b = a + 40;\nb += 1;\nb", "b * 2"]);
    const cell = notebook.cellAt(0);
    vscode.debug.addBreakpoints([breakAt(cell.document.uri, 2)]);
    const debugging = vscode.commands.executeCommand("dnb.debugCell", cell);
    const { session, threadId, frames } = await heard.stop(1);
    assert.equal(frames[0]?.line, 3);
    assert.equal(vscode.Uri.parse(frames[0]?.source?.path ?? "").fragment, cell.document.uri.fragment);
    const kernels = frames.filter(({ source }) => /dist[/\\](cells|kernel)\.js/.test(source?.path ?? ""));
    assert.deepEqual(kernels, []);
    const read = async (expression: string, frameId: number): Promise<string> =>
      ((await session.customRequest("evaluate", { expression, frameId })) as { result: string }).result;
    assert.equal(await read("b", frames[0].id), "41");
    await page.screenshot("debugging");
    await session.customRequest("next", { threadId });
    const after = await heard.stop(2);
    assert.equal(after.frames[0]?.line, 4);
    assert.equal(await read("b", after.frames[0].id), "42");
    await session.customRequest("continue", { threadId });
    await debugging;
    assert.equal(shown(cell).at(-1)?.[1], "42");
    assert.deepEqual(heard.complaints, []);

    // The next cell runs as ever, with the same variables.
    await run(notebook, 1);
    assert.equal(shown(notebook.cellAt(1))[0]?.[1], "84");
  });

  test("stops in a function of a cell that ran before, without a debugger", async () => {
    const notebook = await open("debug3.dnb", [
      "function half(x: number): number {\n  const y = x / 2;\n  return y;\n}",
      "half(84)",
    ]);
    await run(notebook, 0);
    const [defines, calls] = notebook.getCells();
    assert.ok(defines && calls);
    vscode.debug.addBreakpoints([breakAt(defines.document.uri, 2)]);
    const debugging = vscode.commands.executeCommand("dnb.debugCell", calls);
    const { session, threadId, frames } = await heard.stop(1);
    const at = frames
      .slice(0, 2)
      .map(({ line, source }) => [vscode.Uri.parse(source?.path ?? "").fragment, line]);
    assert.deepEqual(at, [
      [defines.document.uri.fragment, 3],
      [calls.document.uri.fragment, 1],
    ]);
    await session.customRequest("continue", { threadId });
    await debugging;
    assert.equal(shown(calls).at(-1)?.[1], "42");
  });

  test("stops in a workspace module that the cell imports; the port is closed before and after", async () => {
    const file = await write(
      "debugged.ts",
      "export function double(x: number): number {\n  const y = x * 2;\n  return y;\n}\n",
    );
    const notebook = await open("debug2.dnb", [
      "import { double } from './debugged';\ndouble(21)",
      "const inspector = await import('node:inspector'); inspector.url() ?? 'closed'",
    ]);
    await run(notebook, 1);
    vscode.debug.addBreakpoints([breakAt(file, 2)]);
    const debugging = vscode.commands.executeCommand("dnb.debugCell", notebook.cellAt(0));
    const { session, threadId, frames } = await heard.stop(1);
    assert.equal(frames[0]?.line, 3);
    assert.ok(frames[0]?.source?.path?.endsWith("debugged.ts"), JSON.stringify(frames[0]));
    const { port } = session.parentSession?.parentSession?.configuration ?? session.configuration;
    await session.customRequest("continue", { threadId });
    await debugging;
    assert.equal(shown(notebook.cellAt(0)).at(-1)?.[1], "42");
    assert.equal(await isOpen(Number(port)), false);
  });
});

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  });
}

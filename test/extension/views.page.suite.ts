import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, open, run, show, shown, until } from "./notebooks.js";
import { page } from "./page.js";

const SEARCH = "application/vnd.dnb.search+json";

const source = `import { openSession, searchOverPaths } from "dnb";
const session = await openSession("emoji");
const paths = session.search(searchOverPaths({ paths: 3, width: 3 }),
  { condition: "octopus", seed: 7, verifier: "alignment", heldOut: ["judge-concept"], budget: { nfe: 200 } });
await paths.run();
paths`;

const beside = `import { randomSearch } from "dnb";
const other = session.search(randomSearch({ candidates: 16 }),
  { condition: "octopus", seed: 7, verifier: "alignment", heldOut: ["judge-concept"] });
await other.run();
other`;

suite("The views of a search", () => {
  teardown(closeAll);

  test("the noise-level cursor moves tree, traces and branches, and fetches previews", async () => {
    const notebook = await open("cursor.dnb", [source]);
    await run(notebook, 0);
    await page.webview.waitFor(".frame[data-level='0.5']", { timeout: 30_000 });
    // Each frame's canvas is noise of its own until its preview has come.
    const frames =
      "[...document.querySelectorAll('*')].flatMap((e) => e.shadowRoot ? [...e.shadowRoot.querySelectorAll('.frame canvas')] : []).map((c) => c.toDataURL())";
    // An editor that was open before may still be in sight for a moment.
    const here = { containing: ".frame" };
    await page.webview.waitUntil(`new Set(${frames}).size >= 8`, { ...here, timeout: 30_000 });
    const canvas = (name: string) =>
      `[...document.querySelectorAll('*')].flatMap((e) => e.shadowRoot ? [...e.shadowRoot.querySelectorAll('${name} canvas')] : [])[0].toDataURL()`;
    const before = [
      await page.webview.evaluate(canvas(".tree"), here),
      await page.webview.evaluate(canvas(".trace"), here),
    ];
    await page.webview.click(".frame[data-level='0.5']");
    await page.webview.waitUntil(`${canvas(".tree")} !== ${JSON.stringify(before[0])}`, here);
    await page.webview.waitUntil(`${canvas(".trace")} !== ${JSON.stringify(before[1])}`, here);
    await page.webview.click("[data-view='branches']");
    await page.webview.waitFor(".level-cursor");
    await page.screenshot("views-branches");
    await page.webview.click("[data-view='gallery']");
    await page.webview.waitFor(".card >> nth=5");
    await page.screenshot("views-gallery");
    assert.equal(notebook.isDirty, true, "the run has written its output");
  });

  test("Fork here writes the cell that does it, runs it, and its tree appears", async () => {
    const notebook = await open("fork.dnb", [source]);
    await run(notebook, 0);
    await page.webview.waitFor("[data-action='fork']", { timeout: 30_000 });
    await page.webview.click("[data-action='fork']");
    await until("the cell is there", () => notebook.cellCount === 2);
    const cell = notebook.cellAt(1);
    const best = bestOf(notebook.cellAt(0));
    assert.equal(cell.document.getText(), `const fork = paths.fork("${best}");\nawait fork.step();\nfork`);
    await until("it has run", () => cell.executionSummary?.success !== undefined, 30_000);
    assert.equal(cell.executionSummary?.success, true, JSON.stringify(shown(cell)).slice(0, 500));
    assert.ok(recordOf(cell)?.["fork"]);
    await page.webview.waitFor(".tree canvas >> nth=1");
    // It is live as well, with pictures of its own.
    await page.webview.waitFor("[data-action='fork'] >> nth=1", { timeout: 20_000 });
    await page.webview.waitFor(".picture canvas >> nth=1");
    await page.screenshot("views-fork");
  });

  test("Continue writes a cell and leaves its parameters to the reader; Pick takes the image", async () => {
    const notebook = await open("continue.dnb", [source]);
    await run(notebook, 0);
    await page.webview.waitFor("[data-action='continue']", { timeout: 30_000 });
    await page.webview.click("[data-action='continue']");
    await until("the cell is there", () => notebook.cellCount === 2);
    assert.match(
      notebook.cellAt(1).document.getText(),
      /^const more = paths\.fork\("r\d+-c\d+", \{ guidance: [\d.]+, budget: \{ nfe: 400 \} \}\);/,
    );
    assert.equal(notebook.cellAt(1).executionSummary?.success, undefined);
    await page.webview.click("[data-action='pick']");
    await until(
      "the picked cell has run",
      () => notebook.cellCount === 3 && notebook.cellAt(1).executionSummary?.success !== undefined,
      30_000,
    );
    assert.deepEqual(
      shown(notebook.cellAt(1)).map(([mime]) => mime),
      ["image/png", "text/plain"],
    );
  });

  test("two outputs of one run agree, also in another theme; saved and reopened without a kernel both are the same to the pixel", async () => {
    const notebook = await open("twice.dnb", [source, "paths"]);
    await run(notebook, 0);
    await run(notebook, 1);
    const editor = vscode.window.activeNotebookEditor!;
    editor.revealRange(new vscode.NotebookRange(1, 2), vscode.NotebookEditorRevealType.AtTop);
    const here = { containing: ".tree" };
    await page.webview.waitFor(".tree canvas >> nth=1", { timeout: 30_000, state: "attached" });
    // Each with its traces; all of it as one text, or nothing while the two differ or one of them is not drawn yet.
    const both = `(() => {
      const drawn = (name) => [...document.querySelectorAll('*')].flatMap((e) => e.shadowRoot
        ? [...e.shadowRoot.querySelectorAll(name + ' canvas')].map((canvas) => canvas.toDataURL()) : []);
      const [trees, traces] = [drawn('.tree'), drawn('.trace')];
      const same = trees.length === 2 && trees[0] === trees[1] && traces[0] === traces[1] && trees[0].length > 5000;
      return same && trees[0] + traces[0];
    })()`;
    const pictures = await page.webview.waitUntil<string>(both, here);
    const workbench = vscode.workspace.getConfiguration("workbench");
    await workbench.update("colorTheme", "Default High Contrast", vscode.ConfigurationTarget.Global);
    await page.webview.waitUntil(`${both} && ${both} !== ${JSON.stringify(pictures)}`, here);
    await workbench.update("colorTheme", undefined, vscode.ConfigurationTarget.Global);
    await page.webview.waitUntil(`${both} === ${JSON.stringify(pictures)}`, here);

    await notebook.save();
    await vscode.commands.executeCommand("dnb.shutDown");
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    const again = await show(notebook.uri);
    assert.ok(recordOf(again.cellAt(1)), "the output is in the file");
    vscode.window.activeNotebookEditor!.revealRange(
      new vscode.NotebookRange(1, 2),
      vscode.NotebookEditorRevealType.AtTop,
    );
    await page.webview.waitUntil(`${both} === ${JSON.stringify(pictures)}`, { ...here, timeout: 20_000 });
  });

  test("samples show their seeds, one of them large when it is pressed; keys of the notebook stay out", async () => {
    const sample = `await session.sample({ condition: "octopus", seeds: [11, 12, 13], steps: 2 })`;
    const notebook = await open("samples.dnb", [`${source.split("const paths")[0]!}${sample}`]);
    await run(notebook, 0);
    const mimes = shown(notebook.cellAt(0)).map(([mime]) => mime);
    assert.deepEqual(mimes.toSorted(), ["application/vnd.dnb.samples+json", "image/png", "text/plain"]);
    const here = { containing: ".samples" };
    await page.webview.waitFor(".seed:has-text('13')", { ...here, timeout: 20_000 });
    await page.webview.click(".tile >> nth=1", here);
    await page.webview.waitFor(".chosen:has-text('Seed 12') canvas", here);
    await page.screenshot("views-samples");
    for (const key of ["d", "d"]) await page.press(key);
    assert.equal(notebook.cellCount, 1);
  });

  test("Inspect opens all views side by side, which steps the same search as the cell", async () => {
    const notebook = await open("inspect.dnb", [
      source.replace("await paths.run()", "await paths.step(2)"),
      beside,
    ]);
    await run(notebook, 0);
    await run(notebook, 1);
    const rounds = () => (recordOf(notebook.cellAt(0))?.["rounds"] as unknown[] | undefined)?.length;
    assert.equal(rounds(), 2);
    await page.webview.click(".inspect");
    const panel = { containing: ".view.panel" };
    await page.webview.waitFor(".view.panel .trace canvas", { ...panel, timeout: 30_000 });
    await vscode.commands.executeCommand("workbench.action.closeSidebar");
    await page.resize(1800, 1100);
    // The notebook is behind: the panel alone in its editor.
    await vscode.commands.executeCommand("workbench.action.toggleMaximizeEditorGroup");
    for (const part of [
      ".tree canvas",
      ".branches canvas",
      ".trace canvas",
      ".gallery .card",
      "vscode-text-field",
    ])
      await page.webview.waitFor(`${part} >> nth=0`, panel);
    await page.webview.waitFor(".frame[data-level='0.5']", panel);
    await page.screenshot("views-inspector");
    await page.webview.click(".runs summary", panel);
    await page.webview.click(".runs-list input", panel);
    await page.webview.waitFor(".end:has-text('Random search, cell 2')", panel);
    await page.screenshot("views-inspector-overlaid");
    await page.webview.click("button[title='Run one round']", panel);
    await until("the step is in the cell's output", () => rounds() === 3, 30_000);
    await page.webview.waitFor(".pill:has-text('round 3'), .pill:has-text('3 rounds')", panel);
    await page.screenshot("views-inspector-after");
    await vscode.commands.executeCommand("workbench.action.toggleMaximizeEditorGroup");
    await page.resize(1400, 900);
  });
});

function recordOf(cell: vscode.NotebookCell): Readonly<Record<string, unknown>> | undefined {
  const text = shown(cell).find(([mime]) => mime === SEARCH)?.[1];
  return text === undefined ? undefined : (JSON.parse(text) as { record: Record<string, unknown> }).record;
}

function bestOf(cell: vscode.NotebookCell): string {
  return String(recordOf(cell)?.["best"]);
}

import * as vscode from "vscode";
import { closeAll, open, run } from "./notebooks.js";
import { page } from "./page.js";

const session = `import { openSession, randomSearch, searchOverPaths, zeroOrderSearch } from "dnb";
const session = await openSession("emoji");
const asked = { seed: 7, verifier: "alignment", heldOut: ["judge-concept"] };`;
const zero = `const zero = session.search(zeroOrderSearch({ neighbours: 4, similarity: 0.8 }),
  { ...asked, condition: "tropical fish", guidance: 2.5, budget: { nfe: 192 } });
await zero.run();
zero`;
const paths = `const paths = session.search(searchOverPaths({ paths: 3, width: 4 }),
  { ...asked, condition: "tropical fish", guidance: 2.5, budget: { nfe: 240 } });
await paths.run();
paths`;
const random = `const random = session.search(randomSearch({ perRound: 8 }),
  { ...asked, condition: "tropical fish", guidance: 2.5, budget: { nfe: 240 } });
await random.run();
random`;

/** `npm run screenshots`: what the README shows, on the embedded emoji model. */
suite("Pictures of the README", function () {
  this.timeout(300_000);
  teardown(async () => {
    await theme(undefined);
    await closeAll();
  });

  test("a search under its cell: tree and traces, and the best candidates", async () => {
    // As wide as a README is read.
    await vscode.commands.executeCommand("workbench.action.closeSidebar");
    await page.resize(1100, 1250);
    const notebook = await open("readme-cell.dnb", [session, zero]);
    await theme("Default Dark Modern");
    await run(notebook, 0, 2);
    const here = { containing: ".tree" };
    await previews(".tree");
    await page.screenshot("readme-tree", { selector: ".view", ...here });
    await theme("Default Light Modern");
    await page.webview.click("[data-view='gallery']", here);
    await page.webview.waitFor(".card >> nth=11", here);
    await page.screenshot("readme-gallery", { selector: ".view", ...here });
  });

  test("branches of a search over paths", async () => {
    const notebook = await open("readme-branches.dnb", [session, paths]);
    await theme("Default Light Modern");
    await run(notebook, 0, 2);
    await previews(".tree");
    await page.webview.click("[data-view='branches']");
    await page.webview.waitFor(".level-axis .tick");
    const here = { containing: ".branches" };
    const branches =
      "[...document.querySelectorAll('*')].flatMap((e) => e.shadowRoot ? [...e.shadowRoot.querySelectorAll('.branches canvas')] : [])[0].toDataURL()";
    const bare = await page.webview.evaluate<string>(branches, here);
    await page.webview.click(".frame[data-level='0.5']", here);
    await page.webview.waitUntil(`${branches} !== ${JSON.stringify(bare)}`, here);
    // Each branch's own preview there comes when it has been computed; nothing tells when all have.
    await new Promise((done) => setTimeout(done, 4000));
    await page.screenshot("readme-branches", { selector: ".view", containing: ".branches" });
  });

  test("all views side by side, with another search laid over", async () => {
    const notebook = await open("readme-inspector.dnb", [session, random, paths]);
    await theme("Default Dark Modern");
    await run(notebook, 0, 3);
    reveal(2);
    await page.webview.waitFor(".inspect >> nth=1", { state: "attached", timeout: 30_000 });
    await page.webview.click(".inspect >> nth=1");
    const panel = { containing: ".view.panel" };
    await page.webview.waitFor(".view.panel .trace canvas", { ...panel, timeout: 30_000 });
    await vscode.commands.executeCommand("workbench.action.closeSidebar");
    await page.resize(1700, 1050);
    await vscode.commands.executeCommand("workbench.action.toggleMaximizeEditorGroup");
    await page.webview.click(".runs summary", panel);
    await page.webview.click(".runs-list input", panel);
    await page.webview.waitFor(".end:has-text('Random search')", panel);
    await page.webview.click(".runs summary", panel);
    await previews(".view.panel");
    await page.screenshot("readme-inspector", { selector: ".view", ...panel });
    await vscode.commands.executeCommand("workbench.action.toggleMaximizeEditorGroup");
  });
});

async function theme(name: string | undefined): Promise<void> {
  await vscode.workspace
    .getConfiguration("workbench")
    .update("colorTheme", name, vscode.ConfigurationTarget.Global);
}

function reveal(index: number): void {
  const range = new vscode.NotebookRange(index, index + 1);
  vscode.window.activeNotebookEditor!.revealRange(range, vscode.NotebookEditorRevealType.AtTop);
}

/** Until the film strip is there: each frame is noise of its own until its preview has come. */
async function previews(containing: string): Promise<void> {
  const frames =
    "[...document.querySelectorAll('*')].flatMap((e) => e.shadowRoot ? [...e.shadowRoot.querySelectorAll('.frame canvas')] : []).map((c) => c.toDataURL())";
  await page.webview.waitUntil(`new Set(${frames}).size >= 8`, { containing, timeout: 30_000 });
}

/**
 * Starts the search renderer of a served page; `sent` collects its messages there, `leaked` the keys that reach the notebook.
 * @param {import("playwright-core").Page} page
 * @param {boolean} messaging whether VS Code gives it a way to its kernel
 */
export async function startRenderer(page, messaging = true) {
  const content = `import { activate } from "/renderer.js"; globalThis.activate = activate;`;
  await page.addScriptTag({ type: "module", content });
  await page.waitForFunction(() => globalThis.activate !== undefined);
  await page.evaluate((messaging) => {
    globalThis.sent = [];
    globalThis.leaked = [];
    globalThis.addEventListener("keydown", (event) => globalThis.leaked.push(event.key));
    let state;
    globalThis.renderer = globalThis.activate({
      setState: (value) => (state = value),
      getState: () => state,
      ...(messaging && { postMessage: (message) => globalThis.sent.push(message) }),
      onDidReceiveMessage: (listener) => ((globalThis.receive = listener), { dispose() {} }),
      workspace: { isTrusted: true },
    });
  }, messaging);
}

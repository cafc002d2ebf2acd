// Suites run in the extension host and cannot see the window. Through this loopback endpoint they ask the driver of the page to look, click
// and press for them. The client is test/extension/page.ts; each operation here is one method there.
import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE = 10_000;

/** Serves the operations on `page`; `pictures` is the folder of the screenshots. The address carries its own token. */
export async function openBridge({ page, pictures }) {
  const operations = pageOperations(page, pictures);
  const token = randomUUID();
  const server = createServer((request, response) => {
    // The web extension host asks from a page of its own; the token is what admits.
    const shared = { "access-control-allow-origin": "*", "access-control-allow-headers": "authorization" };
    if (request.method === "OPTIONS") return void response.writeHead(204, shared).end();
    const answer = (status, body) => {
      response.writeHead(status, { "content-type": "application/json", ...shared });
      response.end(JSON.stringify(body));
    };
    if (request.headers.authorization !== `Bearer ${token}`) return answer(403, { error: "wrong token" });
    let text = "";
    request.on("data", (data) => (text += data));
    request.on("end", () => {
      const { operation, options } = JSON.parse(text);
      const run = operations[operation];
      if (!run)
        return answer(404, {
          error: `no page operation "${operation}": there is ${Object.keys(operations).join(", ")}`,
        });
      run(options).then(
        (result) => answer(200, { result }),
        (error) => answer(500, { error: `page.${operation}: ${error.message}` }),
      );
    });
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    address: `http://${token}@127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function pageOperations(page, pictures) {
  // What can be done in the workbench can be done inside a webview: only the frame differs. What names an element means the webview that
  // contains it, unless told otherwise.
  const within = (where, frameOf) => {
    const element = async ({ selector, containing = selector, nth = 0, ...options }, action) => {
      const frame = await frameOf({ containing, timeout: options.timeout });
      return action(frame.locator(selector).nth(nth), { timeout: PATIENCE, ...options });
    };
    return {
      [`${where}.evaluate`]: async ({ expression, containing }) =>
        (await frameOf({ containing })).evaluate(expression),
      [`${where}.waitUntil`]: async ({ expression, containing, timeout = PATIENCE }) => {
        const frame = await frameOf({ containing, timeout });
        for (const end = Date.now() + timeout; ; await sleep(50)) {
          const value = await frame.evaluate(expression);
          if (value) return value;
          if (Date.now() > end)
            throw new Error(`still ${JSON.stringify(value)} after ${timeout} ms: ${expression}`);
        }
      },
      [`${where}.waitFor`]: (options) => element(options, (found, how) => found.waitFor(how)),
      [`${where}.text`]: (options) => element(options, (found, how) => found.innerText(how)),
      [`${where}.click`]: (options) => element(options, (found, how) => found.click(how)),
      [`${where}.hover`]: (options) => element(options, (found, how) => found.hover(how)),
      [`${where}.focus`]: (options) => element(options, (found, how) => found.focus(how)),
      [`${where}.count`]: async ({ selector, containing }) =>
        (await frameOf({ containing })).locator(selector).count(),
    };
  };
  return {
    ...within("workbench", async () => page.mainFrame()),
    ...within("webview", (which) => webviewFrame(page, which)),
    /** Keys go to whatever has the focus. */
    press: async ({ key }) => page.keyboard.press(key),
    type: async ({ text }) => page.keyboard.type(text),
    /** The window, or what `selector` finds in the webview that shows it. */
    screenshot: async ({ name, selector, containing = selector }) => {
      const path = join(pictures, `${name}.png`);
      mkdirSync(dirname(path), { recursive: true });
      if (!selector) await page.screenshot({ path });
      else {
        const frame = await webviewFrame(page, { containing });
        await frame.locator(selector).first().screenshot({ path, timeout: PATIENCE });
      }
      return path;
    },
    resize: async ({ width, height }) => page.setViewportSize({ width, height }),
  };
}

/**
 * The document inside a visible webview: `iframe.webview` of the workbench holds VS Code's own page, and that one `iframe#active-frame`. The
 * outputs of a notebook editor share one. With several in sight, `containing` (a CSS selector) says which is meant.
 */
async function webviewFrame(page, { containing, timeout = PATIENCE } = {}) {
  for (const end = Date.now() + timeout; ; await sleep(100)) {
    const found = [];
    for (const frame of page.frames()) {
      try {
        if (!frame.parentFrame() || frame.parentFrame().parentFrame() !== page.mainFrame()) continue;
        if ((await (await frame.frameElement()).getAttribute("id")) !== "active-frame") continue;
        if (!(await (await frame.parentFrame().frameElement()).isVisible())) continue;
        if (containing && !(await frame.locator(containing).count())) continue;
        found.push(frame);
      } catch {
        // The frame went away while it was looked at.
      }
    }
    if (found.length === 1 || (found.length && containing)) return found[0];
    if (Date.now() > end)
      throw new Error(
        found.length
          ? `${found.length} webviews are in sight: say which with "containing"`
          : `no webview in sight${containing ? ` contains ${containing}` : ""} after ${timeout} ms`,
      );
  }
}

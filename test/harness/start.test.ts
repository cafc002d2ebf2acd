import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { launchBrowser } from "./browser.mjs";

test("npm start without an installed VS Code serves the example notebook, to who has the token", async () => {
  const start = spawn(process.execPath, ["scripts/start.mjs", "--served"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const browser = await launchBrowser();
  let address = "";
  try {
    for await (const line of createInterface(start.stdout))
      if (line.includes("http://127.0.0.1:")) {
        address = line.trim();
        break;
      }
    expect((await fetch(new URL(address).origin)).status).toBe(403);

    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    await page.goto(address);
    await page.locator(".notebookOverlay .cell-list-container").waitFor({ timeout: 60_000 });
    // The toolbar's kernel label names the notebook's controller once the extension has activated.
    await page.locator(".kernel-label", { hasText: "Diffusion Notebook" }).waitFor({ timeout: 30_000 });
    await page.screenshot({ path: "out/test/harness/start.png" });
  } finally {
    await browser.close();
    start.kill("SIGINT");
    await once(start, "exit");
  }
  await expect(fetch(new URL(address).origin), "Ctrl+C ends what was served").rejects.toThrow();
}, 300_000);

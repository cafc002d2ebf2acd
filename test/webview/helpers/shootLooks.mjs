// What the galleries share: each look in each of its themes, as a screenshot to be looked at.
import { mkdirSync, readFileSync } from "node:fs";
import { build } from "esbuild";
import { launchBrowser } from "../../harness/browser.mjs";
import { themes } from "../fixtures/themes.mjs";
import { dress } from "./dress.mjs";
import { servePage } from "./servePage.mjs";

/**
 * @param looks each with a `name`, `themes` (light), `width` and `scale`; chosen by the words of the command line
 * @param files of dist, e.g. ["renderer.js"]
 * @param show fills a tab that is served, and dressed unless the look is a `page`
 */
export async function shootLooks(looks, files, show) {
  const wanted = process.argv.slice(2);
  const scripts = Object.fromEntries(files.map((file) => [`/${file}`, readFileSync(`dist/${file}`, "utf8")]));
  mkdirSync("screenshots", { recursive: true });
  const browser = await launchBrowser();
  for (const look of looks) {
    for (const theme of look.themes ?? ["light"]) {
      const name = `${look.name}-${theme}`;
      if (wanted.length && !wanted.some((word) => name.includes(word))) continue;
      const context = await browser.newContext({
        viewport: { width: (look.width ?? 1120) + (look.panel ? 0 : 32), height: look.height ?? 640 },
        deviceScaleFactor: look.scale ?? 1.5,
        colorScheme: theme === "dark" ? "dark" : "light",
      });
      const tab = await context.newPage();
      const complaints = [];
      tab.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
      tab.on(
        "console",
        (message) => message.type() === "error" && complaints.push(`console: ${message.text()}`),
      );
      await servePage(tab, scripts, (url) => complaints.push(`asked the network for ${url}`));
      await tab.addStyleTag({ content: look.panel ? "body{margin:0}" : "body{margin:16px}" });
      if (look.page) await tab.addScriptTag({ content: readFileSync("dist/page.js", "utf8") });
      else await dress(tab, themes[theme]);
      await show(tab, look);
      const overflow = await tab.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (overflow > 0) complaints.push(`wider than the window by ${overflow} px`);
      await tab.screenshot({ path: `screenshots/${name}.png`, fullPage: true });
      await context.close();
      if (complaints.length) process.exitCode = 1;
      console.log(name, ...complaints);
    }
  }
  await browser.close();
}

/** The exports of a TypeScript file and all that it imports. */
export async function importTypeScript(entry) {
  const result = await build({
    ...{ entryPoints: [entry], bundle: true, write: false, format: "esm", loader: { ".json": "json" } },
  });
  return import(
    `data:text/javascript;base64,${Buffer.from(result.outputFiles[0].contents).toString("base64")}`
  );
}

// The looks of a report, as screenshots to be looked at: node build.mjs report page && node test/webview/reportGallery.mjs [words in names]
import { mkdirSync, readFileSync } from "node:fs";
import { build } from "esbuild";
import { launchBrowser } from "../harness/browser.mjs";
import { themes } from "./fixtures/themes.mjs";

const { makeReport } = await importTypeScript("test/webview/fixtures/reports.ts");
const looks = [
  { name: "report", report: makeReport(), themes: ["light", "dark", "contrast", "contrast-light"] },
  {
    name: "report-two",
    report: makeReport({ heldOut: ["judge", "sharpness"], seconds: [1, 2, 4] }),
    themes: ["dark"],
  },
  {
    name: "report-many",
    report: makeReport({
      methods: [
        "random search",
        "zero-order",
        "paths",
        "halving",
        "Feynman-Kac",
        "beam",
        "soft values",
        "tree",
        "weak",
      ],
    }),
  },
  { name: "report-few", report: makeReport({ intervals: false, budgets: [16, 32] }) },
  { name: "report-narrow", report: makeReport(), width: 520 },
  { name: "report-alone", report: makeReport({ heldOut: [] }), width: 900 },
  { name: "report-page", report: makeReport(), page: true, themes: ["light", "dark"] },
];
if (process.env.REPORT)
  looks.unshift({
    name: "report-real",
    report: JSON.parse(readFileSync(process.env.REPORT, "utf8")),
    themes: ["light", "dark"],
  });

const wanted = process.argv.slice(2);
const renderer = readFileSync("dist/report.js", "utf8");
const page = readFileSync("dist/page.js", "utf8");
mkdirSync("screenshots", { recursive: true });
const browser = await launchBrowser();
let bad = 0;
for (const look of looks) {
  for (const theme of look.themes ?? ["light"]) {
    const name = `${look.name}-${theme}`;
    if (wanted.length && !wanted.some((word) => name.includes(word))) continue;
    const complaints = await shoot(look, theme, name);
    bad += complaints.length;
    console.log(name, ...complaints);
  }
}
await browser.close();
process.exitCode = bad ? 1 : 0;

async function shoot(look, theme, name) {
  const context = await browser.newContext({
    viewport: { width: (look.width ?? 1120) + 32, height: 600 },
    deviceScaleFactor: 1.5,
    colorScheme: theme === "dark" ? "dark" : "light",
  });
  const tab = await context.newPage();
  const complaints = [];
  tab.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  await tab.route("**/*", (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === "/report.js") return route.fulfill({ contentType: "text/javascript", body: renderer });
    if (pathname === "/")
      return route.fulfill({ contentType: "text/html", body: "<!doctype html><body><div id=output></div>" });
    complaints.push(`asked the network for ${route.request().url()}`);
    return route.abort();
  });
  await tab.goto("http://notebook.invalid/");
  await tab.addStyleTag({ content: "body{margin:16px}" });
  if (look.page) {
    await tab.addScriptTag({ content: page });
    await tab.evaluate(
      (report) => globalThis.dnb.renderReport(document.querySelector("#output"), report),
      look.report,
    );
  } else await tab.evaluate(openNotebook, { ...themes[theme], report: look.report });
  await tab.waitForTimeout(300);
  const overflow = await tab.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (overflow > 0) complaints.push(`wider than the window by ${overflow} px`);
  await tab.screenshot({ path: `screenshots/${name}.png`, fullPage: true });
  await context.close();
  return complaints;
}

async function openNotebook({ body, variables, report }) {
  document.body.className = body;
  for (const [name, value] of Object.entries(variables))
    document.documentElement.style.setProperty(name, value);
  document.body.style.background = "var(--vscode-editor-background)";
  const { activate } = await import("/report.js");
  activate({}).renderOutputItem(
    { id: "1", json: () => report },
    document.querySelector("#output"),
    new AbortController().signal,
  );
}

async function importTypeScript(entry) {
  const result = await build({ entryPoints: [entry], bundle: true, write: false, format: "esm" });
  return import(
    `data:text/javascript;base64,${Buffer.from(result.outputFiles[0].contents).toString("base64")}`
  );
}

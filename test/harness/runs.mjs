// The windows in which the suites run, and which suites belong to which window.
import { cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";

export const SUITES = "test/extension";

/**
 * Each run is one VS Code of its own. `workspace`: folders that are copied into a fresh one, so that suites may write there. `extra`: not part
 * of `npm test`. `tests`: another bundle than that of the suites in Node.
 */
export const runs = [
  {
    name: "main",
    workspace: ["test/extension/workspace", "examples"],
    // A suite saves when it wants to: what is dirty must stay so.
    settings: { "files.autoSave": "off" },
  },
  {
    name: "untrusted",
    workspace: ["test/extension/workspace", "examples"],
    trust: false,
    settings: { "files.autoSave": "off" },
  },
  {
    // The window is loaded anew in the middle, and with it the suites: the second time they find what the first left.
    name: "reload",
    workspace: ["test/extension/workspace"],
    settings: { "files.autoSave": "off" },
  },
  {
    // The extension as it is in a browser, in VS Code's web extension host: the bundle that package.json names as "browser".
    name: "web",
    workspace: ["test/extension/workspace"],
    settings: {
      "files.autoSave": "off",
      "remote.extensionKind": { "diffusion-notebook.diffusion-notebook": ["web"] },
    },
    tests: "dist/test/extension.web.js",
  },
  { name: "screenshots", workspace: ["examples"], settings: { "files.autoSave": "off" }, extra: true },
];

/**
 * `NAME.suite.ts` runs in the main window. The words between the name and `.suite.ts` say otherwise: the name of another run, and `page` for
 * suites that look at the window, which only the browser run lets them.
 */
export function suitesOf(run, { page, folder = SUITES }) {
  return suiteFiles(folder).filter((file) => {
    const words = wordsOf(file);
    return (
      (page || !words.includes("page")) && (words.find((word) => word !== "page") ?? "main") === run.name
    );
  });
}

export function suiteFiles(folder = SUITES) {
  const known = new Set(["page", ...runs.map((run) => run.name)]);
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".suite.ts"))
    .sort();
  for (const file of files)
    for (const word of wordsOf(file))
      if (!known.has(word))
        throw new Error(`${join(folder, file)}: there is no run "${word}", only ${[...known].join(", ")}.`);
  return files;
}

/** Whether a suite belongs into the bundle without Node. */
export const isWeb = (file) => wordsOf(file).includes("web");

function wordsOf(file) {
  return file
    .replace(/\.suite\.ts$/, "")
    .split(".")
    .slice(1);
}

/** No first-run pages, no network, nothing that moves in a screenshot. */
export const QUIET = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.welcomePage.walkthroughs.openOnInstall": false,
  "workbench.enableExperiments": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "git.enabled": false,
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.banner": "never",
};

/** A first folder's content becomes the workspace; further ones lie in it under their own names. */
export function copyWorkspace(sources, workspace) {
  mkdirSync(workspace, { recursive: true });
  for (const [i, source] of sources.entries())
    if (existsSync(source))
      cpSync(source, i === 0 ? workspace : join(workspace, basename(source)), { recursive: true });
  return workspace;
}

/** What the suites are told; test/extension/index.ts reads the first two. */
export function testEnvironment(run, expected, report) {
  return {
    DNB_SUITES: JSON.stringify(expected),
    DNB_REPORT: report,
    DNB_RUN: run.name,
    DNB_ROOT: resolve("."),
  };
}

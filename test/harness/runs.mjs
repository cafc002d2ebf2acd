// The windows in which the suites run, and which suites belong to which window.
import { readdirSync } from "node:fs";
import { join } from "node:path";

export const SUITES = "test/extension";

/**
 * Each run is one VS Code of its own. `workspace`: folders that are copied into a fresh one, so that suites may write there. `extra`: not part
 * of `npm test`.
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

function wordsOf(file) {
  return file
    .replace(/\.suite\.ts$/, "")
    .split(".")
    .slice(1);
}

import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { complete, completionDetails, FORMAT, preferences } from "../../../src/language/notebook/complete.js";
import { edited } from "../../../src/language/notebook/edits.js";
import { AskedNotebook } from "./openProject.js";

const folder = mkdtempSync(join(tmpdir(), "dnb-importable-"));
const write = (name: string, text: string): void => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
};
write("package.json", '{ "dependencies": { "charts": "1", "untyped": "1", "absent": "1" } }');
write("node_modules/charts/package.json", '{ "name": "charts", "types": "index.d.ts" }');
write("node_modules/charts/index.d.ts", "export function drawChart(values: number[]): void;\n");
write("node_modules/untyped/index.js", "exports.untypedThing = 1;\n");
write("node_modules/unlisted/package.json", '{ "name": "unlisted", "types": "index.d.ts" }');
write("node_modules/unlisted/index.d.ts", "export function drawUnlisted(): void;\n");
write("tools.ts", "export const drawTool = 1;\nexport default class DrawDefault {}\n");
const asked = new AskedNotebook(join(folder, "a.dnb"));
asked.project.prepareImports();

/** What the list offers to import under a name: the text of the cell with that import. */
function imported(name: string): string | undefined {
  const found = complete(asked.project, "cell1", asked.text(1).length)?.entries.find(
    (entry) => entry.name === name && entry.entry.source !== undefined,
  );
  const details = found && completionDetails(asked.project, "cell1", asked.text(1).length, found.entry);
  return details?.edits
    .map(({ text }) => text)
    .join("")
    .trim();
}

test("a list offers what no cell imports yet, from packages that the folder names and files beside it", () => {
  asked.holds(["const first = 1;", "draw"]);
  expect(imported("drawChart")).toBe('import { drawChart } from "charts";');
  expect(imported("drawTool")).toBe('import { drawTool } from "./tools";');
  expect(imported("drawUnlisted")).toBeUndefined();
  asked.holds(["const first = 1;", "Draw"]);
  expect(imported("DrawDefault")).toBe('import DrawDefault from "./tools";');
});

test("an unknown name is repaired by an import of it", () => {
  asked.holds(["const first = 1;", "drawChart([first]); drawTool;"]);
  const { file } = asked.project.cell("cell1");
  const repairs = ["drawChart", "drawTool"].map((name) => {
    const start = asked.offset(1, name);
    return asked.project.service
      .getCodeFixesAtPosition(file, start, start + name.length, [2304], FORMAT, preferences(asked.project))
      .filter(({ fixName }) => fixName === "import")
      .flatMap(({ changes }) => edited(asked.project, changes).map(({ text }) => text.trim()));
  });
  expect(repairs).toEqual([['import { drawChart } from "charts";'], ['import { drawTool } from "./tools";']]);
  asked.holds(["const first = 1;", 'import { drawChart } from "charts"; drawChart([first]);']);
  expect(asked.complaints()).toEqual([]);
});

test("what is written or installed later is offered too", () => {
  asked.holds(["const first = 1;", "late"]);
  expect(imported("lateThing")).toBeUndefined();
  write("late.ts", "export const lateThing = 1;\n");
  write("node_modules/later/package.json", '{ "name": "later", "types": "index.d.ts" }');
  write("node_modules/later/index.d.ts", "export const lateFromPackage: number;\n");
  write("package.json", '{ "dependencies": { "charts": "1", "later": "1" } }');
  expect(imported("lateThing")).toBe('import { lateThing } from "./late";');
  expect(imported("lateFromPackage")).toBe('import { lateFromPackage } from "later";');
  write("late.ts", "export const lateThing = 1, lateAddition = 2;\n");
  expect(imported("lateAddition")).toBe('import { lateAddition } from "./late";');
});

import { expect, it } from "vitest";
import { linkFrames, unlinkFrames } from "../../src/editor/stackLinks.js";

const links = {
  cell: (number: number) => (number < 5 ? `vscode-notebook-cell:/n.dnb#c${number}` : undefined),
  file: (path: string) => `/work space/it's/${path}`,
};

it("frames in cells and files are links, everything else is as it was", () => {
  const stack = [
    "TypeError: bad at Cell 1:1:1 (Cell 1:2:3)",
    "    at inner (Cell 3:12:5)",
    "    at async Promise.all (index 0)",
    "    at lib/a.ts:3:9",
    "    at fail (node_modules/x/i.js:1:2)",
    "Caused by: Error: <b>",
    "    at new Cell (Cell 1:1:7)",
    "    at Cell 9:1:1",
  ];
  const linked = linkFrames(stack.join("\n"), links);
  expect(linked.split("\n")).toEqual([
    stack[0],
    "    at inner (<a href='vscode-notebook-cell:/n.dnb#c3?line=11'>Cell 3:12:5</a>)",
    stack[2],
    "    at <a href='/work space/it%27s/lib/a.ts:3:9'>lib/a.ts:3:9</a>",
    "    at fail (<a href='/work space/it%27s/node_modules/x/i.js:1:2'>node_modules/x/i.js:1:2</a>)",
    stack[5],
    "    at new Cell (<a href='vscode-notebook-cell:/n.dnb#c1?line=0'>Cell 1:1:7</a>)",
    stack[7],
  ]);
  expect(unlinkFrames(linked)).toBe(stack.join("\n"));
});

it("links that the error itself holds are left alone", () => {
  const own = "Error: see <a href='https://x.y'>this</a>";
  expect(unlinkFrames(linkFrames(own, links))).toBe(own);
});

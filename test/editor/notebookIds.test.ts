import { expect, it } from "vitest";
import { latestNumber, NotebookIds } from "../../src/editor/notebookIds.js";

const URI = "file:///w/a.dnb";

it("a notebook is called by its URI, and otherwise each time that it is opened again in a window", () => {
  const ids = new NotebookIds();
  expect([ids.next(URI, undefined), ids.next(URI, [URI]), ids.next("file:///w/b.dnb", [URI])]).toEqual([
    URI,
    `${URI}#2`,
    "file:///w/b.dnb",
  ]);
});

it("a window that comes after another goes on with the name that the kernel knows", () => {
  expect(new NotebookIds().next(URI, [URI, `${URI}#3`, "file:///w/a.dnb.dnb#9"])).toBe(`${URI}#3`);
  expect(latestNumber(URI, ["file:///w/b.dnb"])).toBe(0);
});

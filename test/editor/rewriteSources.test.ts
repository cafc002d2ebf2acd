import { expect, it } from "vitest";
import { rewriteSources } from "../../src/editor/rewriteSources.js";

it("changes the sources that are meant, wherever they are, and nothing else", () => {
  const message = {
    path: "a",
    body: {
      stackFrames: [
        { source: { path: "a", name: "x", sourceReference: 3 }, line: 1 },
        { source: { path: "b", sourceReference: 4 }, line: 2 },
      ],
      source: null,
    },
  };
  rewriteSources(message, (path) => (path === "a" ? { path: "cell", name: "Cell 1" } : undefined));
  expect(message).toEqual({
    path: "a",
    body: {
      stackFrames: [
        { source: { path: "cell", name: "Cell 1" }, line: 1 },
        { source: { path: "b", sourceReference: 4 }, line: 2 },
      ],
      source: null,
    },
  });
  expect(() => rewriteSources(undefined, () => undefined)).not.toThrow();
});

import { describe, expect, it } from "vitest";
import { StaleCells } from "../../../src/kernel/control/staleCells.js";

/** Runs cells named by their numbers, and says which are stale then. */
function notebook(files: Record<string, string> = {}) {
  const cells = new StaleCells();
  const run = (number: number, defines: string, uses = "", paths: readonly string[] = []): void =>
    cells.ran({
      cell: `c${number}`,
      number,
      defines: defines.split(" ").filter(Boolean),
      uses: uses.split(" ").filter(Boolean),
      files: paths.map((path) => ({ path, stamp: files[path] ?? "gone" })),
    });
  const stale = (): string[] =>
    cells.stale((path) => files[path] ?? "gone").map(({ cell, reason }) => `${cell}: ${reason}`);
  return { run, stale, files };
}

describe("stale cells", () => {
  it("are those that used what another run has made again, and what depends on them", () => {
    const { run, stale } = notebook();
    run(1, "x");
    run(2, "y", "x");
    run(3, "", "y");
    run(4, "z");
    expect(stale()).toEqual([]);
    run(1, "x");
    expect(stale()).toEqual([
      "c2: Cell 1 has defined x again since this cell ran.",
      "c3: Cell 2, which defines y, is stale itself.",
    ]);
    run(2, "y", "x");
    expect(stale()).toEqual(["c3: Cell 2 has defined y again since this cell ran."]);
    run(3, "", "y");
    expect(stale()).toEqual([]);
  });

  it("are not those that came before a redeclaration in another cell and did not use it", () => {
    const { run, stale } = notebook();
    run(1, "x");
    run(2, "", "x");
    run(3, "x");
    expect(stale()).toEqual(["c2: Cell 3 has defined x again since this cell ran."]);
    run(2, "", "x");
    expect(stale()).toEqual([]);
  });

  it("are none for a cell that uses its own names, or names of globals", () => {
    const { run, stale } = notebook();
    run(1, "x", "x console");
    run(1, "x", "x console");
    expect(stale()).toEqual([]);
  });

  it("end with each other when two cells use each other's names", () => {
    const { run, stale } = notebook();
    run(1, "a", "b");
    run(2, "b", "a");
    run(1, "a", "b");
    expect(stale()).toEqual(["c2: Cell 1 has defined a again since this cell ran."]);
    run(2, "b", "a");
    expect(stale()).toEqual(["c1: Cell 2 has defined b again since this cell ran."]);
  });

  it("are those whose file has changed, until they run again", () => {
    const { run, stale, files } = notebook({ "/a.ts": "1", "/b.ts": "1" });
    run(1, "f", "", ["/a.ts", "/b.ts"]);
    run(2, "", "f");
    files["/b.ts"] = "2";
    expect(stale()).toEqual([
      "c1: /b.ts has changed since this cell ran.",
      "c2: Cell 1, which defines f, is stale itself.",
    ]);
    run(1, "f", "", ["/a.ts", "/b.ts"]);
    expect(stale()).toEqual(["c2: Cell 1 has defined f again since this cell ran."]);
  });
});

import type { NotebookCell, NotebookCellExecution } from "vscode";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FinishedCells } from "../../src/editor/finishedCells.js";

const log = { info: () => {}, warn: (text: string) => story.push(`warn ${text}`), error: () => {} };
let story: string[] = [];

/** As much of a cell and of an execution as is used; what is not used would throw. */
function cellWith(executionSummary?: NotebookCell["executionSummary"]): NotebookCell {
  // SAFETY: a stand-in for VS Code's own object, which cannot be made outside of it.
  return { index: 0, notebook: { isClosed: false }, executionSummary } as unknown as NotebookCell;
}

function execution(): NotebookCellExecution {
  const made = {
    executionOrder: undefined as number | undefined,
    start: (time?: number) => story.push(`start #${made.executionOrder} at ${time}`),
    end: (success?: boolean, time?: number) => story.push(`end ${success} at ${time}`),
  };
  return made as unknown as NotebookCellExecution;
}

const change = (name: string) => async () => void story.push(name);

describe("a finished cell", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    story = [];
  });
  afterEach(() => vi.useRealTimers());

  it("is amended with the order, times and success of its run", async () => {
    const cells = new FinishedCells(execution, log);
    const cell = cellWith();
    cells.remember(cell, { order: 3, success: false, start: 10, end: 20 });
    cells.revise(cell, "a", change("change"));
    await vi.advanceTimersByTimeAsync(0);
    expect(story).toEqual(["start #3 at 10", "change", "end false at 20"]);
    story = [];
    const other = cellWith({ executionOrder: 7, success: true, timing: { startTime: 1, endTime: 2 } });
    cells.revise(other, "a", change("change"));
    await vi.advanceTimersByTimeAsync(0);
    expect(story).toEqual(["start #7 at 1", "change", "end true at 2"]);
  });

  it("is amended at once, then at most four times a second with the latest change of each output", async () => {
    const cells = new FinishedCells(execution, log);
    const cell = cellWith();
    for (let step = 0; step < 10; step++) cells.revise(cell, "a", change(`a${step}`));
    cells.revise(cell, "b", change("b"));
    await vi.advanceTimersByTimeAsync(249);
    expect(story.filter((line) => /^[ab]/.test(line))).toEqual(["a0"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(story.filter((line) => /^[ab]/.test(line))).toEqual(["a0", "a9", "b"]);
    expect(story.filter((line) => line.startsWith("start"))).toHaveLength(2);
  });

  it("waits while the cell is about to run, and forgets what its run clears", async () => {
    const cells = new FinishedCells(execution, log);
    const cell = cellWith();
    await cells.hold(cell);
    cells.revise(cell, "a", change("a"));
    await vi.advanceTimersByTimeAsync(1000);
    expect(story).toEqual([]);
    cells.forget(cell);
    cells.revise(cell, "b", change("b"));
    cells.release(cell);
    await vi.advanceTimersByTimeAsync(1000);
    expect(story.filter((line) => /^[ab]/.test(line))).toEqual(["b"]);
  });

  it("is free for its own execution only when an amendment is over", async () => {
    const cells = new FinishedCells(execution, log);
    const cell = cellWith();
    let finish = () => {};
    cells.revise(cell, "a", () => new Promise<void>((resolve) => (finish = resolve)));
    let free = false;
    void cells.hold(cell).then(() => (free = true));
    await vi.advanceTimersByTimeAsync(1000);
    expect(free).toBe(false);
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(free).toBe(true);
    expect(story.at(-1)).toMatch(/^end/);
  });

  it("ends its amendment also when a change fails, and is left alone when VS Code refuses", async () => {
    const cells = new FinishedCells(execution, log);
    cells.revise(cellWith(), "a", async () => {
      throw new Error("deleted");
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(story.at(-1)).toMatch(/^end/);
    story = [];
    const refusing = new FinishedCells(() => {
      throw new Error("duplicate execution");
    }, log);
    refusing.revise(cellWith(), "a", change("a"));
    await vi.advanceTimersByTimeAsync(1000);
    expect(story).toEqual([expect.stringContaining("duplicate execution")]);
  });
});

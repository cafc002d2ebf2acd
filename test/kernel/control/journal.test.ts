import { describe, expect, it } from "vitest";
import { LastRuns } from "../../../src/kernel/control/lastRuns.js";
import { Journal, type NotebookEvent } from "../../../src/kernel/control/journal.js";

const notebook = "n";
const print = (execution: string, text: string): NotebookEvent => ({
  type: "stream",
  notebook,
  execution,
  name: "stdout",
  text,
});
const show = (execution: string, display: string, text: string): NotebookEvent => ({
  type: "display",
  notebook,
  execution,
  display,
  items: [{ mime: "text/plain", text }],
});
const update = (display: string, text: string): NotebookEvent => ({
  type: "update",
  notebook,
  display,
  items: [{ mime: "text/plain", text }],
});
const cell = { id: "c", number: 1 };
const asked = (execution: string) => ({ execution, cell, source: "1" });

describe("what a window missed", () => {
  it("an execution whose end nobody heard is kept from its start, also what was heard of it", () => {
    const journal = new Journal();
    journal.queued(asked("x"));
    journal.record({ type: "started", notebook, execution: "x" }, true, 5);
    journal.record(print("x", "a"), true, 6);
    journal.record(show("x", "d", "first"), true, 7);
    journal.record(print("x", "b"), false, 8);
    journal.record(print("x", "c"), false, 9);
    journal.record(update("d", "second"), false, 10);
    const missed = journal.takeMissed(notebook);
    expect(missed.executions).toEqual([{ ...asked("x"), started: 5 }]);
    expect(missed.events).toEqual([
      { type: "started", notebook, execution: "x" },
      print("x", "a"),
      show("x", "d", "second"),
      print("x", "bc"),
    ]);
    // It is still under way: the next window needs it whole as well.
    expect(journal.takeMissed(notebook)).toEqual(missed);
  });

  it("one whose end was heard is forgotten; what its timers print without a window is handed over once", () => {
    const journal = new Journal();
    journal.queued(asked("x"));
    journal.record(print("x", "a"), true, 0);
    journal.delivered("x", undefined, 9);
    journal.record(print("x", "heard"), true, 0);
    journal.record(print("x", "late"), false, 0);
    journal.record(update("d", "1"), false, 0);
    journal.record(update("d", "2"), false, 0);
    expect(journal.takeMissed(notebook)).toMatchObject({
      executions: [],
      events: [print("x", "late"), update("d", "2")],
    });
    expect(journal.takeMissed(notebook).events).toEqual([]);
  });

  it("the last run of each cell is known with its outputs, for what its timers do later", () => {
    const journal = new Journal();
    const begin = (execution: string) => {
      journal.queued(asked(execution));
      journal.record({ type: "started", notebook, execution }, true, 0);
    };
    begin("before");
    journal.delivered("before", undefined, 9);
    begin("x");
    for (const event of [print("x", "a"), print("x", "b"), show("x", "d", "1"), print("x", "c")])
      journal.record(event, true, 0);
    expect(journal.takeMissed(notebook).finished).toEqual([]);
    const error = { name: "E", message: "m" };
    journal.delivered("x", error, 9);
    // Late ones are outputs of their own, but what comes while nobody listens is told as one, and shown after these.
    for (const heard of [true, true, false, false]) journal.record(print("x", "late"), heard, 0);
    journal.record(update("d", "2"), true, 0);
    journal.record(update("d", "3"), false, 0);
    const printed = (text: string) => ({ stream: "stdout", text });
    const items = (text: string) => [{ mime: "text/plain", text }];
    const outputs = (text: string) => [
      ...[printed("ab"), { display: "d", items: items(text) }, printed("c"), { error }],
      ...[printed("late"), printed("late")],
    ];
    const run = { ...asked("x"), ended: 9 };
    expect(journal.takeMissed(notebook).finished).toEqual([{ ...run, outputs: outputs("2") }]);
    expect(journal.takeMissed(notebook).finished).toEqual([
      { ...run, outputs: [...outputs("3"), printed("latelate")] },
    ]);
    // Cancelled before it began, it has left what was there.
    journal.queued(asked("never"));
    journal.delivered("never", undefined, 9);
    expect(journal.takeMissed(notebook).finished.map(({ execution }) => execution)).toEqual(["x"]);
  });

  it("the outputs of the oldest runs are not kept for ever, their handles are", () => {
    const runs = new LastRuns(100);
    for (const [id, error] of [["x"], ["y", { name: "E", message: "m" }]] as const) {
      runs.queued({ execution: id, cell: { id, number: 1 }, source: "" });
      runs.started(id);
      runs.displayed(id, `d${id}`, [{ mime: "text/plain", text: "z".repeat(60) }]);
      runs.printed(id, "stdout", "1");
      runs.ended(id, error, 1);
    }
    const [x, y] = runs.finished;
    expect(x?.outputs).toEqual([{ display: "dx" }, { stream: "stdout" }]);
    expect(y?.outputs).toMatchObject([
      { display: "dy", items: [{}] },
      { text: "1" },
      { error: { name: "E" } },
    ]);
    runs.updated("dx", [{ mime: "text/plain", text: "" }]);
    expect(runs.finished[0]?.outputs[0]).toEqual({ display: "dx" });
  });

  it("a question that nobody has answered is asked again, an answered one is not", () => {
    const journal = new Journal();
    const ask = (question: string): NotebookEvent => ({
      type: "input",
      notebook,
      execution: "x",
      question,
      prompt: "?",
    });
    journal.queued(asked("x"));
    journal.record(ask("q1"), true, 0);
    journal.answered("q1");
    journal.record(ask("q2"), true, 0);
    expect(journal.takeMissed(notebook).events).toEqual([ask("q2")]);
  });

  it("waiting executions come along, in their order", () => {
    const journal = new Journal();
    for (const name of ["x", "y", "z"]) journal.queued(asked(name));
    journal.delivered("y", undefined, 9);
    expect(journal.takeMissed(notebook).executions.map(({ execution }) => execution)).toEqual(["x", "z"]);
  });

  it("keeps a stated amount: the oldest goes, and how many is said", () => {
    const journal = new Journal(100);
    journal.queued(asked("x"));
    for (let i = 0; i < 5; i++) journal.record(show("x", `d${i}`, "y".repeat(40)), false, 0);
    const missed = journal.takeMissed(notebook);
    expect(missed.dropped).toBe(3);
    expect(missed.events).toEqual([show("x", "d3", "y".repeat(40)), show("x", "d4", "y".repeat(40))]);
  });
});

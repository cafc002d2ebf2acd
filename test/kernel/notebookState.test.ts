import { describe, expect, it } from "vitest";
import {
  IDLE,
  reduceNotebook,
  type NotebookEffect,
  type NotebookInput,
  type NotebookState,
} from "../../src/kernel/control/notebookState.js";

const execution = (
  id: string,
): { execution: string; cell: { id: string; number: number }; source: string } => ({
  execution: id,
  cell: { id, number: 1 },
  source: "",
});

/** The state after some inputs, and what was to be done, in short. */
function after(...inputs: NotebookInput[]): { state: NotebookState; done: string[] } {
  let state = IDLE;
  const done: string[] = [];
  for (const input of inputs) {
    const [next, effects] = reduceNotebook(state, input);
    state = next;
    done.push(...effects.map(brief));
  }
  return { state, done };
}

function brief(effect: NotebookEffect): string {
  switch (effect.type) {
    case "compile":
    case "evaluate":
      return `${effect.type} ${effect.execution.execution}`;
    case "end":
      return `end ${effect.execution} ${effect.outcome}`;
    default:
      return effect.type;
  }
}

const execute = (id: string): NotebookInput => ({ type: "execute", execution: execution(id) });
const tolerant = (id: string): NotebookInput => ({
  type: "execute",
  execution: { ...execution(id), mayFail: true },
});
const compiled = (id: string): NotebookInput => ({ type: "compiled", execution: id });
const ended = (id: string, outcome: "ok" | "error" | "interrupted" = "ok"): NotebookInput => ({
  type: "ended",
  execution: id,
  outcome,
});
const lost: NotebookInput = { type: "workerLost", error: { name: "KernelError", message: "gone" } };

describe("reduceNotebook", () => {
  it.each<[name: string, inputs: NotebookInput[], done: string[]]>([
    [
      "runs one after the other",
      [execute("a"), execute("b"), compiled("a"), ended("a"), compiled("b"), ended("b")],
      ["compile a", "evaluate a", "end a ok", "compile b", "evaluate b", "end b ok"],
    ],
    [
      "cancels the rest after an error",
      [execute("a"), execute("b"), execute("c"), compiled("a"), ended("a", "error")],
      ["compile a", "evaluate a", "end a error", "end b cancelled", "end c cancelled"],
    ],
    [
      "does not evaluate what was interrupted while it was compiled",
      [execute("a"), { type: "interrupt" }, compiled("a")],
      ["compile a", "end a interrupted"],
    ],
    [
      "ends a cell once, however often it is interrupted",
      [
        execute("a"),
        compiled("a"),
        { type: "interrupt" },
        { type: "interrupt" },
        ended("a", "interrupted"),
        ended("a", "interrupted"),
        { type: "interruptExpired", execution: "a" },
      ],
      ["compile a", "evaluate a", "raiseInterrupt", "end a interrupted"],
    ],
    [
      "ends the thread when the interrupt was not heard",
      [
        execute("a"),
        compiled("a"),
        { type: "interrupt" },
        { type: "interruptExpired", execution: "a" },
        ended("a"),
      ],
      ["compile a", "evaluate a", "raiseInterrupt", "replaceWorker", "end a interrupted"],
    ],
    [
      "runs what was asked for after an interrupt",
      [
        execute("a"),
        execute("b"),
        compiled("a"),
        { type: "interrupt" },
        execute("c"),
        ended("a", "interrupted"),
      ],
      ["compile a", "evaluate a", "raiseInterrupt", "end b cancelled", "end a interrupted", "compile c"],
    ],
    [
      "runs it also when the thread had to be ended",
      [
        execute("a"),
        compiled("a"),
        { type: "interrupt" },
        execute("c"),
        { type: "interruptExpired", execution: "a" },
      ],
      ["compile a", "evaluate a", "raiseInterrupt", "replaceWorker", "end a interrupted", "compile c"],
    ],
    [
      "ignores the timer of an earlier interrupt",
      [
        execute("a"),
        compiled("a"),
        { type: "interrupt" },
        ended("a", "interrupted"),
        execute("b"),
        compiled("b"),
        { type: "interruptExpired", execution: "a" },
      ],
      ["compile a", "evaluate a", "raiseInterrupt", "end a interrupted", "compile b", "evaluate b"],
    ],
    ["interrupts what cells have left behind", [{ type: "interrupt" }], ["raiseInterrupt"]],
    [
      "goes on after an error of a cell that may fail, not after its interrupt",
      [
        tolerant("a"),
        tolerant("b"),
        execute("c"),
        compiled("a"),
        ended("a", "error"),
        compiled("b"),
        ended("b", "interrupted"),
      ],
      [
        "compile a",
        "evaluate a",
        "end a error",
        "compile b",
        "evaluate b",
        "end b interrupted",
        "end c cancelled",
      ],
    ],
    [
      "restarts in the middle",
      [execute("a"), execute("b"), compiled("a"), { type: "restart" }, ended("a"), execute("c")],
      ["compile a", "evaluate a", "replaceWorker", "end a interrupted", "end b cancelled", "compile c"],
    ],
    ["restarts idle", [{ type: "restart" }], ["replaceWorker"]],
    ["closes", [execute("a"), { type: "close" }], ["compile a", "dropWorker", "end a interrupted"]],
    [
      "takes a lost thread for an error",
      [execute("a"), execute("b"), compiled("a"), lost],
      ["compile a", "evaluate a", "replaceWorker", "end a error", "end b cancelled"],
    ],
    ["replaces a thread that was lost in peace", [lost], ["replaceWorker"]],
  ])("%s", (_, inputs, done) => {
    expect(after(...inputs).done).toEqual(done);
  });

  it("ends every execution exactly once, whatever happens in whatever order", () => {
    // A small exhaustive walk: all sequences of five inputs over two executions.
    const inputs: NotebookInput[] = [
      compiled("a"),
      compiled("b"),
      ended("a"),
      ended("b", "error"),
      { type: "interrupt" },
      { type: "interruptExpired", execution: "a" },
      { type: "restart" },
      lost,
      { type: "close" },
    ];
    const walk = (prefix: NotebookInput[]): void => {
      const { state, done } = after(execute("a"), execute("b"), ...prefix);
      const open = [state.running, ...state.queue].flatMap((one) => (one ? [one.execution] : []));
      for (const id of ["a", "b"]) {
        const ends = done.filter((entry) => entry.startsWith(`end ${id} `)).length;
        expect(ends + open.filter((other) => other === id).length, JSON.stringify(prefix)).toBe(1);
      }
      if (prefix.length < 4) for (const input of inputs) walk([...prefix, input]);
    };
    walk([]);
  });
});

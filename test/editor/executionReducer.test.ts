import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { NO_EXECUTIONS, reduceExecutions } from "../../src/editor/executionReducer.js";
import type { ExecutionCommand, ExecutionMessage } from "../../src/editor/executionReducer.js";

// Property tests on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

function run(...messages: ExecutionMessage[]): ExecutionCommand[] {
  let state = NO_EXECUTIONS;
  return messages.flatMap((message, index) => {
    const step = reduceExecutions(state, message, 100 + index);
    state = step.state;
    return step.commands;
  });
}

/** One line a command, to be read like a log. */
function story(...messages: ExecutionMessage[]): string[] {
  return run(...messages).map((command) => {
    switch (command.type) {
      case "start":
        return `${command.execution} start #${command.order} at ${command.time}`;
      case "clear":
        return `${command.execution} clear`;
      case "stream":
        return `${command.execution} ${command.fresh ? "new" : "more"} ${command.name} ${command.text}`;
      case "display":
        return `${command.execution} display ${command.display}`;
      case "error":
        return `${command.execution} ${command.error.name}: ${command.error.message}`;
      case "end":
        return `${command.execution} end ${String(command.success)} at ${String(command.time)}`;
      case "late":
        return `${command.execution} late ${command.output.type}`;
    }
  });
}

const queued = (execution: string): ExecutionMessage => ({ type: "queued", execution });
const asked = (execution: string): ExecutionMessage => ({ type: "asked", execution });
const started = (execution: string): ExecutionMessage => ({ type: "started", execution });
const stream = (execution: string, name: "stdout" | "stderr", text: string): ExecutionMessage => ({
  type: "stream",
  execution,
  name,
  text,
});
const display = (execution: string): ExecutionMessage => ({
  type: "display",
  execution,
  display: "d",
  items: [],
});
const replied = (
  execution: string,
  outcome: "ok" | "error" | "interrupted" | "cancelled",
): ExecutionMessage => ({
  type: "replied",
  execution,
  outcome,
});
const lost: ExecutionMessage = { type: "lost", error: { name: "KernelStopped", message: "signal 9" } };

describe("the executions of a notebook", () => {
  it("start, print in order, show and end", () => {
    expect(
      story(
        queued("a"),
        asked("a"),
        started("a"),
        stream("a", "stdout", "1"),
        stream("a", "stdout", "2"),
        stream("a", "stderr", "3"),
        stream("a", "stdout", "4"),
        display("a"),
        stream("a", "stdout", "5"),
        replied("a", "ok"),
      ),
    ).toEqual([
      "a start #1 at 102",
      "a new stdout 1",
      "a more stdout 2",
      "a new stderr 3",
      "a new stdout 4",
      "a display d",
      "a new stdout 5",
      "a end true at 109",
    ]);
  });

  it("count on in the order in which cells start, and from 1 after a restart", () => {
    expect(
      story(
        ...["a", "b"].map(queued),
        started("b"),
        replied("b", "ok"),
        started("a"),
        replied("a", "ok"),
        { type: "renewed" },
        queued("c"),
        started("c"),
      ).filter((line) => line.includes("start")),
    ).toEqual(["b start #1 at 102", "a start #2 at 104", "c start #1 at 108"]);
  });

  it("show an error before they end, also when the kernel gives no reason", () => {
    const error = { name: "TypeError", message: "x is undefined" };
    expect(
      story(queued("a"), started("a"), { type: "replied", execution: "a", outcome: "error", error }),
    ).toEqual(["a start #1 at 101", "a TypeError: x is undefined", "a end false at 102"]);
    expect(story(queued("a"), started("a"), replied("a", "interrupted"))).toContain(
      "a Interrupted: The cell was stopped before its end.",
    );
  });

  it("end without a mark when they were cancelled before they began", () => {
    expect(story(queued("a"), asked("a"), replied("a", "cancelled"))).toEqual(["a end undefined at 102"]);
  });

  it("end at once on interrupt while the kernel does not know of them", () => {
    expect(
      story(queued("a"), asked("a"), queued("b"), { type: "interrupted" }, replied("a", "interrupted")),
    ).toEqual([
      "b end undefined at undefined",
      "a start #1 at 104",
      "a Interrupted: The cell was stopped before its end.",
      "a end false at 104",
    ]);
  });

  it("all end when the kernel is lost: the running one with the reason, the others as never begun", () => {
    expect(
      story(
        queued("a"),
        queued("b"),
        queued("c"),
        asked("a"),
        asked("b"),
        started("a"),
        lost,
        replied("a", "ok"),
      ),
    ).toEqual([
      "a start #1 at 105",
      "a KernelStopped: signal 9",
      "a end false at 106",
      "b end undefined at undefined",
      "c end undefined at undefined",
    ]);
  });

  it("tell the reason in the first when the kernel never came to be", () => {
    expect(story(queued("a"), queued("b"), lost)).toEqual([
      "a start #1 at 102",
      "a KernelStopped: signal 9",
      "a end false at 102",
      "b end undefined at undefined",
    ]);
  });

  it("are told again from the first after a lost connection, and go on with their number", () => {
    const begin = [
      queued("a"),
      asked("a"),
      queued("b"),
      asked("b"),
      started("a"),
      stream("a", "stdout", "1"),
    ];
    const again: ExecutionMessage[] = ["a", "b"].map((execution) => ({ type: "rewound", execution }));
    expect(
      story(...begin, ...again, started("a"), stream("a", "stdout", "1"), stream("a", "stdout", "2")).slice(
        2,
      ),
    ).toEqual(["a clear", "a new stdout 1", "a more stdout 2"]);
    expect(story(...begin, ...again, replied("a", "ok"), started("b")).slice(-2)).toEqual([
      "a end true at 108",
      "b start #2 at 109",
    ]);
  });

  it("pass on what comes after the end", () => {
    expect(
      story(queued("a"), replied("a", "ok"), stream("a", "stdout", "late"), display("a")).slice(2),
    ).toEqual(["a late stream", "a late display"]);
  });

  it("end exactly once, and say nothing after it, under any order of messages", () => {
    const id = fc.constantFrom("a", "b", "c");
    const message: fc.Arbitrary<ExecutionMessage> = fc.oneof(
      id.map(queued),
      id.map(asked),
      id.map(started),
      id.map((execution): ExecutionMessage => ({ type: "rewound", execution })),
      id.map((execution) => stream(execution, "stdout", "x")),
      id.map((execution) => stream(execution, "stderr", "x")),
      id.map(display),
      fc
        .tuple(
          id,
          fc.constantFrom("ok" as const, "error" as const, "interrupted" as const, "cancelled" as const),
        )
        .map(([execution, outcome]) => replied(execution, outcome)),
      id.map((execution): ExecutionMessage => ({
        type: "failed",
        execution,
        error: { name: "E", message: "m" },
      })),
      fc.constant<ExecutionMessage>({ type: "interrupted" }),
      fc.constant<ExecutionMessage>({ type: "renewed" }),
      fc.constant(lost),
    );
    fc.assert(
      fc.property(fc.array(message, { maxLength: 40 }), (messages) => {
        // Ids are never used again in earnest; here, the second use of one starts a new life.
        const phase = new Map<string, "queued" | "running">();
        let state = NO_EXECUTIONS;
        for (const [index, next] of [...messages, lost].entries()) {
          if (next.type === "queued" && !phase.has(next.execution)) phase.set(next.execution, "queued");
          const step = reduceExecutions(state, next, index);
          state = step.state;
          for (const command of step.commands) {
            const before = phase.get(command.execution);
            if (command.type === "late") {
              expect(before).toBeUndefined();
              continue;
            }
            expect(before, `${command.type} after the end`).toBeDefined();
            if (command.type === "start") {
              expect(before).toBe("queued");
              phase.set(command.execution, "running");
            } else if (command.type === "end") phase.delete(command.execution);
            else expect(before).toBe("running");
          }
        }
        expect(phase.size).toBe(0);
        expect(state.executions.size).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });
});

import type { WireError } from "../protocol.js";
import type { Execution } from "./execution.js";

/** What the kernel knows of the executions of one notebook. At most one runs; it ends exactly once. */
export interface NotebookState {
  readonly running?: Execution & { readonly phase: "compiling" | "evaluating" | "interrupting" };
  readonly queue: readonly Execution[];
}

export const IDLE: NotebookState = { queue: [] };

export type NotebookInput =
  | { readonly type: "execute"; readonly execution: Execution }
  | { readonly type: "compiled"; readonly execution: string }
  /** The cell's own end, or a compiler error. */
  | {
      readonly type: "ended";
      readonly execution: string;
      readonly outcome: Outcome;
      readonly error?: WireError;
    }
  | { readonly type: "interrupt" }
  /** The running cell did not end in time after an interrupt. */
  | { readonly type: "interruptExpired"; readonly execution: string }
  | { readonly type: "restart" }
  | { readonly type: "close" }
  /** The worker is gone by itself. */
  | { readonly type: "workerLost"; readonly error: WireError };

export type Outcome = "ok" | "error" | "interrupted" | "cancelled";

/** What the interpreter has to do, in this order. */
export type NotebookEffect =
  | { readonly type: "compile"; readonly execution: Execution }
  | { readonly type: "evaluate"; readonly execution: Execution }
  | {
      readonly type: "end";
      readonly execution: string;
      readonly outcome: Outcome;
      readonly error?: WireError;
    }
  | { readonly type: "raiseInterrupt"; readonly execution?: string }
  /** Ends the worker and takes the spare one: the variables are gone, the models stay. */
  | { readonly type: "replaceWorker" }
  | { readonly type: "dropWorker" };

type Step = readonly [NotebookState, readonly NotebookEffect[]];

const LOST =
  "The variables of this notebook are gone; loaded models stay. Run the cells that define what you need again.";

/** The reducer: decides, and does nothing. */
export function reduceNotebook(state: NotebookState, input: NotebookInput): Step {
  const { running, queue } = state;
  switch (input.type) {
    case "execute":
      return running ? [{ running, queue: [...queue, input.execution] }, []] : start(input.execution, queue);
    case "compiled":
      if (running?.execution !== input.execution || running.phase !== "compiling") return [state, []];
      return [
        { running: { ...running, phase: "evaluating" }, queue },
        [{ type: "evaluate", execution: running }],
      ];
    case "ended": {
      if (running?.execution !== input.execution) return [state, []];
      const end = ended(running, input.outcome, input.error);
      // What waits behind a cell that is being interrupted was asked for after the interrupt.
      const goesOn =
        input.outcome === "ok" ||
        running.phase === "interrupting" ||
        (input.outcome === "error" && running.mayFail);
      return goesOn ? goOn(queue, [end]) : [IDLE, [end, ...cancelled(queue)]];
    }
    case "interrupt":
      // No cell runs, but what one has started may: a loop in a timer.
      if (!running) return [state, [{ type: "raiseInterrupt" }]];
      if (running.phase === "compiling")
        return [IDLE, [ended(running, "interrupted", interrupted()), ...cancelled(queue)]];
      if (running.phase === "interrupting") return [state, []];
      return [
        { running: { ...running, phase: "interrupting" }, queue: [] },
        [{ type: "raiseInterrupt", execution: running.execution }, ...cancelled(queue)],
      ];
    case "interruptExpired":
      if (running?.execution !== input.execution || running.phase !== "interrupting") return [state, []];
      return goOn(queue, [
        { type: "replaceWorker" },
        ended(running, "interrupted", {
          name: "Interrupted",
          message: `Interrupted. The cell did not stop by itself, so its thread was ended. ${LOST}`,
        }),
      ]);
    case "restart":
      return [IDLE, [{ type: "replaceWorker" }, ...abandoned(state, "The kernel was restarted.")]];
    case "close":
      return [IDLE, [{ type: "dropWorker" }, ...abandoned(state, "The notebook was closed.")]];
    case "workerLost": {
      const ends = running ? [ended(running, "error", input.error)] : [];
      return [IDLE, [{ type: "replaceWorker" }, ...ends, ...cancelled(queue)]];
    }
  }
}

export const interrupted = (): WireError => ({ name: "Interrupted", message: "Interrupted." });

/** Appended to what ended a worker. */
export const withLoss = (message: string): string => `${message} ${LOST}`;

function start(execution: Execution, queue: readonly Execution[]): Step {
  return [{ running: { ...execution, phase: "compiling" }, queue }, [{ type: "compile", execution }]];
}

/** After these effects, with what waits. */
function goOn([next, ...rest]: readonly Execution[], before: readonly NotebookEffect[]): Step {
  if (!next) return [IDLE, before];
  const [state, effects] = start(next, rest);
  return [state, [...before, ...effects]];
}

function ended(execution: Execution, outcome: Outcome, error?: WireError): NotebookEffect {
  const end = { type: "end", execution: execution.execution, outcome } as const;
  return error ? { ...end, error } : end;
}

const cancelled = (queue: readonly Execution[]): NotebookEffect[] =>
  queue.map((execution) => ended(execution, "cancelled"));

function abandoned({ running, queue }: NotebookState, message: string): NotebookEffect[] {
  const end = running ? [ended(running, "interrupted", { name: "Interrupted", message })] : [];
  return [...end, ...cancelled(queue)];
}

import type { CellError } from "../document/outputs.js";
import type { WireError, WireItem } from "../kernel/protocol.js";

/**
 * What happens to the executions of one notebook, as a function of what is heard. Pure: `CellRuns` carries out the commands. The invariant,
 * tested under any order of messages: every execution that was queued ends exactly once, and nothing is commanded for it after that.
 */
export interface ExecutionState {
  readonly executions: ReadonlyMap<string, Execution>;
  /** Execution order shown beside the last started cell. */
  readonly order: number;
}

interface Execution {
  /** `waiting`: the kernel has not been asked yet, so ending it needs nobody's answer. */
  readonly phase: "waiting" | "asked" | "running";
  /** The stream that its last output is, to which more of the same belongs. */
  readonly stream?: StreamName;
}

export type StreamName = "stdout" | "stderr";

export type ExecutionMessage =
  | { readonly type: "queued"; readonly execution: string }
  | { readonly type: "asked"; readonly execution: string }
  | { readonly type: "started"; readonly execution: string }
  /** All that it has shown is about to be told again, after a lost connection. */
  | { readonly type: "rewound"; readonly execution: string }
  | {
      readonly type: "stream";
      readonly execution: string;
      readonly name: StreamName;
      readonly text: string;
    }
  | {
      readonly type: "display";
      readonly execution: string;
      readonly display: string;
      readonly items: readonly WireItem[];
    }
  | {
      readonly type: "replied";
      readonly execution: string;
      readonly outcome: Outcome;
      readonly error?: WireError;
    }
  /** It could not be run at all, for a reason that concerns it alone. */
  | { readonly type: "failed"; readonly execution: string; readonly error: CellError }
  /** The user wants no more: what the kernel does not know of yet ends here, the rest when the kernel says so. */
  | { readonly type: "interrupted" }
  /** There is no kernel (any more): everything ends. */
  | { readonly type: "lost"; readonly error: CellError }
  /** The kernel has been restarted: counting begins anew. */
  | { readonly type: "renewed" };

export type Outcome = "ok" | "error" | "interrupted" | "cancelled";

export type ExecutionCommand =
  /** Begins the execution and clears its cell's outputs. */
  | {
      readonly type: "start";
      readonly execution: string;
      readonly order: number;
      readonly time: number;
    }
  /** What the cell shows is told anew. */
  | { readonly type: "clear"; readonly execution: string }
  /** `fresh`: as an output of its own; else to the end of the last one. */
  | {
      readonly type: "stream";
      readonly execution: string;
      readonly name: StreamName;
      readonly text: string;
      readonly fresh: boolean;
    }
  | {
      readonly type: "display";
      readonly execution: string;
      readonly display: string;
      readonly items: readonly WireItem[];
    }
  /** `underline`: the line is at fault, and not only where the cell was when it was stopped. */
  | {
      readonly type: "error";
      readonly execution: string;
      readonly error: WireError;
      readonly underline: boolean;
    }
  /** `success` undefined: neither done nor failed, as when it never ran. */
  | {
      readonly type: "end";
      readonly execution: string;
      readonly success: boolean | undefined;
      readonly time: number | undefined;
    }
  /** Output of an execution that has ended (a timer's, say). */
  | {
      readonly type: "late";
      readonly execution: string;
      readonly output:
        | { readonly type: "stream"; readonly name: StreamName; readonly text: string }
        | { readonly type: "display"; readonly display: string; readonly items: readonly WireItem[] };
    };

export interface ExecutionStep {
  readonly state: ExecutionState;
  readonly commands: readonly ExecutionCommand[];
}

export const NO_EXECUTIONS: ExecutionState = { executions: new Map(), order: 0 };

export function reduceExecutions(
  state: ExecutionState,
  message: ExecutionMessage,
  now: number,
): ExecutionStep {
  switch (message.type) {
    case "queued":
      // An id that is used twice would let one execution end for another.
      if (state.executions.has(message.execution)) return { state, commands: [] };
      return { state: withExecution(state, message.execution, { phase: "waiting" }), commands: [] };
    case "interrupted": {
      const waiting = [...state.executions].filter(([, { phase }]) => phase === "waiting");
      return inTurn(
        state,
        waiting.map(([id]) => id),
        (next, id) => end(next, id, undefined, undefined),
      );
    }
    case "lost":
      return lose(state, message.error, now);
    case "renewed":
      return { state: { ...state, order: 0 }, commands: [] };
    default:
      return reduceOne(state, message, now);
  }
}

type OwnMessage = Exclude<
  Extract<ExecutionMessage, { readonly execution: string }>,
  { readonly type: "queued" }
>;

function reduceOne(state: ExecutionState, message: OwnMessage, now: number): ExecutionStep {
  const id = message.execution;
  const execution = state.executions.get(id);
  if (!execution) return { state, commands: late(message) };
  switch (message.type) {
    case "asked":
      if (execution.phase !== "waiting") return { state, commands: [] };
      return { state: withExecution(state, id, { phase: "asked" }), commands: [] };
    case "started":
      return begin(state, id, now);
    case "rewound":
      if (execution.phase !== "running") return { state, commands: [] };
      return {
        state: withExecution(state, id, { phase: "running" }),
        commands: [{ type: "clear", execution: id }],
      };
    case "stream": {
      const { name, text } = message;
      const begun = begin(state, id, now);
      return {
        state: withExecution(begun.state, id, { phase: "running", stream: name }),
        commands: [
          ...begun.commands,
          { type: "stream", execution: id, name, text, fresh: execution.stream !== name },
        ],
      };
    }
    case "display": {
      const { display, items } = message;
      const begun = begin(state, id, now);
      return {
        state: withExecution(begun.state, id, { phase: "running" }),
        commands: [...begun.commands, { type: "display", execution: id, display, items }],
      };
    }
    case "failed":
      return fail(state, id, message.error, now);
    case "replied":
      return reply(state, message, now);
  }
}

function reply(
  state: ExecutionState,
  { execution: id, outcome, error }: Extract<ExecutionMessage, { type: "replied" }>,
  now: number,
): ExecutionStep {
  switch (outcome) {
    case "ok":
      return after(begin(state, id, now), (begun) => end(begun, id, true, now));
    case "error":
      return fail(state, id, error ?? UNEXPLAINED, now);
    case "interrupted":
      return fail(state, id, error ?? INTERRUPTED, now, false);
    case "cancelled":
      return end(state, id, undefined, now);
  }
}

const UNEXPLAINED: CellError = {
  name: "Error",
  message: "The cell failed, and the kernel did not say why. Run “Diffusion Notebook: Show Log” to see more.",
};
const INTERRUPTED: CellError = { name: "Interrupted", message: "The cell was stopped before its end." };

/** The running cell says what happened; if none runs, the one that would have been next. Those behind it were never begun. */
function lose(state: ExecutionState, error: CellError, now: number): ExecutionStep {
  const ids = [...state.executions.keys()];
  const running = ids.filter((id) => state.executions.get(id)?.phase === "running");
  const told = new Set(running.length ? running : ids.slice(0, 1));
  const step = inTurn(state, ids, (next, id) =>
    told.has(id) ? fail(next, id, error, now) : end(next, id, undefined, undefined),
  );
  return { state: { ...step.state, order: 0 }, commands: step.commands };
}

/** VS Code accepts no output for an execution that has not been started, so whatever comes first starts it. */
function begin(state: ExecutionState, id: string, now: number): ExecutionStep {
  if (state.executions.get(id)?.phase === "running") return { state, commands: [] };
  const order = state.order + 1;
  return {
    state: { ...withExecution(state, id, { phase: "running" }), order },
    commands: [{ type: "start", execution: id, order, time: now }],
  };
}

function fail(
  state: ExecutionState,
  id: string,
  error: WireError,
  now: number,
  underline = true,
): ExecutionStep {
  return after(begin(state, id, now), (begun) => {
    const { state: rest, commands } = end(begun, id, false, now);
    return { state: rest, commands: [{ type: "error", execution: id, error, underline }, ...commands] };
  });
}

/** The one place where an execution leaves the state, and so the one place that commands an end. */
function end(
  state: ExecutionState,
  id: string,
  success: boolean | undefined,
  time: number | undefined,
): ExecutionStep {
  const executions = new Map(state.executions);
  executions.delete(id);
  return { state: { ...state, executions }, commands: [{ type: "end", execution: id, success, time }] };
}

function late(message: OwnMessage): ExecutionCommand[] {
  const { execution } = message;
  if (message.type === "stream") {
    return [{ type: "late", execution, output: { type: "stream", name: message.name, text: message.text } }];
  }
  if (message.type === "display") {
    const { display, items } = message;
    return [{ type: "late", execution, output: { type: "display", display, items } }];
  }
  return [];
}

function after(first: ExecutionStep, then: (state: ExecutionState) => ExecutionStep): ExecutionStep {
  const second = then(first.state);
  return { state: second.state, commands: [...first.commands, ...second.commands] };
}

function inTurn(
  state: ExecutionState,
  ids: readonly string[],
  step: (state: ExecutionState, id: string) => ExecutionStep,
): ExecutionStep {
  return ids.reduce<ExecutionStep>((done, id) => after(done, (next) => step(next, id)), {
    state,
    commands: [],
  });
}

function withExecution(state: ExecutionState, id: string, execution: Execution): ExecutionState {
  return { ...state, executions: new Map(state.executions).set(id, execution) };
}

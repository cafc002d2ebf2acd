import { Session } from "node:inspector";
import { pathToFileURL } from "node:url";
import { unmangle } from "../compiler/mangle.js";
import { interrupted } from "../control/notebookState.js";
import type { WireError } from "../protocol.js";
import { CellExecution, currentExecution } from "./cellExecution.js";
import { inlineMap } from "./inlineMap.js";
import { describeError } from "./describeError.js";
import type { InterruptFlag } from "./interruptFlag.js";
import type { EvaluateCell, FromCells } from "./messages.js";
import type { StackTraces } from "./stackTraces.js";

/** How long a cell that waits has, after its signal was aborted, before it is left to itself. */
const ABANDON_AFTER = 400;

export type Ended = Extract<FromCells, { type: "ended" }>;

interface Exception {
  readonly value: unknown;
  /** Of a script that could not be compiled, from 0. */
  readonly line: number;
  readonly column: number;
}

/** Runs compiled cells in V8's REPL mode: top-level await, and names that later cells see and may declare again. */
export class Evaluator {
  readonly #session = new Session();
  #abandon: (() => void) | undefined;
  #execution: CellExecution | undefined;
  #thrown: unknown;

  constructor(
    private readonly traces: StackTraces,
    private readonly flag: InterruptFlag,
  ) {
    this.#session.connect();
  }

  get isRunning(): boolean {
    return this.#abandon !== undefined;
  }

  get latest(): CellExecution | undefined {
    return this.#execution;
  }

  /** Where the inspector hands over a thrown object: its own protocol carries only descriptions. */
  readonly receive = (value: unknown): void => {
    this.#thrown = value;
  };

  /**
   * The variables of these names, unread: each function returns one, or throws where the declaration was never reached. The inspector
   * answers a session of its own thread at once.
   */
  readVariables(names: readonly string[]): readonly (() => unknown)[] {
    const kept = this.#thrown;
    const expression = `__dnb.receive([${names.map((name) => `() => ${name}`).join()}])`;
    this.#session.post("Runtime.evaluate", { expression, replMode: true });
    const readers = this.#thrown as (() => unknown)[];
    this.#thrown = kept;
    return readers;
  }

  /** Lets the variable's value go. The name itself stays known to V8, as undefined. */
  clearVariable(name: string): void {
    this.#session.post("Runtime.evaluate", { expression: `void (${name} = undefined)`, replMode: true });
  }

  /** `before`: what the cell has to have done before it begins, in its name. */
  async evaluate(
    { execution: id, sequence, cell, code, map, file, debug }: EvaluateCell,
    before: () => Promise<void>,
  ): Promise<Ended> {
    const execution = (this.#execution = new CellExecution(id, sequence, cell));
    this.flag.begin(execution);
    const source = file === undefined ? undefined : pathToFileURL(file).href;
    // Debuggers read maps of files only.
    const url =
      source === undefined
        ? `dnb-cell:/${cell.number}/${sequence}/${encodeURIComponent(cell.id)}.ts`
        : `${source}.${sequence}.js`;
    this.traces.add(url, `Cell ${cell.number}`, map, sequence);
    // In the first line, so that the map still holds: debuggers read it only once the script is there, and set breakpoints after that.
    const body = debug ? code.replace("\n", " await __dnb.debugReady();\n") : code;
    // Else the inspector would hand over the value of the last statement, and a long string takes it long.
    const script = `${body}\n;void 0;\n${inlineMap(map, source)}\n//# sourceURL=${url}`;
    const abandoned = new Promise<"abandoned">((resolve) => (this.#abandon = () => resolve("abandoned")));
    const run = async (): Promise<Exception | undefined> => {
      await before();
      if (execution.isInterrupted) return { value: execution.signal.reason, line: 0, column: 0 };
      return this.#run(script);
    };
    const outcome = await Promise.race([currentExecution.run(execution, run), abandoned]);
    this.#abandon = undefined;
    this.flag.end(execution, outcome === "abandoned");
    if (outcome === undefined) return { type: "ended", execution: id, outcome: "ok" };
    if (outcome === "abandoned" || execution.isInterrupted)
      return {
        type: "ended",
        execution: id,
        outcome: "interrupted",
        error: this.#interruption(outcome, sequence),
      };
    return { type: "ended", execution: id, outcome: "error", error: this.#describe(outcome, url, execution) };
  }

  interrupt(): void {
    this.flag.acknowledge();
    const execution = this.#execution;
    const abandon = this.#abandon;
    if (!execution || !abandon) return;
    execution.interrupt();
    setTimeout(abandon, ABANDON_AFTER);
  }

  /** What was thrown, or undefined. */
  async #run(expression: string): Promise<Exception | undefined> {
    const options = { expression, replMode: true, awaitPromise: true, objectGroup: "cell" };
    const { exceptionDetails: details } = await this.#post("Runtime.evaluate", options);
    try {
      return await this.#exception(details);
    } finally {
      // The inspector holds on to results until it is told otherwise.
      this.#session.post("Runtime.releaseObjectGroup", { objectGroup: "cell" });
    }
  }

  async #exception(details: EvaluateResult["exceptionDetails"]): Promise<Exception | undefined> {
    if (!details) return undefined;
    const { exception, lineNumber: line, columnNumber: column } = details;
    if (!exception?.objectId) return { value: primitive(exception), line, column };
    await this.#post("Runtime.callFunctionOn", {
      objectId: exception.objectId,
      functionDeclaration: "function () { __dnb.receive(this) }",
    });
    const value = this.#thrown;
    this.#thrown = undefined;
    return { value, line, column };
  }

  #post(method: string, parameters: object): Promise<EvaluateResult> {
    return new Promise((resolve) =>
      this.#session.post(method, parameters, (error, result) =>
        resolve(
          error
            ? { exceptionDetails: { lineNumber: 0, columnNumber: 0, exception: { value: explain(error) } } }
            : (result ?? {}),
        ),
      ),
    );
  }

  #describe({ value, line, column }: Exception, url: string, execution: CellExecution): WireError {
    const error = describeError(value, this.traces, execution.sequence);
    if (error.name !== "SyntaxError" || error.line !== undefined) return error;
    const place = this.traces.locate(url, line + 1, column + 1);
    if (!place) return error;
    return {
      ...error,
      ...place,
      stack: `    at Cell ${execution.cell.number}:${place.line}:${place.column}`,
    };
  }

  #interruption(outcome: Exception | "abandoned", sequence: number): WireError {
    if (outcome === "abandoned")
      return {
        name: "Interrupted",
        message: "Interrupted. The cell was still waiting for something and was left; variables are kept.",
      };
    const { line, column, stack } = describeError(outcome.value, this.traces, sequence);
    return {
      ...interrupted(),
      ...(stack && { stack }),
      ...(line !== undefined && { line }),
      ...(column !== undefined && { column }),
    };
  }
}

interface EvaluateResult {
  readonly exceptionDetails?: {
    readonly lineNumber: number;
    readonly columnNumber: number;
    readonly exception?: RemoteValue;
  };
}

interface RemoteValue {
  readonly objectId?: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
  readonly description?: string;
}

function primitive(remote: RemoteValue | undefined): unknown {
  if (!remote || "value" in remote) return remote?.value;
  const text = remote.unserializableValue;
  if (text === undefined) return remote.description;
  return text.endsWith("n") ? BigInt(text.slice(0, -1)) : Number(text);
}

/** The inspector's own failures, e.g. "Promise was collected". */
function explain(error: Error): Error {
  const message = /collected/i.test(error.message)
    ? "The cell awaits a promise that nothing can settle any more."
    : unmangle(error.message);
  return Object.assign(new Error(message), { stack: "" });
}

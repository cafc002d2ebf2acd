import { join } from "node:path";
import type { Cell, Notebook } from "../../document/notebook.js";
import type { RunEnvironment } from "../../document/withEnvironment.js";
import { KernelClient, KernelGone, type ClientEvent } from "../../kernel/client/kernelClient.js";
import type { PeopleState, WireError } from "../../kernel/protocol.js";
import { withinLimit } from "./withinLimit.js";
import { StandardInput } from "./standardInput.js";
import { Recorder } from "./recorder.js";
import { savedPicks } from "./savedPicks.js";
import type { CellOutcome, CellResult, RunListener } from "./runEvent.js";

export interface RunOptions {
  /** Absolute path of the notebook. */
  readonly path: string;
  /** What imports and files resolve against. */
  readonly directory: string;
  /** The kernel's environment: this process's with these on top. */
  readonly environment: NodeJS.ProcessEnv;
  /** Ids of the cells to run; the others keep their outputs. */
  readonly selected: ReadonlySet<string>;
  /** What runs in the place of a cell's source. */
  readonly sourceOf: (cell: Cell) => string;
  /** Seconds, of one cell and of all. */
  readonly cellTimeout?: number;
  readonly timeout?: number;
  /** Whether the run goes on after this cell failed with an error of this name. */
  readonly allows: (cell: Cell, name: string) => boolean;
  /** Asks for an early end: the running cell is interrupted. */
  readonly stop: AbortSignal;
  /** Asks for it at once: the kernel is killed, and what there is counts. */
  readonly kill: AbortSignal;
  readonly hear: RunListener;
  /** Called after each cell with what there is so far. */
  readonly progress: (notebook: Notebook) => void;
}

export interface RunResult {
  /** With the outputs of this run, and of no other for the cells that were to run. */
  readonly notebook: Notebook;
  /** Of the code cells, in order; the ones after the end of the run are `skipped`. */
  readonly cells: readonly CellResult[];
  /** `ok`, or how the cell that ended the run ended. */
  readonly outcome: CellOutcome;
  readonly milliseconds: number;
  /** With what it was computed; empty when no model was used, or the kernel is gone. */
  readonly environment: RunEnvironment;
}

/** Runs the cells in order, in a kernel of their own, until one fails that may not. Never rejects for what a cell or the kernel does. */
export async function runCells(notebook: Notebook, options: RunOptions): Promise<RunResult> {
  const { path, hear, selected } = options;
  const started = performance.now();
  const deadline = options.timeout === undefined ? undefined : started + options.timeout * 1000;
  const client = new KernelClient({
    node: process.execPath,
    script: join(__dirname, "kernel.js"),
    directory: options.directory,
    env: { ...process.env, ...options.environment },
  });
  const recorder = new Recorder();
  const input = new StandardInput(process.stdin, process.stderr);
  client.onEvent((event) => {
    if (event.type !== "input") return relay(event, recorder, hear);
    const { question, prompt, value, secret } = event;
    const more = { ...(value !== undefined && { value }), ...(secret && { secret }) };
    void input.ask(prompt, more).then((text) => {
      const answer = {
        type: "answer",
        notebook: path,
        question,
        ...(text !== undefined && { text }),
      } as const;
      // A kernel that has gone needs no answer.
      client.request(answer).catch(() => undefined);
    });
  });
  const interrupt = (): void =>
    void client.request({ type: "interrupt", notebook: path }).catch(() => client.kill());
  const kill = (): void => client.kill();
  options.stop.addEventListener("abort", interrupt);
  options.kill.addEventListener("abort", kill);
  const filled = (): Notebook => ({
    ...notebook,
    cells: notebook.cells.map((cell) =>
      selected.has(cell.id) ? { ...cell, outputs: recorder.outputs(cell.id) } : cell,
    ),
  });
  const people = savedPicks(notebook);
  const results: CellResult[] = [];
  let outcome: CellOutcome = "ok";
  let environment: RunEnvironment = {};
  hear({ type: "run-started", notebook: path, cells: selected.size });
  try {
    await warmUp(client, options);
    for (const [index, cell] of notebook.cells.entries()) {
      if (cell.kind !== "code") continue;
      const place = { cell: cell.id, number: index + 1 };
      if (outcome !== "ok" || !selected.has(cell.id)) {
        results.push({ ...place, outcome: "skipped", allowed: false, milliseconds: 0 });
        continue;
      }
      hear({ type: "cell-started", ...place, count: notebook.cells.length });
      const begun = performance.now();
      const ended = await runCell(client, cell, place.number, options, people, deadline);
      const over =
        options.stop.aborted || client.exit || (deadline !== undefined && performance.now() >= deadline);
      const allowed = ended.error !== undefined && !over && options.allows(cell, ended.error.name);
      const result = { ...place, ...ended, allowed, milliseconds: performance.now() - begun };
      results.push(result);
      if (ended.error) recorder.error(cell.id, ended.error);
      hear({ type: "cell-ended", ...result });
      if (ended.outcome !== "ok" && !allowed) outcome = ended.outcome;
      options.progress(filled());
    }
    environment = await client.request({ type: "environment" }).then(
      (reply) => reply.environment,
      () => ({}),
    );
  } finally {
    options.stop.removeEventListener("abort", interrupt);
    options.kill.removeEventListener("abort", kill);
    input.close();
    client.dispose();
  }
  const milliseconds = performance.now() - started;
  hear({ type: "run-ended", outcome, milliseconds });
  return { notebook: filled(), cells: results, outcome, milliseconds, environment };
}

/** An empty cell: the kernel's start is no part of the first cell's time. One that does not start is told of by that cell. */
async function warmUp(client: KernelClient, { path, directory }: RunOptions): Promise<void> {
  const empty = {
    type: "execute",
    notebook: path,
    execution: "",
    cell: { id: "", number: 0 },
    source: "",
  } as const;
  await client
    .request({ type: "open", notebook: path, directory })
    .then(() => client.request(empty))
    .catch(() => undefined);
}

type Ended = Pick<CellResult, "outcome" | "error">;

async function runCell(
  client: KernelClient,
  cell: Cell,
  number: number,
  { path, directory, sourceOf, cellTimeout, timeout, stop }: RunOptions,
  people: PeopleState,
  deadline: number | undefined,
): Promise<Ended> {
  const interrupted = { name: "Interrupted", message: "The run was interrupted." };
  if (stop.aborted) return { outcome: "interrupted", error: interrupted };
  const left = deadline === undefined ? Infinity : Math.max(0, deadline - performance.now());
  const own = cellTimeout === undefined ? Infinity : cellTimeout * 1000;
  const late: WireError = {
    name: "Timeout",
    message:
      own <= left
        ? `The cell took longer than ${cellTimeout} s (--cell-timeout) and was interrupted.`
        : `The notebook took longer than ${timeout} s (--timeout); this cell was interrupted.`,
  };
  const work = async (): Promise<Ended> => {
    // Found again at each cell; made at the first.
    await client.request({ type: "open", notebook: path, directory });
    const reference = { id: cell.id, number };
    const ended = await client.request({
      type: "execute",
      notebook: path,
      execution: cell.id,
      cell: reference,
      source: sourceOf(cell),
      people,
    });
    if (ended.outcome === "ok") return { outcome: "ok" };
    const error = ended.error ?? { name: "Cancelled", message: "The cell was not run." };
    return { outcome: ended.outcome === "interrupted" ? "interrupted" : "error", error };
  };
  try {
    const { value, isLate } = await withinLimit(work(), Math.min(left, own), {
      interrupt: () => void client.request({ type: "interrupt", notebook: path }).catch(() => undefined),
      kill: () => client.kill(),
    });
    return isLate
      ? { outcome: "timeout", error: { ...value?.error, ...late } }
      : (value ?? { outcome: "ok" });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof KernelGone)
      return { outcome: stop.aborted ? "interrupted" : "crashed", error: { name: "KernelGone", message } };
    return { outcome: "error", error: { name: "KernelError", message } };
  }
}

function relay(event: ClientEvent, recorder: Recorder, hear: RunListener): void {
  switch (event.type) {
    case "stream":
      recorder.stream(event.execution, event.name, event.text);
      return hear({ type: "stream", cell: event.execution, name: event.name, text: event.text });
    case "display":
      recorder.display(event.execution, event.display, event.items);
      return hear({ type: "display", cell: event.execution, display: event.display, items: event.items });
    case "update":
      recorder.update(event.display, event.items);
      return hear({ type: "update", display: event.display, items: event.items });
    case "log":
      return hear({ type: "log", text: event.text });
    case "delta":
      return hear({ type: "progress", delta: event.delta });
    case "started":
    case "stale":
    case "input":
    case "heartbeat":
    case "missed":
    case "taken":
    case "exited":
  }
}

import { dirname, join } from "node:path";
import type { Cell, Notebook } from "../document/notebook.js";
import { KernelClient, KernelGone, type ClientEvent } from "../kernel/client/kernelClient.js";
import { MIME, type PeopleState, type WireError, type WireItem } from "../kernel/protocol.js";
import { recordedPicks, type SavedItem } from "../kernel/protocol/recordedPicks.js";
import { Recorder } from "./recorder.js";
import type { Terminal } from "./terminal.js";

/** The cell that ended the run. */
export interface Failure {
  readonly cell: string;
  /** From 1, counting all cells. */
  readonly number: number;
  readonly outcome: "error" | "interrupted" | "cancelled";
  readonly name: string;
  readonly message: string;
  readonly line?: number;
  readonly stack?: string;
}

export interface RunResult {
  /** With the outputs of this run and no others. */
  readonly notebook: Notebook;
  readonly failure?: Failure;
}

/**
 * Runs the code cells in order until one fails, in a kernel of their own, whose environment is this process's with `environment` on top.
 * Never rejects for what a cell or the kernel does.
 */
export async function runCells(
  path: string,
  notebook: Notebook,
  terminal: Terminal,
  environment: NodeJS.ProcessEnv,
): Promise<RunResult> {
  const directory = dirname(path);
  const client = new KernelClient({
    node: process.execPath,
    script: join(__dirname, "kernel.js"),
    directory,
    env: { ...process.env, ...environment },
  });
  const recorder = new Recorder();
  // A search is told of when its cell has ended, with what came of it.
  const searches = new Set<string>();
  client.onEvent((event) => hear(event, recorder, terminal, searches));
  const people = { canAsk: false, picks: recordedPicks(savedItems(notebook)) };
  const interrupt = interruption(client, path);
  process.on("SIGINT", interrupt);
  let failure: Failure | undefined;
  try {
    for (const [index, cell] of notebook.cells.entries()) {
      if (cell.kind !== "code") continue;
      terminal.cell(index + 1, notebook.cells.length, cell.id);
      failure = await runCell(client, path, cell, index + 1, people);
      for (const display of searches) terminal.shown(plainText(recorder.itemsOf(display)));
      searches.clear();
      if (!failure) continue;
      const { name, message, stack } = failure;
      recorder.error(cell.id, { name, message, ...(stack !== undefined && { stack }) });
      terminal.error(name, message, stack);
      break;
    }
  } finally {
    process.off("SIGINT", interrupt);
    client.dispose();
  }
  const cells = notebook.cells.map((cell) =>
    cell.kind === "code" ? { ...cell, outputs: recorder.outputs(cell.id) } : cell,
  );
  return { notebook: { ...notebook, cells }, ...(failure && { failure }) };
}

/** What the file held before: a person's picks are in it. */
function* savedItems({ cells }: Notebook): Generator<SavedItem> {
  for (const { outputs } of cells)
    for (const { items } of outputs)
      for (const item of items)
        if ("json" in item) yield { mime: item.mime, text: () => JSON.stringify(item.json) };
}

async function runCell(
  client: KernelClient,
  notebook: string,
  { id, source }: Cell,
  number: number,
  people: PeopleState,
): Promise<Failure | undefined> {
  const failed = (outcome: Failure["outcome"], { name, message, line, stack }: WireError) => ({
    cell: id,
    number,
    outcome,
    name,
    message,
    ...(line !== undefined && { line }),
    ...(stack !== undefined && { stack }),
  });
  try {
    // Found again at each cell; made at the first.
    await client.request({ type: "open", notebook, directory: dirname(notebook) });
    const { outcome, error } = await client.request({
      type: "execute",
      notebook,
      execution: id,
      cell: { id, number },
      source: source.join("\n"),
      people,
    });
    if (outcome === "ok") return undefined;
    return failed(outcome, error ?? { name: "Cancelled", message: "The cell was not run." });
  } catch (error) {
    const name = error instanceof KernelGone ? "KernelGone" : "KernelError";
    return failed("error", { name, message: error instanceof Error ? error.message : String(error) });
  }
}

function hear(event: ClientEvent, recorder: Recorder, terminal: Terminal, searches: Set<string>): void {
  switch (event.type) {
    case "stream":
      recorder.stream(event.execution, event.name, event.text);
      terminal.stream(event.name, event.text);
      return;
    case "display":
      recorder.display(event.execution, event.display, event.items);
      if (event.items.some(({ mime }) => mime === MIME.search)) searches.add(event.display);
      else terminal.shown(plainText(event.items));
      return;
    case "update":
      recorder.update(event.display, event.items);
      return;
    case "log":
      terminal.stream("stderr", event.text.endsWith("\n") ? event.text : `${event.text}\n`);
      return;
    case "started":
    case "delta":
    case "heartbeat":
    case "exited":
  }
}

function plainText(items: readonly WireItem[]): string {
  const item = items.find(({ mime }) => mime === MIME.plain);
  return item && "text" in item ? item.text : `[${items.map(({ mime }) => mime).join(", ")}]`;
}

/** Ctrl+C once: the cell is interrupted, and what it has shown is written. Twice: the kernel is killed, with the same result. */
function interruption(client: KernelClient, notebook: string): () => void {
  let asked = false;
  return () => {
    if (asked) return client.kill();
    asked = true;
    client.request({ type: "interrupt", notebook }).catch(() => client.kill());
  };
}

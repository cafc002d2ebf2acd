import * as vscode from "vscode";
import { MIME } from "../kernel/protocol.js";
import { LANGUAGE } from "./notebookType.js";
import { isObject } from "./plainOutput.js";
import { codeFor, variableOf, type RunInCell, type WriteRequest } from "./runCode.js";

/** Puts the cell that a press in a view stands for below the search's own. A sentence when it cannot. */
export async function writeCell(
  editor: vscode.NotebookEditor,
  run: string,
  request: WriteRequest,
): Promise<string | undefined> {
  const { notebook } = editor;
  const found = findRun(notebook, run);
  if (!found) return "The cell of this search is not in the notebook any more.";
  const { cell, record } = found;
  const variable = variableOf(cell.document.getText());
  if (variable === undefined)
    return "The cell gives its search no name to go on with. Write const run = session.search(…), and run it again.";
  const cells = notebook.getCells();
  const sources = cells.map(({ document }) => document.getText());
  const source = codeFor(request, { variable, ...problemOf(record) }, sources);
  const at = cell.index + 1;
  const edit = new vscode.WorkspaceEdit();
  const data = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, source, LANGUAGE);
  edit.set(notebook.uri, [vscode.NotebookEdit.insertCells(at, [data])]);
  if (!(await vscode.workspace.applyEdit(edit)))
    return "The notebook did not take the new cell: it may be read-only.";
  const range = new vscode.NotebookRange(at, at + 1);
  editor.selection = range;
  editor.revealRange(range, vscode.NotebookEditorRevealType.InCenterIfOutsideViewport);
  // Other parameters are for the reader to write first.
  if (request.kind === "continue") await vscode.commands.executeCommand("notebook.cell.edit");
  else {
    const ranges = [{ start: at, end: at + 1 }];
    await vscode.commands.executeCommand("notebook.cell.execute", { ranges, document: notebook.uri });
  }
  return undefined;
}

/** What the notebook has saved of a search. */
export function savedOutput(notebook: vscode.NotebookDocument, run: string): unknown {
  return findRun(notebook, run)?.output;
}

/** The cell that shows a search, and in how many rounds the notebook has each search that has not ended, by run. */
export function savedSearches(
  notebook: vscode.NotebookDocument,
  run: string,
): { readonly cell: vscode.NotebookCell | undefined; readonly rounds: Readonly<Record<string, number>> } {
  const rounds: Record<string, number> = {};
  let found: vscode.NotebookCell | undefined;
  for (const cell of notebook.getCells())
    for (const record of recordsIn(cell)) {
      const { id, state, rounds: made } = record;
      if (id === run) found ??= cell;
      if (typeof id === "string" && Array.isArray(made) && !ENDED.has(state)) rounds[id] = made.length;
    }
  return { cell: found, rounds };
}

const ENDED = new Set<unknown>(["finished", "stopped", "failed"]);

/** The records of the searches that a cell's outputs show, as they are: they may be anything. */
export function* recordsIn(cell: vscode.NotebookCell): Generator<Readonly<Record<string, unknown>>> {
  for (const { mime, data } of cell.outputs.flatMap(({ items }) => items)) {
    const output = mime === MIME.search ? outputIn(new TextDecoder().decode(data)) : undefined;
    if (output && isObject(output["record"])) yield output["record"];
  }
}

function findRun(notebook: vscode.NotebookDocument, run: string) {
  for (const cell of notebook.getCells()) {
    for (const { items, metadata } of cell.outputs) {
      const item = items.find(({ mime }) => mime === MIME.search);
      if (!item) continue;
      const output = outputIn(new TextDecoder().decode(item.data));
      const record = output && isObject(output["record"]) ? output["record"] : undefined;
      if (metadata?.["display"] === run || record?.["id"] === run) return { cell, output, record };
    }
  }
  return undefined;
}

/** A record in a file may be anything: only numbers go into code. */
function problemOf(record: Readonly<Record<string, unknown>> | undefined): Omit<RunInCell, "variable"> {
  const problem = record?.["problem"];
  if (!isObject(problem)) return {};
  const { guidance, budget } = problem;
  const limits = Object.entries(isObject(budget) ? budget : {}).filter(
    (entry): entry is [string, number] =>
      ["nfe", "verifierCalls", "seconds", "rounds"].includes(entry[0]) && Number.isFinite(entry[1]),
  );
  return {
    ...(typeof guidance === "number" && Number.isFinite(guidance) ? { guidance } : {}),
    budget: Object.fromEntries(limits),
  };
}

function outputIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const output: unknown = JSON.parse(text);
    return isObject(output) ? output : undefined;
  } catch {
    return undefined;
  }
}

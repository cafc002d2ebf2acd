import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import * as vscode from "vscode";

/** What the suites do with notebooks, as a person would: through the window's commands. */

export interface SourceCell {
  readonly id: string;
  readonly source: string;
  readonly kind?: "code" | "markdown";
}

export function fileOf(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (!folder) throw new Error("The run has no folder.");
  return vscode.Uri.joinPath(folder.uri, name);
}

export async function write(name: string, content: string | Uint8Array): Promise<vscode.Uri> {
  const uri = fileOf(name);
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await vscode.workspace.fs.writeFile(uri, bytes);
  return uri;
}

export async function read(uri: vscode.Uri): Promise<string> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

/** Canonical text, written by hand so that the suites do not trust the writer that they test. */
export function textOf(cells: readonly SourceCell[]): string {
  const document = {
    dnb: 1,
    meta: {},
    cells: cells.map(({ id, kind = "code", source }) => ({
      id,
      kind,
      source: source === "" ? [] : source.split("\n"),
      outputs: [],
    })),
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

export async function open(
  name: string,
  cells: readonly (SourceCell | string)[],
): Promise<vscode.NotebookDocument> {
  const named = cells.map((cell, index) =>
    typeof cell === "string" ? { id: `cell${index}`, source: cell } : cell,
  );
  return show(await write(name, textOf(named)));
}

/** Shown, because VS Code runs cells of notebooks that have an editor, and with its kernel chosen. */
export async function show(uri: vscode.Uri): Promise<vscode.NotebookDocument> {
  const notebook = await vscode.workspace.openNotebookDocument(uri);
  await vscode.window.showNotebookDocument(notebook);
  return notebook;
}

/** Resolves when the cells have ended. */
export async function run(notebook: vscode.NotebookDocument, from: number, to = from + 1): Promise<void> {
  await vscode.commands.executeCommand("notebook.cell.execute", {
    ranges: [{ start: from, end: to }],
    document: notebook.uri,
  });
  for (let index = from; index < to; index++) {
    await until(
      `cell ${index} has ended`,
      () => notebook.cellAt(index).executionSummary?.success !== undefined,
    );
  }
}

/** Every item of a cell's outputs: MIME type and text. */
export function shown(cell: vscode.NotebookCell): [mime: string, text: string][] {
  return cell.outputs.flatMap(({ items }) =>
    items.map(({ mime, data }): [string, string] => [mime, new TextDecoder().decode(data)]),
  );
}

/** The name, message and stack of the error that a cell shows, without the links in it. */
export function errorOf(cell: vscode.NotebookCell): { name: string; message: string; stack: string } {
  const item = cell.outputs.flatMap(({ items }) => items).find(({ mime }) => mime.endsWith("notebook.error"));
  assert.ok(item, `no error in ${JSON.stringify(shown(cell))}`);
  const { name, message, stack }: { name: string; message: string; stack?: string } = JSON.parse(
    new TextDecoder().decode(item.data),
  );
  return { name, message, stack: (stack ?? "").replace(/<a href='[^']*'>([^<]*)<\/a>/g, "$1") };
}

export async function until(what: string, condition: () => unknown, milliseconds = 15_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!(await condition())) {
    if (Date.now() > end) assert.fail(`not within ${milliseconds} ms: ${what}`);
    await sleep(20);
  }
}

/** Everything that is open goes, changes and all. */
export async function closeAll(): Promise<void> {
  for (const notebook of vscode.workspace.notebookDocuments) {
    if (!notebook.isDirty) continue;
    await vscode.window.showNotebookDocument(notebook);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  }
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
}

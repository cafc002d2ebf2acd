import * as vscode from "vscode";
import { writeNotebook } from "../document/writeNotebook.js";
import type { NotebookFormatError } from "../document/notebookFormatError.js";
import type { Backups } from "./backups/backups.js";
import { messageOf } from "./log.js";
import type { Log } from "./log.js";
import { emptyNotebook } from "./newNotebook.js";
import { nameOf } from "./nameOf.js";
import { NOTEBOOK_TYPE } from "./notebookType.js";

/** What was wrong, where and what to do, as a sentence or two. */
export function refusal(error: NotebookFormatError): string {
  return `${error.message}. ${nextStep(error)}`;
}

function nextStep({ fault }: NotebookFormatError): string {
  switch (fault) {
    case "empty":
      return "If it had content, restore it from version control or from the Timeline view.";
    case "version":
      return "Update the extension to open it; the file was not changed.";
    case "conflict":
      return "Open the file as text and resolve it there; it was not changed.";
    default:
      return "Open the file as text to mend it, or restore an earlier version; it was not changed.";
  }
}

/**
 * VS Code's own editor for a file that cannot be opened says "unexpected error", whatever the serializer throws; so the reason is told beside
 * it. A serializer is not told the file's name: the file is the one whose tab is in sight without a document behind it. When there is none,
 * nobody waits for an editor (a search through all files, say), and the thrown error is enough.
 */
export async function explainRefusal(
  error: NotebookFormatError,
  log: Log,
  backups: Pick<Backups, "has" | "restoreLast">,
): Promise<void> {
  const file = waitingTab();
  log.error(`${file ? file.fsPath : "A notebook"} could not be opened: ${refusal(error)}`);
  if (!file) return;
  const text = "Open as Text";
  const begin = "Start New Notebook in It";
  const restore = "Restore Last Good Version";
  // A notebook of a newer version is whole; an older one must not take its place.
  const isDamaged = error.fault !== "version" && (await backups.has(file));
  const actions = [...(isDamaged ? [restore] : []), text, ...(error.fault === "empty" ? [begin] : [])];
  const message = `${nameOf(file)}: ${refusal(error)}`;
  const choice = await vscode.window.showErrorMessage(message, ...actions);
  try {
    if (choice === text) await openAsText(file, error);
    if (choice === begin) await beginIn(file);
    if (choice === restore) {
      await backups.restoreLast(file);
      await reopen(file);
    }
  } catch (failure) {
    void vscode.window.showErrorMessage(`${nameOf(file)}: ${messageOf(failure)}`);
  }
}

function waitingTab(): vscode.Uri | undefined {
  const open = new Set(vscode.workspace.notebookDocuments.map(({ uri }) => uri.toString()));
  const waiting = vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .flatMap(({ input, isActive }) =>
      input instanceof vscode.TabInputNotebook && input.notebookType === NOTEBOOK_TYPE
        ? [{ uri: input.uri, isActive }]
        : [],
    )
    .filter(({ uri }) => uri.scheme !== "untitled" && !open.has(uri.toString()));
  return (waiting.find(({ isActive }) => isActive) ?? waiting[0])?.uri;
}

async function openAsText(file: vscode.Uri, { position }: NotebookFormatError): Promise<void> {
  const at = new vscode.Position((position?.line ?? 1) - 1, (position?.column ?? 1) - 1);
  const document = await vscode.workspace.openTextDocument(file);
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
}

async function beginIn(file: vscode.Uri): Promise<void> {
  const { size } = await vscode.workspace.fs.stat(file);
  if (size !== 0) throw new Error("The file is no longer empty; it was left as it is.");
  await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(writeNotebook(emptyNotebook())));
  await reopen(file);
}

async function reopen(file: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
  await vscode.commands.executeCommand("vscode.openWith", file, NOTEBOOK_TYPE);
}

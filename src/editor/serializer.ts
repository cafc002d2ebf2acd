import * as vscode from "vscode";
import { makeCellId } from "../document/cellId.js";
import { decodeNotebook } from "../document/decodeNotebook.js";
import type { Notebook } from "../document/notebook.js";
import { NotebookFormatError } from "../document/notebookFormatError.js";
import { writeNotebook } from "../document/writeNotebook.js";
import { fromPlainNotebook, toPlainNotebook } from "./plainNotebook.js";
import type { PlainCell, PlainNotebook } from "./plainNotebook.js";
import type { PlainItem } from "./plainOutput.js";

/** Of cells. Not "typescript": VS Code's own TypeScript service would answer too, and knows nothing of the other cells. */
export const LANGUAGE = "dnb-typescript";

/**
 * Between the bytes of a `.dnb` and VS Code's notebook. Reading throws for everything that is not wholly understood: VS Code then shows an
 * editor with the message and no document exists, so nothing can be saved over the file.
 */
export class DnbSerializer implements vscode.NotebookSerializer {
  /** `isNew`: whether an empty file is a notebook that was just made, rather than one that lost its content. */
  constructor(private readonly isNew: () => Promise<boolean>) {}

  async deserializeNotebook(bytes: Uint8Array): Promise<vscode.NotebookData> {
    if (bytes.length === 0 && (await this.isNew())) return newNotebookData();
    try {
      return toNotebookData(toPlainNotebook(decodeNotebook(bytes)));
    } catch (error) {
      throw error instanceof NotebookFormatError ? new Error(`${error.message}. ${nextStep(error)}`) : error;
    }
  }

  serializeNotebook(data: vscode.NotebookData): Uint8Array {
    return new TextEncoder().encode(writeNotebook(fromPlainNotebook(fromNotebookData(data), Math.random)));
  }
}

/** One empty code cell. */
export function newNotebookData(): vscode.NotebookData {
  const id = makeCellId(new Set(), Math.random);
  const notebook: Notebook = {
    dnb: 1,
    meta: {},
    cells: [{ id, kind: "code", source: [], outputs: [], extra: {} }],
    extra: {},
  };
  return toNotebookData(toPlainNotebook(notebook));
}

export function toNotebookData({ metadata, cells }: PlainNotebook): vscode.NotebookData {
  const data = new vscode.NotebookData(cells.map(toCellData));
  data.metadata = { ...metadata };
  return data;
}

function toCellData(cell: PlainCell): vscode.NotebookCellData {
  const code = cell.kind === "code";
  const kind = code ? vscode.NotebookCellKind.Code : vscode.NotebookCellKind.Markup;
  const data = new vscode.NotebookCellData(kind, cell.value, code ? LANGUAGE : "markdown");
  data.metadata = { ...cell.metadata };
  data.outputs = cell.outputs.map(
    ({ items, metadata }) => new vscode.NotebookCellOutput(items.map(toOutputItem), { ...metadata }),
  );
  return data;
}

export function toOutputItem({ mime, data }: PlainItem): vscode.NotebookCellOutputItem {
  return new vscode.NotebookCellOutputItem(data, mime);
}

function fromNotebookData(data: vscode.NotebookData): PlainNotebook {
  return {
    metadata: data.metadata ?? {},
    cells: data.cells.map((cell) => ({
      kind: cell.kind === vscode.NotebookCellKind.Code ? "code" : "markdown",
      value: cell.value,
      metadata: cell.metadata ?? {},
      outputs: (cell.outputs ?? []).map(({ items, metadata }) => ({ items, metadata: metadata ?? {} })),
    })),
  };
}

function nextStep({ fault }: NotebookFormatError): string {
  switch (fault) {
    case "empty":
      return "If it had content, restore it from version control or from the Timeline view. To begin anew, delete it and run “New Diffusion Notebook”.";
    case "version":
      return "Update the extension to open it; the file was not changed.";
    case "conflict":
      return "Open the file as text and resolve it there; it was not changed.";
    default:
      return "Open the file as text to mend it there, or restore an earlier version; it was not changed.";
  }
}

import * as vscode from "vscode";
import { decodeNotebook } from "../document/decodeNotebook.js";
import { NotebookFormatError } from "../document/notebookFormatError.js";
import { writeRedacted, type Privacy } from "../document/redact.js";
import { keepOutputs } from "../document/summary/keepOutputs.js";
import { loadCodec } from "../document/summary/tiles.js";
import { emptyNotebook } from "./newNotebook.js";
import { LANGUAGE } from "./notebookType.js";
import { fromPlainNotebook, toPlainNotebook } from "./plainNotebook.js";
import type { PlainCell, PlainNotebook } from "./plainNotebook.js";
import type { PlainItem, PlainOutput } from "./plainOutput.js";
import { refusal } from "./refusedFile.js";

/**
 * Between the bytes of a `.dnb` and VS Code's notebook. Reading throws for everything that is not wholly understood: VS Code then shows an
 * editor with the message and no document exists, so nothing can be saved over the file.
 */
export class DnbSerializer implements vscode.NotebookSerializer {
  /** `isNew`: whether an empty file is a notebook that was just made, rather than one that lost its content. `privacy`: what a save leaves out. */
  constructor(
    private readonly isNew: () => Promise<boolean>,
    private readonly refused: (error: NotebookFormatError) => void,
    private readonly privacy: Privacy,
  ) {}

  async deserializeNotebook(bytes: Uint8Array): Promise<vscode.NotebookData> {
    if (bytes.length === 0 && (await this.isNew())) return toNotebookData(toPlainNotebook(emptyNotebook()));
    try {
      return toNotebookData(toPlainNotebook(decodeNotebook(bytes)));
    } catch (error) {
      if (!(error instanceof NotebookFormatError)) throw error;
      this.refused(error);
      throw new Error(refusal(error));
    }
  }

  /** What a save of the document as it is now would write. */
  bytesOf(notebook: vscode.NotebookDocument): Promise<Uint8Array> {
    return this.serializeNotebook(dataOf(notebook));
  }

  async serializeNotebook(data: vscode.NotebookData): Promise<Uint8Array> {
    await loadCodec();
    const notebook = fromPlainNotebook(fromNotebookData(data), Math.random);
    return new TextEncoder().encode(writeRedacted(keepOutputs(notebook), this.privacy));
  }
}

function dataOf(notebook: vscode.NotebookDocument): vscode.NotebookData {
  const data = new vscode.NotebookData(
    notebook.getCells().map((cell) => {
      const copy = new vscode.NotebookCellData(cell.kind, cell.document.getText(), cell.document.languageId);
      copy.metadata = cell.metadata;
      copy.outputs = [...cell.outputs];
      return copy;
    }),
  );
  data.metadata = notebook.metadata;
  return data;
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
  data.outputs = cell.outputs.map(toOutput);
  return data;
}

export function toOutput({ items, metadata }: PlainOutput): vscode.NotebookCellOutput {
  return new vscode.NotebookCellOutput(items.map(toOutputItem), { ...metadata });
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

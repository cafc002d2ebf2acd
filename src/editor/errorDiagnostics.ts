import * as vscode from "vscode";
import type { WireError } from "../kernel/protocol.js";
import { NOTEBOOK_TYPE } from "./notebookType.js";

/** The failing line of a cell, underlined until the cell is edited, run again or gone. */
export class ErrorDiagnostics implements vscode.Disposable {
  readonly #collection = vscode.languages.createDiagnosticCollection("dnb");
  readonly #subscriptions = [
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length) this.#collection.delete(document.uri);
    }),
    vscode.workspace.onDidCloseNotebookDocument((notebook) => {
      for (const cell of notebook.getCells()) this.clear(cell);
    }),
    vscode.workspace.onDidChangeNotebookDocument(({ notebook, contentChanges }) => {
      if (notebook.notebookType !== NOTEBOOK_TYPE) return;
      for (const { removedCells } of contentChanges) removedCells.forEach((cell) => this.clear(cell));
    }),
  ];

  /** `source`: what was run. When the cell has been edited since, the line may mean something else, and nothing is underlined. */
  show({ document }: vscode.NotebookCell, source: string, error: WireError): void {
    if (error.line === undefined || document.getText() !== source) return;
    const line = document.lineAt(Math.min(Math.max(error.line, 1), document.lineCount) - 1);
    const column = Math.max((error.column ?? 1) - 1, line.firstNonWhitespaceCharacterIndex);
    const start = new vscode.Position(line.lineNumber, Math.min(column, line.range.end.character));
    const range = document.getWordRangeAtPosition(start) ?? new vscode.Range(start, line.range.end);
    const diagnostic = new vscode.Diagnostic(
      range.isEmpty ? line.range : range,
      `${error.name}: ${error.message}`,
      vscode.DiagnosticSeverity.Error,
    );
    diagnostic.source = "dnb";
    this.#collection.set(document.uri, [diagnostic]);
  }

  clear({ document }: vscode.NotebookCell): void {
    this.#collection.delete(document.uri);
  }

  dispose(): void {
    for (const subscription of [...this.#subscriptions, this.#collection]) subscription.dispose();
  }
}

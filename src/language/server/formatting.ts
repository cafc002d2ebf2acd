import type { FormattingOptions, Position, Range, TextEdit } from "vscode-languageserver";
import type { ts } from "ts-morph";
import { FORMAT } from "../notebook/complete.js";
import type { OpenNotebook } from "./openNotebook.js";

/** A cell in TypeScript's own style, or a range of it. Nothing of a cell that lacks a bracket: where it belongs is not known. */
export function formatted(
  notebook: OpenNotebook,
  key: string,
  options: FormattingOptions,
  range?: Range,
): TextEdit[] {
  const { service } = notebook.project;
  const { file, declarations } = notebook.project.cell(key);
  if (declarations.unclosed.length) return [];
  const settings = settingsOf(options);
  const changes = range
    ? service.getFormattingEditsForRange(
        file,
        notebook.offset(key, range.start),
        notebook.offset(key, range.end),
        settings,
      )
    : service.getFormattingEditsForDocument(file, settings);
  return edits(notebook, key, changes);
}

/** After a character that ends a line, a statement or a block. */
export function formattedOnType(
  notebook: OpenNotebook,
  key: string,
  position: Position,
  character: string,
  options: FormattingOptions,
): TextEdit[] {
  const { file } = notebook.project.cell(key);
  const offset = notebook.offset(key, position);
  const changes = notebook.project.service.getFormattingEditsAfterKeystroke(
    file,
    offset,
    character,
    settingsOf(options),
  );
  return edits(notebook, key, changes);
}

function edits(notebook: OpenNotebook, key: string, changes: readonly ts.TextChange[]): TextEdit[] {
  const { text } = notebook.project.cell(key);
  return changes
    .filter(({ span }) => span.start + span.length <= text.length && span.start < text.length)
    .map(({ span, newText }) => ({ range: notebook.range(key, span), newText }));
}

const settingsOf = ({ tabSize, insertSpaces }: FormattingOptions): ts.FormatCodeSettings => ({
  ...FORMAT,
  tabSize,
  indentSize: tabSize,
  convertTabsToSpaces: insertSpaces,
});

import { DocumentHighlightKind, ResponseError, ErrorCodes } from "vscode-languageserver";
import type { DocumentHighlight, Location, Position, Range, WorkspaceEdit } from "vscode-languageserver";
import { ts } from "ts-morph";
import { definitions, references, renaming, typeDefinitions, type Place } from "../notebook/navigate.js";
import type { OpenNotebook } from "./openNotebook.js";

export const definitionOf = (notebook: OpenNotebook, key: string, position: Position): Location[] =>
  located(notebook, definitions(notebook.project, key, notebook.offset(key, position)));

export const typeDefinitionOf = (notebook: OpenNotebook, key: string, position: Position): Location[] =>
  located(notebook, typeDefinitions(notebook.project, key, notebook.offset(key, position)));

export const referencesOf = (
  notebook: OpenNotebook,
  key: string,
  position: Position,
  withDeclaration: boolean,
): Location[] =>
  located(notebook, references(notebook.project, key, notebook.offset(key, position), withDeclaration));

/** Uses in the same cell. */
export function highlightsOf(notebook: OpenNotebook, key: string, position: Position): DocumentHighlight[] {
  const { service } = notebook.project;
  const { file, text } = notebook.project.cell(key);
  const found = service.getDocumentHighlights(file, notebook.offset(key, position), [file]) ?? [];
  return found
    .filter(({ fileName }) => fileName === file)
    .flatMap(({ highlightSpans }) => highlightSpans)
    .filter(({ textSpan }) => textSpan.start < text.length)
    .map(({ textSpan, kind }) => ({
      range: notebook.range(key, textSpan),
      kind:
        kind === ts.HighlightSpanKind.writtenReference
          ? DocumentHighlightKind.Write
          : DocumentHighlightKind.Read,
    }));
}

/** What a rename would replace. Throws the reason why there is none. */
export function renameRange(notebook: OpenNotebook, key: string, position: Position): Range {
  const result = renaming(notebook.project, key, notebook.offset(key, position));
  if (!result.ok) throw new ResponseError(ErrorCodes.InvalidRequest, result.why);
  return notebook.range(key, result.span);
}

export function renameEdit(
  notebook: OpenNotebook,
  key: string,
  position: Position,
  newName: string,
): WorkspaceEdit {
  const result = renaming(notebook.project, key, notebook.offset(key, position));
  if (!result.ok) throw new ResponseError(ErrorCodes.InvalidRequest, result.why);
  const edits = result.places.map(({ file, span, prefix, suffix }) => ({
    file,
    span,
    text: prefix + newName + suffix,
  }));
  return { changes: notebook.changes(edits) };
}

const located = (notebook: OpenNotebook, places: readonly Place[]): Location[] =>
  places.flatMap((place) => notebook.location(place) ?? []);

import { CodeActionKind, type CodeAction, type CodeActionParams } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { FORMAT, preferences } from "../notebook/complete.js";
import { edited, type FileEdit } from "../notebook/edits.js";
import { everywhere, wholeCell } from "./fixAll.js";
import type { OpenNotebook } from "./openNotebook.js";

/** Repairs of what is wrong in a range, and the imports of a cell put in order. */
export function codeActions(
  notebook: OpenNotebook,
  key: string,
  { context }: CodeActionParams,
): CodeAction[] {
  const wanted = (kind: string): boolean =>
    context.only === undefined || context.only.some((only) => kind === only || kind.startsWith(`${only}.`));
  return [
    ...(wanted(CodeActionKind.QuickFix) ? quickFixes(notebook, key, context.diagnostics) : []),
    ...(context.only && wanted(CodeActionKind.SourceOrganizeImports) ? organizedImports(notebook, key) : []),
    ...(context.only ? wholeCell(notebook, key, wanted) : []),
  ];
}

function quickFixes(
  notebook: OpenNotebook,
  key: string,
  diagnostics: CodeActionParams["context"]["diagnostics"],
): CodeAction[] {
  const { project } = notebook;
  const { file } = project.cell(key);
  const seen = new Set<string>();
  return diagnostics.flatMap((diagnostic) => {
    if (diagnostic.source !== "ts" || typeof diagnostic.code !== "number") return [];
    const start = notebook.offset(key, diagnostic.range.start);
    const end = notebook.offset(key, diagnostic.range.end);
    const fixes = project.service.getCodeFixesAtPosition(
      file,
      start,
      end,
      [diagnostic.code],
      FORMAT,
      preferences(project),
    );
    return fixes.flatMap(({ description, changes, fixName, fixId, fixAllDescription }): CodeAction[] => {
      const action = (title: string, edits: readonly FileEdit[], isPreferred: boolean): CodeAction[] => {
        const id = JSON.stringify([title, edits]);
        if (!edits.length || seen.has(id)) return [];
        seen.add(id);
        return [
          {
            ...{ title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic] },
            edit: { changes: notebook.changes(edits) },
            ...(isPreferred && { isPreferred }),
          },
        ];
      };
      const edits = edited(project, changes);
      const all = typeof fixId === "string" && fixAllDescription ? everywhere(notebook, key, fixId) : [];
      return [
        ...action(description, edits, fixName === "spelling"),
        ...(all.length > edits.length ? action(fixAllDescription!, all, false) : []),
      ];
    });
  });
}

function organizedImports(notebook: OpenNotebook, key: string): CodeAction[] {
  const { project } = notebook;
  const { file: fileName } = project.cell(key);
  const changes = project.service.organizeImports({ type: "file", fileName }, FORMAT, preferences(project));
  const edits = edited(project, changes);
  const byUri = notebook.changes(edits);
  const document = notebook.document(key);
  // TypeScript writes the same again where all is in order.
  if (TextDocument.applyEdits(document, byUri[document.uri] ?? []) === document.getText()) return [];
  return [
    {
      title: "Organize Imports",
      kind: CodeActionKind.SourceOrganizeImports,
      edit: { changes: byUri },
    },
  ];
}

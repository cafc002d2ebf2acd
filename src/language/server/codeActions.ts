import { CodeActionKind, type CodeAction, type CodeActionParams } from "vscode-languageserver";
import { FORMAT, preferences } from "../notebook/complete.js";
import { edited } from "../notebook/edits.js";
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
    return fixes.flatMap(({ description, changes, fixName }): CodeAction[] => {
      const edits = edited(project, changes);
      const id = JSON.stringify([description, edits]);
      if (!edits.length || seen.has(id)) return [];
      seen.add(id);
      return [
        {
          title: description,
          kind: CodeActionKind.QuickFix,
          diagnostics: [diagnostic],
          edit: { changes: notebook.changes(edits) },
          ...(fixName === "spelling" && { isPreferred: true }),
        },
      ];
    });
  });
}

function organizedImports(notebook: OpenNotebook, key: string): CodeAction[] {
  const { project } = notebook;
  const { file: fileName } = project.cell(key);
  const changes = project.service.organizeImports({ type: "file", fileName }, FORMAT, preferences(project));
  const edits = edited(project, changes);
  if (!edits.length) return [];
  return [
    {
      title: "Organize Imports",
      kind: CodeActionKind.SourceOrganizeImports,
      edit: { changes: notebook.changes(edits) },
    },
  ];
}

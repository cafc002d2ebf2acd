import { CodeActionKind, type CodeAction } from "vscode-languageserver";
import { FORMAT, preferences } from "../notebook/complete.js";
import { edited, type FileEdit } from "../notebook/edits.js";
import type { OpenNotebook } from "./openNotebook.js";

interface WholeCell {
  readonly kind: string;
  readonly title: string;
  /** As TypeScript calls the repairs; none of them guesses. */
  readonly fixes: readonly string[];
}

export const WHOLE_CELL: readonly WholeCell[] = [
  {
    kind: CodeActionKind.SourceFixAll,
    title: "Fix All",
    fixes: [
      "fixAwaitInSyncFunction",
      "fixUnreachableCode",
      "fixClassIncorrectlyImplementsInterface",
      "fixClassDoesntImplementInheritedAbstractMember",
    ],
  },
  { kind: "source.addMissingImports", title: "Add All Missing Imports", fixes: ["fixMissingImport"] },
];

/** Actions on a cell as a whole, which a save or a command asks for by their kinds. */
export function wholeCell(
  notebook: OpenNotebook,
  key: string,
  wanted: (kind: string) => boolean,
): CodeAction[] {
  return WHOLE_CELL.filter(({ kind }) => wanted(kind)).flatMap(({ kind, title, fixes }) => {
    const edits = fixes.flatMap((fix) => everywhere(notebook, key, fix)).filter(isFirstThere);
    return edits.length ? [{ title, kind, edit: { changes: notebook.changes(edits) } }] : [];
  });
}

/** One kind of repair, wherever the cell needs it. */
export function everywhere({ project }: OpenNotebook, key: string, fix: string): FileEdit[] {
  const { file: fileName } = project.cell(key);
  const { changes } = project.service.getCombinedCodeFix(
    { type: "file", fileName },
    fix,
    FORMAT,
    preferences(project),
  );
  return edited(project, changes);
}

/** Two repairs of one place would garble it; the next time the second one is made. */
const isFirstThere = ({ file, span }: FileEdit, index: number, edits: readonly FileEdit[]): boolean =>
  !edits
    .slice(0, index)
    .some(
      (other) =>
        other.file === file &&
        other.span.start < span.start + span.length &&
        span.start < other.span.start + other.span.length,
    );

import { ts } from "ts-morph";
import type { NotebookProject } from "./notebookProject.js";

export interface FileEdit {
  readonly file: string;
  readonly span: ts.TextSpan;
  readonly text: string;
}

/**
 * Edits of the compiler as edits of what people see. An import that it would add among those of a tail goes to the cell's own; whatever else it
 * would change in a tail is left out.
 */
export function edited(project: NotebookProject, changes: readonly ts.FileTextChanges[]): FileEdit[] {
  return changes.flatMap(({ fileName: file, textChanges }) => {
    const cell = project.cellOf(file);
    return textChanges.flatMap(({ span, newText }): FileEdit[] => {
      if (!cell || (span.start <= cell.text.length && span.start + span.length <= cell.text.length))
        return [{ file, span, text: newText }];
      const statements = newText.trim();
      if (span.length || !statements.startsWith("import ")) return [];
      const start = importPlace(project, file);
      return [{ file, span: { start, length: 0 }, text: start ? `\n${statements}` : `${statements}\n` }];
    });
  });
}

/** Behind the cell's last import, or at its start. */
function importPlace(project: NotebookProject, file: string): number {
  const cell = project.cellOf(file);
  const statements = project.program().getSourceFile(file)?.statements ?? [];
  let end = 0;
  for (const statement of statements)
    if (ts.isImportDeclaration(statement) && cell && statement.end <= cell.text.length) end = statement.end;
  return end;
}

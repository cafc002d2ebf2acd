import { ts } from "ts-morph";
import { documentation, shortened, withoutAlias } from "./describe.js";
import { edited, type FileEdit } from "./edits.js";
import type { CellModule, NotebookProject } from "./notebookProject.js";

/** What a list shows of one completion, and by what its details are found. */
export interface CompletionEntry {
  readonly name: string;
  readonly kind: ts.ScriptElementKind;
  readonly entry: ts.CompletionEntry;
}

export interface Completions {
  readonly entries: readonly CompletionEntry[];
  /** Is there more than was looked for in time? */
  readonly incomplete: boolean;
  /** What they replace, if they all do. */
  readonly span?: ts.TextSpan;
}

export interface CompletionDetails {
  /** As a declaration. */
  readonly code: string;
  /** Markdown. */
  readonly documentation: string;
  /** Beside the name itself: an import that it needs. */
  readonly edits: readonly FileEdit[];
}

export const FORMAT: ts.FormatCodeSettings = {
  ...ts.getDefaultFormatCodeSettings("\n"),
  indentSize: 2,
  tabSize: 2,
  semicolons: ts.SemicolonPreference.Ignore,
};

/** Quotes as most of the cell has them; nothing is offered for import from the files that only the compiler sees. */
export const preferences = (project: NotebookProject): ts.UserPreferences => ({
  includeCompletionsForModuleExports: true,
  includeCompletionsForImportStatements: true,
  includeCompletionsWithInsertText: true,
  includeCompletionsWithSnippetText: false,
  includeAutomaticOptionalChainCompletions: true,
  importModuleSpecifierPreference: "relative",
  // Without it, the imports of the tails decide.
  importModuleSpecifierEnding: "minimal",
  autoImportFileExcludePatterns: project.cells.map(({ file }) => file),
  allowIncompleteCompletions: true,
});

/** Of one cell, with the names of all others. Nothing where nothing can be completed. */
export function complete(
  project: NotebookProject,
  key: string,
  offset: number,
  trigger?: string,
): Completions | undefined {
  project.focus(key);
  const cell = project.cell(key);
  const list = project.service.getCompletionsAtPosition(
    cell.file,
    offset,
    {
      ...preferences(project),
      ...(isTrigger(trigger) && { triggerCharacter: trigger }),
    },
    FORMAT,
  );
  if (!list) return undefined;
  return {
    entries: list.entries
      .filter(({ source }) => source === undefined || !isCellSource(project, source))
      .map((entry) => ({ name: entry.name, kind: kindOf(project, cell, entry), entry })),
    incomplete: list.isIncomplete ?? false,
    ...(list.optionalReplacementSpan && { span: list.optionalReplacementSpan }),
  };
}

export function completionDetails(
  project: NotebookProject,
  key: string,
  offset: number,
  { name, source, data }: Pick<ts.CompletionEntry, "name" | "source" | "data">,
): CompletionDetails | undefined {
  const cell = project.cell(key);
  const details = project.service.getCompletionEntryDetails(
    cell.file,
    offset,
    name,
    FORMAT,
    source,
    preferences(project),
    data,
  );
  if (!details) return undefined;
  const code = ts.displayPartsToString(details.displayParts);
  const changes = (details.codeActions ?? []).flatMap((action) => action.changes);
  return {
    code: shortened(cell.tail.links.has(name) ? withoutAlias(code) : code),
    documentation: documentation(details.documentation, details.tags),
    edits: edited(project, changes),
  };
}

/** A name that the tail imports is what it is in its own cell. */
function kindOf(project: NotebookProject, cell: CellModule, entry: ts.CompletionEntry): ts.ScriptElementKind {
  if (entry.kind !== ts.ScriptElementKind.alias) return entry.kind;
  const link = cell.tail.links.get(entry.name)?.[0];
  const owner = link && project.cells[link.cell];
  return owner?.declarations.names.get(entry.name)?.kind ?? entry.kind;
}

const isCellSource = (project: NotebookProject, source: string): boolean =>
  project.cells.some(({ file }) => {
    const name = file.slice(file.lastIndexOf("/"));
    return source.endsWith(name) || source.endsWith(name.replace(/\.tsx?$/, ""));
  });

const TRIGGERS = [".", '"', "'", "`", "/", "@", "<", "#", " "] as const;
const isTrigger = (text: string | undefined): text is ts.CompletionsTriggerCharacter =>
  TRIGGERS.some((trigger) => trigger === text);

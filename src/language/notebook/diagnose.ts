import { ts } from "ts-morph";
import type { CellModule, NotebookProject } from "./notebookProject.js";
import { laterUses } from "./laterUses.js";

export interface CellDiagnostic {
  /** In the cell's text. */
  readonly start: number;
  readonly length: number;
  readonly message: string;
  /** TypeScript's own, or `DECLARED_LATER`. */
  readonly code: number;
  readonly category: ts.DiagnosticCategory;
  readonly unnecessary: boolean;
  readonly deprecated: boolean;
  readonly related: readonly {
    readonly file: string;
    readonly span: ts.TextSpan;
    readonly message: string;
  }[];
}

/** A name is used before the cell that declares it. */
export const DECLARED_LATER = 1;

const EXPECTED = 1005;
const CANNOT_ASSIGN_TO_IMPORT = 2632;
const MISSING_MODULE = 2307;
/** The kernel makes an object of a const enum, so that later cells have it. */
const CONST_ENUM_AS_VALUE = 2475;
/** "implicitly has an 'any[]' type": of `let list = []`, which grows into its type in the cells after it. */
const EVOLVING = new Set([7005, 7034]);

const PLAIN = { unnecessary: false, deprecated: false, related: [] } as const;

/** What is wrong with a cell, as far as its author can see: nothing of what was added to make a module of it. */
export function diagnose(project: NotebookProject, key: string): CellDiagnostic[] {
  const cell = project.cell(key);
  const { service } = project;
  const syntactic = service.getSyntacticDiagnostics(cell.file);
  const inside = syntactic.filter(({ start }) => start < cell.text.length);
  const found: ts.Diagnostic[] = [...inside];
  // What the cell does not close is only missed behind its end.
  const [beyond] = syntactic;
  if (!inside.length && beyond && !cell.declarations.unclosed.length)
    found.push({ ...beyond, start: lastPlace(cell.text), length: 1 });
  for (const diagnostic of service.getSemanticDiagnostics(cell.file))
    if ((diagnostic.start ?? 0) < cell.text.length && !isEvolving(cell, diagnostic))
      if (diagnostic.code !== CONST_ENUM_AS_VALUE) found.push(diagnostic);
  project.lacks(
    cell,
    found.some(({ code }) => code === MISSING_MODULE),
  );
  for (const diagnostic of service.getSuggestionDiagnostics(cell.file))
    if (diagnostic.start < cell.text.length) found.push(diagnostic);
  return [
    ...found.map((diagnostic) => described(project, cell, diagnostic)),
    ...notClosed(cell),
    ...declaredLater(project, cell),
  ];
}

function described(project: NotebookProject, cell: CellModule, diagnostic: ts.Diagnostic): CellDiagnostic {
  const { start = 0, length = 0, category } = diagnostic;
  return {
    start,
    length: Math.min(length, cell.text.length - start),
    ...worded(project, cell, diagnostic),
    category,
    unnecessary: !!diagnostic.reportsUnnecessary,
    deprecated: !!diagnostic.reportsDeprecated,
    related: (diagnostic.relatedInformation ?? []).flatMap((related) => {
      if (!related.file || related.start === undefined) return [];
      const file = related.file.fileName;
      const other = project.cellOf(file);
      if (other && related.start >= other.text.length) return [];
      const span = { start: related.start, length: related.length ?? 0 };
      return [{ file, span, message: ts.flattenDiagnosticMessageText(related.messageText, "\n") }];
    }),
  };
}

/** In the words of somebody who sees cells and no modules. */
function worded(
  project: NotebookProject,
  cell: CellModule,
  diagnostic: ts.Diagnostic,
): { code: number; message: string } {
  const { code, start = 0, length = 0 } = diagnostic;
  const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
  const text = cell.text.slice(start, start + length);
  if (code === CANNOT_ASSIGN_TO_IMPORT && cell.tail.links.has(text)) {
    const owner = cell.tail.links.get(text)?.[0];
    const kind = owner && project.cells[owner.cell]?.declarations.names.get(text)?.kind;
    const constant = kind === undefined || kind === ts.ScriptElementKind.constElement;
    const what = constant ? "a constant" : kind === ts.ScriptElementKind.alias ? "an import" : `a ${kind}`;
    return { code: constant ? 2588 : code, message: `Cannot assign to '${text}' because it is ${what}.` };
  }
  if (code === MISSING_MODULE) {
    const name = /^["'](@[^/"']+\/[^/"']+|[^@./"'][^/"']*)/.exec(text)?.[1];
    if (name && !name.includes(":"))
      return { code, message: `${message}\nTo install it: npm install ${name}` };
  }
  return { code, message };
}

function isEvolving(
  { text, declarations, tail }: CellModule,
  { code, start = 0, length = 0 }: ts.Diagnostic,
): boolean {
  const name = text.slice(start, start + length);
  return EVOLVING.has(code) && (declarations.names.has(name) || tail.links.has(name));
}

/** The tail closes what the cell does not, so the compiler does not miss it. */
function notClosed({ text, file, declarations }: CellModule): CellDiagnostic[] {
  const innermost = declarations.unclosed.at(-1);
  if (!innermost) return [];
  const { start, closer } = innermost;
  const mark = closer === "}`" ? "}" : closer;
  return [
    {
      ...PLAIN,
      start: lastPlace(text),
      length: 1,
      message: `'${mark}' expected.`,
      code: EXPECTED,
      category: ts.DiagnosticCategory.Error,
      related: [{ file, span: { start, length: 1 }, message: `'${mark}' has to close this.` }],
    },
  ];
}

function declaredLater(project: NotebookProject, cell: CellModule): CellDiagnostic[] {
  return laterUses(project, cell).map(({ start, name, cell: later }) => ({
    start,
    length: name.length,
    message: `'${name}' is declared further down, in cell ${later.number}, which has to run first.`,
    code: DECLARED_LATER,
    category: ts.DiagnosticCategory.Warning,
    ...PLAIN,
  }));
}

/** Of the last character that is no space, so that there is something to underline. */
const lastPlace = (text: string): number => Math.max(text.trimEnd().length - 1, 0);

import { ts } from "ts-morph";
import { dialect } from "../../kernel/compiler/dialect.js";
import { unclosed, type Unclosed } from "./unclosed.js";

/** What a name stands for: something that runs, something that only types see, or both. */
export const VALUE = 1;
export const TYPE = 2;

export interface Declaration {
  /** `VALUE`, `TYPE`, or both as a sum. */
  readonly spaces: number;
  /** `let` and `var`: other cells may assign to it. */
  readonly variable: boolean;
  /** What an editor's list calls it, e.g. "const", "function", "interface". */
  readonly kind: ts.ScriptElementKind;
  /** Where its name stands in the cell, at its first declaration. */
  readonly start: number;
}

export interface CellDeclarations {
  /** For the other cells, in the order of the text. */
  readonly names: ReadonlyMap<string, Declaration>;
  /** Those that the cell itself already exports, by a modifier or an export list. */
  readonly exported: ReadonlySet<string>;
  /** It is read as TSX. */
  readonly isTsx: boolean;
  /** What has to be closed before anything can follow the cell's text. */
  readonly unclosed: readonly Unclosed[];
}

/** The names that a cell declares at its top level, `var` in nested blocks included, as far as it can be parsed. */
export function cellDeclarations(text: string): CellDeclarations {
  const kind = dialect(text);
  const file = ts.createSourceFile("/cell.tsx", text, ts.ScriptTarget.Latest, true, kind);
  const names = new Map<string, Declaration>();
  const exported = new Set<string>();
  const add = (name: ts.Identifier, kind: ts.ScriptElementKind, spaces: number, variable = false) => {
    if (!name.text) return;
    const before = names.get(name.text);
    names.set(name.text, {
      spaces: spaces | (before?.spaces ?? 0),
      variable: variable || (before?.variable ?? false),
      kind: before?.kind ?? kind,
      start: before?.start ?? name.getStart(file),
    });
  };
  for (const statement of file.statements) {
    if (
      ts.isExportDeclaration(statement) &&
      statement.exportClause &&
      ts.isNamedExports(statement.exportClause)
    )
      for (const { name } of statement.exportClause.elements) exported.add(name.text);
    const here: ts.Identifier[] = [];
    declare(statement, (name, ...rest) => {
      here.push(name);
      add(name, ...rest);
    });
    if (isExported(statement)) for (const { text: name } of here) exported.add(name);
  }
  const isTsx = kind === ts.ScriptKind.TSX;
  return { names, exported, isTsx, unclosed: isBroken(file) ? unclosed(text) : [] };
}

type Add = (name: ts.Identifier, kind: ts.ScriptElementKind, spaces: number, variable?: boolean) => void;

function declare(statement: ts.Statement, add: Add): void {
  const kinds = ts.ScriptElementKind;
  if (ts.isVariableStatement(statement)) bindVariables(statement.declarationList, add);
  else if (ts.isFunctionDeclaration(statement)) {
    if (statement.name) add(statement.name, kinds.functionElement, VALUE);
  } else if (ts.isClassDeclaration(statement)) {
    if (statement.name) add(statement.name, kinds.classElement, VALUE | TYPE);
  } else if (ts.isEnumDeclaration(statement)) add(statement.name, kinds.enumElement, VALUE | TYPE);
  else if (ts.isInterfaceDeclaration(statement)) add(statement.name, kinds.interfaceElement, TYPE);
  else if (ts.isTypeAliasDeclaration(statement)) add(statement.name, kinds.typeElement, TYPE);
  else if (ts.isModuleDeclaration(statement)) {
    // `declare global` and `declare module "m"` name nothing in the cell.
    const global = !!(statement.flags & ts.NodeFlags.GlobalAugmentation);
    if (ts.isIdentifier(statement.name) && !global) add(statement.name, kinds.moduleElement, VALUE | TYPE);
  } else if (ts.isImportEqualsDeclaration(statement))
    add(statement.name, kinds.alias, statement.isTypeOnly ? TYPE : VALUE | TYPE);
  else if (ts.isImportDeclaration(statement)) bindImports(statement, add);
  else nestedVariables(statement, add);
}

function bindImports({ importClause }: ts.ImportDeclaration, add: Add): void {
  if (!importClause) return;
  const spaces = importClause.isTypeOnly ? TYPE : VALUE | TYPE;
  if (importClause.name) add(importClause.name, ts.ScriptElementKind.alias, spaces);
  const bindings = importClause.namedBindings;
  if (!bindings) return;
  if (ts.isNamespaceImport(bindings)) add(bindings.name, ts.ScriptElementKind.moduleElement, spaces);
  else
    for (const { name, isTypeOnly } of bindings.elements)
      add(name, ts.ScriptElementKind.alias, isTypeOnly ? TYPE : spaces);
}

function bindVariables(list: ts.VariableDeclarationList, add: Add): void {
  const scope = list.flags & ts.NodeFlags.BlockScoped;
  // `using` has the flags of both `let` and `const`, or of one of them.
  const assignable = scope === ts.NodeFlags.None || scope === ts.NodeFlags.Let;
  const kinds = ts.ScriptElementKind;
  const kind =
    scope === ts.NodeFlags.None
      ? kinds.variableElement
      : scope === ts.NodeFlags.Let
        ? kinds.letElement
        : kinds.constElement;
  const bind = (name: ts.BindingName): void => {
    if (ts.isIdentifier(name)) add(name, kind, VALUE, assignable);
    else for (const element of name.elements) if (ts.isBindingElement(element)) bind(element.name);
  };
  for (const { name } of list.declarations) bind(name);
}

/** `var` in blocks and loops belongs to the whole cell. */
function nestedVariables(node: ts.Node, add: Add): void {
  if (ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node)) return;
  if (ts.isVariableDeclarationList(node) && !(node.flags & ts.NodeFlags.BlockScoped))
    bindVariables(node, add);
  ts.forEachChild(node, (child) => nestedVariables(child, add));
}

const isExported = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) &&
  !!ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) &&
  !ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword);

/** The parser's own list, which the types of TypeScript leave out: it saves a program of one file. */
const isBroken = (file: ts.SourceFile): boolean =>
  (file as { parseDiagnostics?: readonly unknown[] }).parseDiagnostics?.length !== 0;

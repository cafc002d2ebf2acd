import { ts } from "ts-morph";
import { MODULE_NAMES } from "./mangle.js";

/** Libraries ask for these to find out where they run; a cell's variable of that name must not answer. */
const PROBED_NAMES = ["window", "document", "self", "location", "importScripts", "define", "Deno", "Bun"];

/** What JavaScript itself forbids to redeclare. */
const FIXED_NAMES = new Set(["undefined", "NaN", "Infinity"]);

/** Every name that a cell may not bind in the realm it shares with libraries and the kernel. */
export function realmNames(realm: object = globalThis): ReadonlySet<string> {
  const names = [...Object.getOwnPropertyNames(realm), ...PROBED_NAMES, ...MODULE_NAMES, "__dnb"];
  return new Set(names.filter((name) => !FIXED_NAMES.has(name)));
}

/** The names that a cell declares for the cells after it, `var` in nested blocks included. */
export function declaredNames(file: ts.SourceFile, { imports = true } = {}): Set<string> {
  const names = new Set<string>();
  for (const statement of file.statements) {
    if (hasModifier(statement, ts.SyntaxKind.DeclareKeyword)) continue;
    if (ts.isImportDeclaration(statement)) {
      if (imports) importedNames(statement, names);
    } else if (ts.isImportEqualsDeclaration(statement)) names.add(statement.name.text);
    else if (ts.isVariableStatement(statement)) bindVariables(statement.declarationList, names);
    else if (
      ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isEnumDeclaration(statement) ||
      ts.isModuleDeclaration(statement)
    ) {
      if (statement.name && ts.isIdentifier(statement.name)) names.add(statement.name.text);
    } else nestedVariables(statement, names);
  }
  return names;
}

/** Those of them that may not be assigned to. */
export function declaredConstants(file: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  for (const statement of file.statements)
    if (ts.isVariableStatement(statement) && statement.declarationList.flags & ts.NodeFlags.Const)
      bindVariables(statement.declarationList, names);
  return names;
}

function importedNames(statement: ts.ImportDeclaration, names: Set<string>): void {
  const clause = statement.importClause;
  if (clause?.name) names.add(clause.name.text);
  const bindings = clause?.namedBindings;
  if (!bindings) return;
  if (ts.isNamespaceImport(bindings)) names.add(bindings.name.text);
  else for (const element of bindings.elements) names.add(element.name.text);
}

function bindVariables(list: ts.VariableDeclarationList, names: Set<string>): void {
  for (const declaration of list.declarations) bindingNames(declaration.name, names);
}

/** `var` declarations in blocks and loops belong to the whole cell. */
function nestedVariables(node: ts.Node, names: Set<string>): void {
  if (isOwnScope(node)) return;
  if (ts.isVariableDeclarationList(node) && isVar(node)) bindVariables(node, names);
  ts.forEachChild(node, (child) => nestedVariables(child, names));
}

export function bindingNames(name: ts.BindingName, names: Set<string>): void {
  if (ts.isIdentifier(name)) names.add(name.text);
  else
    for (const element of name.elements) if (ts.isBindingElement(element)) bindingNames(element.name, names);
}

/** A node whose `var`s are its own. */
export const isOwnScope = (node: ts.Node): boolean =>
  ts.isFunctionLike(node) || ts.isClassLike(node) || ts.isModuleDeclaration(node);

export const isVar = (list: ts.VariableDeclarationList): boolean => !(list.flags & ts.NodeFlags.BlockScoped);

export const hasModifier = (node: ts.Node, kind: ts.SyntaxKind): boolean =>
  ts.canHaveModifiers(node) && !!ts.getModifiers(node)?.some((modifier) => modifier.kind === kind);

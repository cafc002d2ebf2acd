import { ts } from "ts-morph";
import { bindingNames, isOwnScope, isVar } from "./names.js";

/** Whether a scope between `node` and the top of the cell declares `name` itself. `node` is one of the parsed tree. */
export function isShadowed(node: ts.Node, name: string): boolean {
  for (let scope = node.parent; scope && !ts.isSourceFile(scope); scope = scope.parent)
    if (scopeNames(scope).has(name)) return true;
  return false;
}

/** The parsed tree does not change, and every identifier in a scope asks for its names. */
const known = new WeakMap<ts.Node, Set<string>>();

function scopeNames(scope: ts.Node): Set<string> {
  const found = known.get(scope) ?? findNames(scope);
  known.set(scope, found);
  return found;
}

function findNames(scope: ts.Node): Set<string> {
  const names = new Set<string>();
  if (ts.isFunctionLike(scope)) {
    for (const parameter of scope.parameters)
      if (ts.isParameter(parameter)) bindingNames(parameter.name, names);
    if ("body" in scope && scope.body) innerVariables(scope.body, names);
  }
  if ((ts.isFunctionExpression(scope) || ts.isClassLike(scope)) && scope.name) names.add(scope.name.text);
  if (ts.isBlock(scope) || ts.isModuleBlock(scope))
    for (const statement of scope.statements) declared(statement, names);
  if (ts.isCaseBlock(scope))
    for (const clause of scope.clauses) for (const statement of clause.statements) declared(statement, names);
  if (ts.isCatchClause(scope) && scope.variableDeclaration)
    bindingNames(scope.variableDeclaration.name, names);
  if (ts.isForStatement(scope) || ts.isForOfStatement(scope) || ts.isForInStatement(scope)) {
    const list = scope.initializer;
    if (list && ts.isVariableDeclarationList(list) && !isVar(list)) variables(list, names);
  }
  return names;
}

function declared(statement: ts.Statement, names: Set<string>): void {
  if (ts.isVariableStatement(statement))
    variables(statement.declarationList, names, isVar(statement.declarationList));
  else if (
    (ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isEnumDeclaration(statement)) &&
    statement.name
  )
    names.add(statement.name.text);
}

function variables(list: ts.VariableDeclarationList, names: Set<string>, skip = false): void {
  if (!skip) for (const declaration of list.declarations) bindingNames(declaration.name, names);
}

/** The `var`s of a function body. */
function innerVariables(node: ts.Node, names: Set<string>): void {
  if (ts.isVariableDeclarationList(node) && isVar(node)) variables(node, names);
  ts.forEachChild(node, (child) => {
    if (!isOwnScope(child)) innerVariables(child, names);
  });
}

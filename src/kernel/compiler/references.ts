import { ts } from "ts-morph";
import { isShadowed } from "./isShadowed.js";

/** True for an identifier that binds or reads a variable; false for property names, labels and names in foreign modules. */
export function isVariableName(node: ts.Identifier): boolean {
  const parent = ts.getOriginalNode(node).parent as ts.Node | undefined;
  // Made by an earlier pass: it means what it says.
  if (!parent) return false;
  switch (parent.kind) {
    case ts.SyntaxKind.PropertyAccessExpression:
    case ts.SyntaxKind.PropertyAssignment:
    case ts.SyntaxKind.MethodDeclaration:
    case ts.SyntaxKind.PropertyDeclaration:
    case ts.SyntaxKind.GetAccessor:
    case ts.SyntaxKind.SetAccessor:
    case ts.SyntaxKind.EnumMember:
      return (parent as ts.PropertyAccessExpression | ts.PropertyAssignment | ts.EnumMember).name !== node;
    case ts.SyntaxKind.BindingElement:
    case ts.SyntaxKind.ImportSpecifier:
      return (parent as ts.BindingElement | ts.ImportSpecifier).propertyName !== node;
    case ts.SyntaxKind.QualifiedName:
      return (parent as ts.QualifiedName).left === node;
    case ts.SyntaxKind.ExportSpecifier:
    case ts.SyntaxKind.NamespaceExport:
    case ts.SyntaxKind.MetaProperty:
    case ts.SyntaxKind.LabeledStatement:
    case ts.SyntaxKind.BreakStatement:
    case ts.SyntaxKind.ContinueStatement:
    case ts.SyntaxKind.ImportAttribute:
    case ts.SyntaxKind.JsxAttribute:
    case ts.SyntaxKind.JsxNamespacedName:
      return false;
    case ts.SyntaxKind.JsxOpeningElement:
    case ts.SyntaxKind.JsxSelfClosingElement:
    case ts.SyntaxKind.JsxClosingElement:
      // <b> is an element's name, <Card> a variable's.
      return !/^[a-z]/.test(node.text);
    default:
      return true;
  }
}

/** Types are erased; an `extends` clause, which the compiler's predicate also counts as one, is not. */
export const isErased = (node: ts.Node): boolean =>
  (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node) ||
  (ts.isHeritageClause(node) && node.token === ts.SyntaxKind.ImplementsKeyword);

/** Names that the cell takes from outside of itself, as values. */
export function freeReferences(file: ts.SourceFile, own: ReadonlySet<string>): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (isErased(node) || ts.isImportDeclaration(node)) return;
    if (ts.isIdentifier(node) && !own.has(node.text) && !names.has(node.text))
      if (isVariableName(node) && !isShadowed(node, node.text)) names.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

/** Names that the file uses as values somewhere: an import that is only a type is not among them. */
export function valueReferences(file: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (isErased(node) || ts.isImportDeclaration(node)) return;
    if (ts.isIdentifier(node) && isVariableName(node)) names.add(node.text);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return names;
}

import { ts } from "ts-morph";
import { mangle } from "./mangle.js";
import { hasModifier } from "./names.js";
import { isErased, isVariableName } from "./references.js";

/**
 * Gives the names in `names` their mangled form wherever they bind or read a variable. Locals of the same name are renamed with them, so
 * that what shadowed what stays as it was. Where a name is also a property (shorthands, parameter properties) the property keeps it.
 */
export function mangleNames(names: ReadonlySet<string>): ts.TransformerFactory<ts.SourceFile> {
  return (context) => {
    const { factory } = context;
    const renamed = (node: ts.Identifier): ts.Identifier =>
      ts.setTextRange(factory.createIdentifier(mangle(node.text)), node);

    const visitor =
      (active: ReadonlySet<string>) =>
      (node: ts.Node): ts.Node => {
        if (isErased(node)) return node;
        const visit = visitor(active);
        if (ts.isIdentifier(node))
          return active.has(node.text) && isVariableName(node) ? renamed(node) : node;
        if (ts.isShorthandPropertyAssignment(node) && active.has(node.name.text)) {
          const initial = node.objectAssignmentInitializer;
          const value = initial
            ? factory.createAssignment(renamed(node.name), ts.visitNode(initial, visit) as ts.Expression)
            : renamed(node.name);
          return ts.setTextRange(factory.createPropertyAssignment(node.name.text, value), node);
        }
        if (isShorthandBinding(node) && active.has(node.name.text)) {
          const initial = ts.visitNode(node.initializer, visit) as ts.Expression | undefined;
          return factory.updateBindingElement(
            node,
            undefined,
            factory.createIdentifier(node.name.text),
            renamed(node.name),
            initial,
          );
        }
        if (ts.isImportSpecifier(node) && active.has(node.name.text))
          return factory.updateImportSpecifier(
            node,
            node.isTypeOnly,
            node.propertyName ?? factory.createIdentifier(node.name.text),
            renamed(node.name),
          );
        if (isTopLevelClass(node) && active.has(node.name.text)) return namedClass(node);
        return ts.visitEachChild(node, visitor(without(active, ownNames(node))), context);
      };

    /** The class keeps its own name, also inside: static initialisers run before the outer variable has its value. */
    const namedClass = (node: ts.ClassDeclaration & { name: ts.Identifier }): ts.Statement => {
      const inner = ts.visitEachChild(node, visitor(without(names, [node.name.text])), context);
      const expression = factory.createClassExpression(
        inner.modifiers?.filter(ts.isDecorator),
        node.name,
        inner.typeParameters,
        inner.heritageClauses,
        inner.members,
      );
      const declaration = factory.createVariableDeclaration(
        renamed(node.name),
        undefined,
        undefined,
        ts.setTextRange(expression, node),
      );
      const list = factory.createVariableDeclarationList([declaration], ts.NodeFlags.Let);
      return ts.setTextRange(factory.createVariableStatement(undefined, list), node);
    };

    return (file) => (names.size ? ts.visitEachChild(file, visitor(names), context) : file);
  };
}

const isShorthandBinding = (node: ts.Node): node is ts.BindingElement & { name: ts.Identifier } =>
  ts.isBindingElement(node) &&
  ts.isObjectBindingPattern(ts.getOriginalNode(node).parent) &&
  !node.propertyName &&
  !node.dotDotDotToken &&
  ts.isIdentifier(node.name);

const isTopLevelClass = (node: ts.Node): node is ts.ClassDeclaration & { name: ts.Identifier } =>
  ts.isClassDeclaration(node) && !!node.name && ts.isSourceFile(ts.getOriginalNode(node).parent);

/** Names that mean a property inside `node`: the compiler itself rewrites them, or makes properties of them. */
function ownNames(node: ts.Node): string[] {
  if (ts.isEnumDeclaration(node))
    return node.members.flatMap((member) => (ts.isIdentifier(member.name) ? [member.name.text] : []));
  if (ts.isConstructorDeclaration(node))
    return node.parameters.flatMap((parameter) =>
      ts.getModifiers(parameter)?.length && ts.isIdentifier(parameter.name) ? [parameter.name.text] : [],
    );
  if (ts.isModuleBlock(node)) return node.statements.flatMap(exportedNames);
  return [];
}

function exportedNames(statement: ts.Statement): string[] {
  if (!hasModifier(statement, ts.SyntaxKind.ExportKeyword)) return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap((declaration) =>
      ts.isIdentifier(declaration.name) ? [declaration.name.text] : [],
    );
  const name = (statement as { name?: ts.Node }).name;
  return name && ts.isIdentifier(name) ? [name.text] : [];
}

function without(names: ReadonlySet<string>, dropped: readonly string[]): ReadonlySet<string> {
  if (!dropped.some((name) => names.has(name))) return names;
  const rest = new Set(names);
  for (const name of dropped) rest.delete(name);
  return rest;
}

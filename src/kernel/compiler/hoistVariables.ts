import { ts } from "ts-morph";
import { bindingNames, hasModifier, isOwnScope, isVar } from "./names.js";

/**
 * A `var` of the cell, also one inside a block or a loop, becomes one `let` at the top and an assignment where it stood: a script's `var` would
 * become a property of the global object.
 */
export const hoistVariables: ts.TransformerFactory<ts.SourceFile> = (context) => {
  const { factory } = context;

  const assigned = (
    list: ts.VariableDeclarationList,
    visit: (node: ts.Node) => ts.Node,
  ): ts.Expression | undefined => {
    const assignments = list.declarations.flatMap((declaration): ts.Expression[] => {
      if (!declaration.initializer) return [];
      const value = ts.visitNode(declaration.initializer, visit) as ts.Expression;
      const assignment = factory.createAssignment(target(factory, declaration.name), value);
      return [ts.setTextRange(assignment, declaration)];
    });
    return assignments.length
      ? assignments.reduce((left, right) => factory.createComma(left, right))
      : undefined;
  };

  return (file) => {
    const names = new Set<string>();
    const note = (list: ts.VariableDeclarationList): void => {
      for (const declaration of list.declarations) bindingNames(declaration.name, names);
    };

    const visit = (node: ts.Node): ts.Node => {
      if (isOwnScope(node)) return node;
      // Tells of a variable that is there already.
      if (hasModifier(node, ts.SyntaxKind.DeclareKeyword)) return node;
      if (ts.isVariableStatement(node) && isVar(node.declarationList)) {
        note(node.declarationList);
        const assignments = assigned(node.declarationList, visit);
        if (!assignments) return factory.createEmptyStatement();
        const statement = factory.createExpressionStatement(
          factory.createParenthesizedExpression(assignments),
        );
        return ts.setTextRange(statement, node);
      }
      const inner = ts.visitEachChild(node, visit, context);
      if ((ts.isForOfStatement(inner) || ts.isForInStatement(inner)) && isVarList(inner.initializer)) {
        note(inner.initializer);
        const name = inner.initializer.declarations[0]?.name;
        if (!name) return inner;
        const each = target(factory, name);
        return ts.isForOfStatement(inner)
          ? factory.updateForOfStatement(inner, inner.awaitModifier, each, inner.expression, inner.statement)
          : factory.updateForInStatement(inner, each, inner.expression, inner.statement);
      }
      if (ts.isForStatement(inner) && isVarList(inner.initializer)) {
        note(inner.initializer);
        const start = assigned(inner.initializer, (child) => child);
        return factory.updateForStatement(inner, start, inner.condition, inner.incrementor, inner.statement);
      }
      return inner;
    };

    const result = ts.visitEachChild(file, visit, context);
    if (!names.size) return result;
    const declarations = [...names].map((name) => factory.createVariableDeclaration(name));
    const list = factory.createVariableDeclarationList(declarations, ts.NodeFlags.Let);
    return factory.updateSourceFile(result, [
      factory.createVariableStatement(undefined, list),
      ...result.statements,
    ]);
  };
};

const isVarList = (node: ts.Node | undefined): node is ts.VariableDeclarationList =>
  !!node && ts.isVariableDeclarationList(node) && isVar(node);

/** A binding pattern as the target of an assignment. */
function target(factory: ts.NodeFactory, name: ts.BindingName): ts.Expression {
  if (ts.isIdentifier(name)) return name;
  const withDefault = (element: ts.BindingElement): ts.Expression =>
    element.initializer
      ? factory.createAssignment(target(factory, element.name), element.initializer)
      : target(factory, element.name);
  if (ts.isArrayBindingPattern(name))
    return factory.createArrayLiteralExpression(
      name.elements.map((element) => {
        if (ts.isOmittedExpression(element)) return element;
        return element.dotDotDotToken
          ? factory.createSpreadElement(target(factory, element.name))
          : withDefault(element);
      }),
    );
  return factory.createObjectLiteralExpression(
    name.elements.map((element) => {
      if (element.dotDotDotToken) return factory.createSpreadAssignment(target(factory, element.name));
      const property = element.propertyName ?? (element.name as ts.Identifier).text;
      return factory.createPropertyAssignment(property, withDefault(element));
    }),
  );
}

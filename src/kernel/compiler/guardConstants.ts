import { ts } from "ts-morph";
import { isShadowed } from "./isShadowed.js";

/**
 * V8's REPL mode refuses to declare a `const` again as `let`, so every declaration of a cell becomes a `let`. What is lost comes back here: a write to the
 * name of a constant becomes a write to `__dnb.constants.name`, which throws the TypeError that people know.
 */
export function guardConstants(constants: ReadonlySet<string>): ts.TransformerFactory<ts.SourceFile> {
  return (context) => {
    const { factory } = context;
    const isConstant = (node: ts.Identifier): boolean =>
      constants.has(node.text) && !isShadowed(node, node.text);
    const refused = (node: ts.Identifier): ts.Expression => {
      const kernel = factory.createPropertyAccessExpression(factory.createIdentifier("__dnb"), "constants");
      return ts.setTextRange(factory.createPropertyAccessExpression(kernel, node.text), node);
    };

    /** An expression in the place of an assignment's target. */
    const target = (node: ts.Expression): ts.Expression => {
      if (ts.isIdentifier(node)) return isConstant(node) ? refused(node) : node;
      // `(x as T) = …` and `x!++`: what types say is erased.
      if (bare(node) !== node) return target(bare(node));
      if (ts.isArrayLiteralExpression(node))
        return factory.updateArrayLiteralExpression(node, node.elements.map(element));
      if (ts.isObjectLiteralExpression(node))
        return factory.updateObjectLiteralExpression(node, node.properties.map(property));
      return ts.visitNode(node, visit) as ts.Expression;
    };
    const element = (node: ts.Expression): ts.Expression => {
      if (ts.isSpreadElement(node)) return factory.updateSpreadElement(node, target(node.expression));
      if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken)
        return factory.updateBinaryExpression(
          node,
          target(node.left),
          node.operatorToken,
          ts.visitNode(node.right, visit) as ts.Expression,
        );
      return target(node);
    };
    const property = (node: ts.ObjectLiteralElementLike): ts.ObjectLiteralElementLike => {
      if (ts.isPropertyAssignment(node))
        return factory.updatePropertyAssignment(node, node.name, element(node.initializer));
      if (ts.isSpreadAssignment(node)) return factory.updateSpreadAssignment(node, target(node.expression));
      if (ts.isShorthandPropertyAssignment(node) && isConstant(node.name))
        return factory.createPropertyAssignment(node.name.text, refused(node.name));
      return node;
    };

    const visit = (node: ts.Node): ts.Node => {
      if (ts.isBinaryExpression(node) && isAssignment(node.operatorToken.kind)) {
        const right = ts.visitNode(node.right, visit) as ts.Expression;
        const operator = LOGICAL.get(node.operatorToken.kind);
        const left = bare(node.left);
        if (operator && ts.isIdentifier(left) && isConstant(left)) {
          // Writes only where the value asks for it, and so may be allowed.
          const write = factory.createParenthesizedExpression(factory.createAssignment(refused(left), right));
          return ts.setTextRange(factory.createBinaryExpression(left, operator, write), node);
        }
        return factory.updateBinaryExpression(node, target(node.left), node.operatorToken, right);
      }
      if (ts.isPrefixUnaryExpression(node) && isCount(node.operator))
        return factory.updatePrefixUnaryExpression(node, target(node.operand));
      if (ts.isPostfixUnaryExpression(node))
        return factory.updatePostfixUnaryExpression(node, target(node.operand));
      const inner = ts.visitEachChild(node, visit, context);
      if (
        ts.isForOfStatement(inner) &&
        ts.isForOfStatement(node) &&
        !ts.isVariableDeclarationList(node.initializer)
      )
        return factory.updateForOfStatement(
          inner,
          inner.awaitModifier,
          target(node.initializer),
          inner.expression,
          inner.statement,
        );
      if (
        ts.isForInStatement(inner) &&
        ts.isForInStatement(node) &&
        !ts.isVariableDeclarationList(node.initializer)
      )
        return factory.updateForInStatement(
          inner,
          target(node.initializer),
          inner.expression,
          inner.statement,
        );
      return inner;
    };
    return (file) => (constants.size ? ts.visitEachChild(file, visit, context) : file);
  };
}

const isAssignment = (kind: ts.SyntaxKind): boolean =>
  kind >= ts.SyntaxKind.FirstAssignment && kind <= ts.SyntaxKind.LastAssignment;

/** Without parentheses, casts and exclamation marks. */
function bare(node: ts.Expression): ts.Expression {
  const isWrapped =
    ts.isParenthesizedExpression(node) ||
    ts.isAssertionExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isSatisfiesExpression(node);
  return isWrapped ? bare(node.expression) : node;
}

/** Each as the operator that decides whether it writes. */
const LOGICAL = new Map<ts.SyntaxKind, ts.BinaryOperator>([
  [ts.SyntaxKind.BarBarEqualsToken, ts.SyntaxKind.BarBarToken],
  [ts.SyntaxKind.AmpersandAmpersandEqualsToken, ts.SyntaxKind.AmpersandAmpersandToken],
  [ts.SyntaxKind.QuestionQuestionEqualsToken, ts.SyntaxKind.QuestionQuestionToken],
]);

const isCount = (kind: ts.SyntaxKind): boolean =>
  kind === ts.SyntaxKind.PlusPlusToken || kind === ts.SyntaxKind.MinusMinusToken;

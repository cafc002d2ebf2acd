import { ts } from "ts-morph";

/** A JSON value as a TypeScript expression on one line. */
export function literalOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literalOf).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(
    // Without the brackets `__proto__` would set the object's prototype.
    ([key, inner]) => `${key === "__proto__" ? '["__proto__"]' : JSON.stringify(key)}: ${literalOf(inner)}`,
  );
  return `{ ${entries.join(", ")} }`;
}

/** The JSON value of an expression that is a literal through and through; undefined for any other. */
export function valueOf(node: ts.Expression): unknown {
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
    return valueOf(node.expression);
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (node.kind === ts.SyntaxKind.NullKeyword) return null;
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) {
    const positive = valueOf(node.operand);
    return typeof positive === "number" ? -positive : undefined;
  }
  if (ts.isArrayLiteralExpression(node)) {
    const values = node.elements.map(valueOf);
    return values.includes(undefined) ? undefined : values;
  }
  return ts.isObjectLiteralExpression(node) ? objectOf(node) : undefined;
}

function objectOf(node: ts.ObjectLiteralExpression): unknown {
  const entries: [string, unknown][] = [];
  for (const property of node.properties) {
    if (!ts.isPropertyAssignment(property) || ts.isComputedPropertyName(property.name)) return undefined;
    const value = valueOf(property.initializer);
    if (value === undefined || ts.isPrivateIdentifier(property.name)) return undefined;
    entries.push([property.name.text, value]);
  }
  return Object.fromEntries(entries);
}

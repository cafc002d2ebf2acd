import { ts } from "ts-morph";
import { kernelCall } from "./kernelCall.js";
import { mangle, unmangle } from "./mangle.js";

/**
 * `import d, { a as b } from "m"` as `let { default: d, a: b } = await __dnb.import("m", ["default", "a"])`. Nothing is elided: a later cell may use the name.
 * The second argument lists what this cell uses as values, so that a missing export is an error and an imported type is not.
 */
export function importStatements(
  factory: ts.NodeFactory,
  statement: ts.ImportDeclaration,
  used: ReadonlySet<string>,
): ts.Statement[] {
  const clause = statement.importClause;
  if (clause?.isTypeOnly) return [];
  const elements = clause ? importedElements(factory, clause) : [];
  const required = elements.flatMap(({ from, to }) => (used.has(unmangle(to.text)) ? [from] : []));
  const module = factory.createAwaitExpression(
    kernelCall(
      factory,
      "import",
      statement.moduleSpecifier,
      factory.createArrayLiteralExpression(required.map((name) => factory.createStringLiteral(name))),
    ),
  );
  const at = <T extends ts.Node>(node: T): T => ts.setTextRange(node, statement);
  const pattern = factory.createObjectBindingPattern(
    elements.map(({ from, to }) =>
      factory.createBindingElement(undefined, factory.createStringLiteral(from), to),
    ),
  );
  const bindings = clause?.namedBindings;
  if (bindings && ts.isNamespaceImport(bindings)) {
    const namespace = at(letStatement(factory, bindings.name, module));
    return elements.length ? [namespace, at(letStatement(factory, pattern, bindings.name))] : [namespace];
  }
  if (elements.length) return [at(letStatement(factory, pattern, module))];
  // `import { type A } from "m"` asks for nothing at run time; `import "m"` and `import {} from "m"` do.
  if (bindings && ts.isNamedImports(bindings) && bindings.elements.length) return [];
  return [at(factory.createExpressionStatement(module))];
}

interface ImportedElement {
  readonly from: string;
  readonly to: ts.Identifier;
}

function importedElements(factory: ts.NodeFactory, clause: ts.ImportClause): ImportedElement[] {
  const elements: ImportedElement[] = [];
  if (clause.name) elements.push({ from: "default", to: clause.name });
  if (clause.namedBindings && ts.isNamedImports(clause.namedBindings))
    for (const element of clause.namedBindings.elements)
      if (!element.isTypeOnly)
        elements.push({ from: (element.propertyName ?? element.name).text, to: element.name });
  return elements.map(({ from, to }) => ({
    from,
    to: ts.setTextRange(factory.createIdentifier(to.text), to),
  }));
}

/** `import x = require("m")` and `import x = N.inner`. */
export function importEquals(
  factory: ts.NodeFactory,
  statement: ts.ImportEqualsDeclaration,
): ts.Statement | undefined {
  if (statement.isTypeOnly) return undefined;
  const reference = statement.moduleReference;
  const value = ts.isExternalModuleReference(reference)
    ? factory.createCallExpression(factory.createIdentifier(mangle("require")), undefined, [
        reference.expression,
      ])
    : entityName(factory, reference);
  return ts.setTextRange(letStatement(factory, statement.name, value), statement);
}

const entityName = (factory: ts.NodeFactory, name: ts.EntityName): ts.Expression =>
  ts.isIdentifier(name)
    ? factory.createIdentifier(name.text)
    : factory.createPropertyAccessExpression(entityName(factory, name.left), name.right.text);

export function letStatement(
  factory: ts.NodeFactory,
  name: string | ts.BindingName,
  value: ts.Expression,
): ts.VariableStatement {
  const declaration = factory.createVariableDeclaration(name, undefined, undefined, value);
  const list = factory.createVariableDeclarationList([declaration], ts.NodeFlags.Let);
  return factory.createVariableStatement(undefined, list);
}

import { ts } from "ts-morph";
import { importEquals, importStatements, letStatement } from "./importStatements.js";
import { kernelCall } from "./kernelCall.js";
import { unmangle } from "./mangle.js";
import { hasModifier } from "./names.js";

const { SyntaxKind } = ts;

/**
 * Turns a module's statements into a script's, in the order in which a module would take effect: imports, then functions, then the rest.
 * Declarations become `let`s (V8's REPL mode lets a later cell declare them again), `export` falls away.
 */
export function liftStatements(used: ReadonlySet<string>): ts.TransformerFactory<ts.SourceFile> {
  return ({ factory }) =>
    (file) => {
      const imports: ts.Statement[] = [];
      const functions: ts.Statement[] = [];
      const body: ts.Statement[] = [];
      for (const statement of file.statements) {
        if (hasModifier(statement, SyntaxKind.DeclareKeyword)) continue;
        if (ts.isImportDeclaration(statement)) imports.push(...importStatements(factory, statement, used));
        else if (ts.isImportEqualsDeclaration(statement)) {
          const lifted = importEquals(factory, statement);
          if (lifted) (ts.isExternalModuleReference(statement.moduleReference) ? imports : body).push(lifted);
        } else if (ts.isExportDeclaration(statement)) {
          if (statement.moduleSpecifier && !statement.isTypeOnly)
            imports.push(
              factory.createExpressionStatement(
                factory.createAwaitExpression(kernelCall(factory, "import", statement.moduleSpecifier)),
              ),
            );
        } else if (ts.isFunctionDeclaration(statement)) {
          // Without a body: the signature of an overload.
          if (statement.body) functions.push(functionVariable(factory, statement, statement.body));
        } else body.push(...lifted(factory, statement));
      }
      return factory.updateSourceFile(file, [...imports, ...functions, ...body]);
    };
}

/** Anonymous, so that recursion finds the latest definition; the variable lends it its name. */
function functionVariable(
  factory: ts.NodeFactory,
  node: ts.FunctionDeclaration,
  block: ts.Block,
): ts.Statement {
  const name = node.name?.text ?? "_default";
  const original = unmangle(name);
  const expression = factory.createFunctionExpression(
    node.modifiers?.filter((modifier) => modifier.kind === SyntaxKind.AsyncKeyword),
    node.asteriskToken,
    original === name ? undefined : original,
    node.typeParameters,
    node.parameters,
    node.type,
    block,
  );
  return ts.setTextRange(letStatement(factory, name, ts.setTextRange(expression, node)), node);
}

function lifted(factory: ts.NodeFactory, node: ts.Statement): ts.Statement[] {
  if (ts.isExportAssignment(node))
    return [ts.setTextRange(factory.createExpressionStatement(node.expression), node)];
  if (ts.isVariableStatement(node)) {
    const { declarationList } = node;
    if (isUsing(declarationList))
      return declarationList.declarations.map((declaration) => {
        const resource = kernelCall(factory, "using", declaration.initializer ?? factory.createVoidZero());
        return ts.setTextRange(letStatement(factory, declaration.name, resource), node);
      });
    // V8 refuses to declare a `const` again as anything else (`guardConstants` watches over them).
    const variables = factory.createVariableDeclarationList(declarationList.declarations, ts.NodeFlags.Let);
    return [factory.updateVariableStatement(node, withoutExport(node), variables)];
  }
  if (ts.isClassDeclaration(node))
    return [
      factory.updateClassDeclaration(
        node,
        withoutExport(node),
        node.name ?? factory.createIdentifier("_default"),
        node.typeParameters,
        node.heritageClauses,
        node.members,
      ),
    ];
  if (ts.isEnumDeclaration(node)) {
    // A const enum has no object that a later cell could read.
    const modifiers = withoutExport(node)?.filter((modifier) => modifier.kind !== SyntaxKind.ConstKeyword);
    return [factory.updateEnumDeclaration(node, modifiers, node.name, node.members)];
  }
  if (ts.isModuleDeclaration(node))
    return [factory.updateModuleDeclaration(node, withoutExport(node), node.name, node.body)];
  return [node];
}

const isUsing = (list: ts.VariableDeclarationList): boolean => {
  const kind = list.flags & ts.NodeFlags.BlockScoped;
  return kind === ts.NodeFlags.Using || kind === ts.NodeFlags.AwaitUsing;
};

function withoutExport<T extends ts.Node>(
  node: T & { readonly modifiers?: ts.NodeArray<ts.ModifierLike> },
): ts.Modifier[] | undefined {
  return node.modifiers?.filter(
    (modifier) => modifier.kind !== SyntaxKind.ExportKeyword && modifier.kind !== SyntaxKind.DefaultKeyword,
  ) as ts.Modifier[] | undefined;
}

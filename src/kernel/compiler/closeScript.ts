import { ts } from "ts-morph";
import { letStatement } from "./importStatements.js";
import { kernelCall } from "./kernelCall.js";

/**
 * After the compiler's own passes: enums and namespaces come out as `var`, which a script would put on the global object; `export {}` and the
 * import of what makes elements of JSX are no script.
 */
export const closeScript: ts.TransformerFactory<ts.SourceFile> = ({ factory }) => {
  return (file) => {
    const declared = new Set(file.statements.flatMap(lexicalNames));
    return factory.updateSourceFile(
      file,
      file.statements.flatMap((statement) => {
        if (ts.isExportDeclaration(statement)) return [];
        if (ts.isImportDeclaration(statement)) return [runtime(factory, statement)];
        if (!ts.isVariableStatement(statement)) return [statement];
        const list = statement.declarationList;
        if (list.flags & ts.NodeFlags.BlockScoped) return [statement];
        // A namespace that merges with a function or a class extends what is there already.
        const own = list.declarations.filter(
          ({ name }) => !ts.isIdentifier(name) || !declared.has(name.text),
        );
        if (!own.length) return [];
        const variables = factory.createVariableDeclarationList(own, ts.NodeFlags.Let);
        return [factory.updateVariableStatement(statement, statement.modifiers, variables)];
      }),
    );
  };
};

/** `import { jsx as _jsx } from "react/jsx-runtime"`, the only import that is left: its names are the compiler's, which must stay as they are. */
function runtime(
  factory: ts.NodeFactory,
  { importClause, moduleSpecifier }: ts.ImportDeclaration,
): ts.Statement {
  const bindings = importClause?.namedBindings;
  const elements = bindings && ts.isNamedImports(bindings) ? bindings.elements : [];
  const pattern = factory.createObjectBindingPattern(
    elements.map(({ propertyName, name }) => {
      const from = propertyName && ts.isIdentifier(propertyName) ? propertyName : undefined;
      return factory.createBindingElement(undefined, from, name);
    }),
  );
  return letStatement(
    factory,
    pattern,
    factory.createAwaitExpression(kernelCall(factory, "import", moduleSpecifier)),
  );
}

/** What a statement declares at the top as `let`, `const` or class. */
function lexicalNames(statement: ts.Statement): string[] {
  if (ts.isClassDeclaration(statement)) return statement.name ? [statement.name.text] : [];
  if (!ts.isVariableStatement(statement)) return [];
  const { flags, declarations } = statement.declarationList;
  if (!(flags & ts.NodeFlags.BlockScoped)) return [];
  return declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
}

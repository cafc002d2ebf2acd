import { ts } from "ts-morph";

/** After the compiler's own passes: enums and namespaces come out as `var`, which a script would put on the global object; `export {}` is no script. */
export const closeScript: ts.TransformerFactory<ts.SourceFile> = ({ factory }) => {
  return (file) =>
    factory.updateSourceFile(
      file,
      file.statements.flatMap((statement) => {
        if (ts.isExportDeclaration(statement)) return [];
        if (!ts.isVariableStatement(statement)) return [statement];
        const list = statement.declarationList;
        if (list.flags & ts.NodeFlags.BlockScoped) return [statement];
        const variables = factory.createVariableDeclarationList(list.declarations, ts.NodeFlags.Let);
        return [factory.updateVariableStatement(statement, statement.modifiers, variables)];
      }),
    );
};

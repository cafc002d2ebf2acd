import { ts } from "ts-morph";
import { kernelCall } from "./kernelCall.js";

/** The last expression of a cell is shown; a promise is shown as a promise, `void value` hides it. */
export const displayLast: ts.TransformerFactory<ts.SourceFile> = ({ factory }) => {
  const shown = (expression: ts.Expression, statement: ts.Statement): ts.Statement => {
    const call = ts.setTextRange(kernelCall(factory, "display", expression), expression);
    return ts.setTextRange(factory.createExpressionStatement(call), statement);
  };
  return (file) => {
    const statements = [...file.statements];
    let index = statements.length - 1;
    while (index >= 0 && ts.isEmptyStatement(statements[index] as ts.Statement)) index--;
    const last = statements[index];
    if (last && (ts.isExpressionStatement(last) || ts.isExportAssignment(last)))
      statements[index] = shown(last.expression, last);
    return factory.updateSourceFile(file, statements);
  };
};

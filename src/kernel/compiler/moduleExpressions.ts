import { ts } from "ts-morph";
import { kernelCall } from "./kernelCall.js";

/** A script has neither `import()` nor `import.meta`: both become the kernel's own. */
export const moduleExpressions: ts.TransformerFactory<ts.SourceFile> = (context) => {
  const { factory } = context;
  const visit = (node: ts.Node): ts.Node => {
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const args = node.arguments.map((argument) => ts.visitNode(argument, visit) as ts.Expression);
      return ts.setTextRange(kernelCall(factory, "import", ...args.slice(0, 1)), node);
    }
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword)
      return factory.createPropertyAccessExpression(factory.createIdentifier("__dnb"), "meta");
    return ts.visitEachChild(node, visit, context);
  };
  return (file) => ts.visitEachChild(file, visit, context);
};

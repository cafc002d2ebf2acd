import { ts } from "ts-morph";
import { kernelCall } from "./kernelCall.js";

/** Every loop body begins with `__dnb.tick()`, where Interrupt becomes an exception: the only way to stop a loop and keep the variables. */
export const guardLoops: ts.TransformerFactory<ts.SourceFile> = (context) => {
  const { factory } = context;
  const guarded = (body: ts.Statement): ts.Statement => {
    const tick = factory.createExpressionStatement(kernelCall(factory, "tick"));
    return factory.createBlock([tick, ...(ts.isBlock(body) ? body.statements : [body])], true);
  };
  const visit = (node: ts.Node): ts.Node => {
    const inner = ts.visitEachChild(node, visit, context);
    if (ts.isWhileStatement(inner))
      return factory.updateWhileStatement(inner, inner.expression, guarded(inner.statement));
    if (ts.isDoStatement(inner))
      return factory.updateDoStatement(inner, guarded(inner.statement), inner.expression);
    if (ts.isForStatement(inner))
      return factory.updateForStatement(
        inner,
        inner.initializer,
        inner.condition,
        inner.incrementor,
        guarded(inner.statement),
      );
    if (ts.isForOfStatement(inner))
      return factory.updateForOfStatement(
        inner,
        inner.awaitModifier,
        inner.initializer,
        inner.expression,
        guarded(inner.statement),
      );
    if (ts.isForInStatement(inner))
      return factory.updateForInStatement(
        inner,
        inner.initializer,
        inner.expression,
        guarded(inner.statement),
      );
    return inner;
  };
  return (file) => ts.visitEachChild(file, visit, context);
};

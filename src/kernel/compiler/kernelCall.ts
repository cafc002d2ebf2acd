import type { ts } from "ts-morph";

/** What compiled cells call on the global `__dnb`; the cells worker implements it (`KernelGlobal`). */
export type KernelFunction = "tick" | "import" | "display" | "using";

/** `__dnb.name(...args)` */
export function kernelCall(
  factory: ts.NodeFactory,
  name: KernelFunction,
  ...args: ts.Expression[]
): ts.CallExpression {
  const callee = factory.createPropertyAccessExpression(factory.createIdentifier("__dnb"), name);
  return factory.createCallExpression(callee, undefined, args);
}

import { ts } from "ts-morph";

/** What every element of JSX has at its end. */
const END_OF_ELEMENT = /<\/|\/>/;

/**
 * How a cell is read: as TSX where that makes more sense of it. Not always, for `<T>value` and `<T>(x: T) => x` mean something else there.
 */
export function dialect(source: string): ts.ScriptKind.TS | ts.ScriptKind.TSX {
  if (!END_OF_ELEMENT.test(source)) return ts.ScriptKind.TS;
  const errors = errorsIn(source, ts.ScriptKind.TS);
  return errors > 0 && errorsIn(source, ts.ScriptKind.TSX) < errors ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
}

/** From the parser's own list, which the types of TypeScript leave out. */
function errorsIn(source: string, kind: ts.ScriptKind): number {
  const file = ts.createSourceFile("/cell.tsx", source, ts.ScriptTarget.Latest, false, kind);
  return (file as { parseDiagnostics?: readonly unknown[] }).parseDiagnostics?.length ?? 0;
}

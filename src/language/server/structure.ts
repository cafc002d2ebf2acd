import { FoldingRangeKind, SymbolKind } from "vscode-languageserver";
import type { DocumentSymbol, FoldingRange, Position, SelectionRange } from "vscode-languageserver";
import { ts } from "ts-morph";
import type { OpenNotebook } from "./openNotebook.js";

const FOLDING: Readonly<Partial<Record<ts.OutliningSpanKind, FoldingRangeKind>>> = {
  [ts.OutliningSpanKind.Comment]: FoldingRangeKind.Comment,
  [ts.OutliningSpanKind.Imports]: FoldingRangeKind.Imports,
  [ts.OutliningSpanKind.Region]: FoldingRangeKind.Region,
};

/** What can be folded: of a cell whole lines, the line that closes a block staying in sight. */
export function foldingRanges(notebook: OpenNotebook, key: string): FoldingRange[] {
  const { file, text } = notebook.project.cell(key);
  return notebook.project.service.getOutliningSpans(file).flatMap(({ textSpan, kind }) => {
    const end = textSpan.start + textSpan.length;
    if (end > text.length) return [];
    const range = notebook.range(key, textSpan);
    const closes = /[}\])`]/.test(text[end - 1] ?? "");
    const endLine = range.end.line - (closes ? 1 : 0);
    if (endLine <= range.start.line) return [];
    const sort = FOLDING[kind];
    return [{ startLine: range.start.line, endLine, ...(sort && { kind: sort }) }];
  });
}

/** From the word to the whole cell. */
export function selectionRange(notebook: OpenNotebook, key: string, position: Position): SelectionRange {
  const { file, text } = notebook.project.cell(key);
  const convert = ({ textSpan, parent }: ts.SelectionRange): SelectionRange => {
    const length = Math.min(textSpan.length, text.length - textSpan.start);
    return {
      range: notebook.range(key, { start: textSpan.start, length }),
      ...(parent && { parent: convert(parent) }),
    };
  };
  return convert(notebook.project.service.getSmartSelectionRange(file, notebook.offset(key, position)));
}

const kinds = ts.ScriptElementKind;
const SYMBOLS: ReadonlyMap<ts.ScriptElementKind, SymbolKind> = new Map([
  [kinds.moduleElement, SymbolKind.Module],
  [kinds.classElement, SymbolKind.Class],
  [kinds.enumElement, SymbolKind.Enum],
  [kinds.enumMemberElement, SymbolKind.EnumMember],
  [kinds.interfaceElement, SymbolKind.Interface],
  [kinds.typeElement, SymbolKind.Interface],
  [kinds.functionElement, SymbolKind.Function],
  [kinds.memberFunctionElement, SymbolKind.Method],
  [kinds.memberVariableElement, SymbolKind.Property],
  [kinds.memberGetAccessorElement, SymbolKind.Property],
  [kinds.memberSetAccessorElement, SymbolKind.Property],
  [kinds.constructorImplementationElement, SymbolKind.Constructor],
  [kinds.constElement, SymbolKind.Constant],
]);

/** What a cell declares, for the outline. */
export function symbols(notebook: OpenNotebook, key: string): DocumentSymbol[] {
  const { file, text } = notebook.project.cell(key);
  const convert = (item: ts.NavigationTree): DocumentSymbol[] => {
    const [span] = item.spans;
    if (
      !span ||
      span.start + span.length > text.length ||
      item.kind === kinds.alias ||
      item.text === "<function>"
    )
      return [];
    const range = notebook.range(key, span);
    return [
      {
        name: item.text,
        kind: SYMBOLS.get(item.kind) ?? SymbolKind.Variable,
        range,
        selectionRange: item.nameSpan ? notebook.range(key, item.nameSpan) : range,
        children: (item.childItems ?? []).flatMap(convert),
      },
    ];
  };
  return (notebook.project.service.getNavigationTree(file).childItems ?? []).flatMap(convert);
}

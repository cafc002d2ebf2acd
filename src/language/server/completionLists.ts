import { CompletionItemKind, CompletionItemTag, MarkupKind } from "vscode-languageserver";
import type { CompletionItem, CompletionList, Position } from "vscode-languageserver";
import { ts } from "ts-morph";
import { complete, completionDetails, type CompletionEntry } from "../notebook/complete.js";
import type { OpenNotebook } from "./openNotebook.js";

const kinds = ts.ScriptElementKind;
const KINDS: ReadonlyMap<ts.ScriptElementKind, CompletionItemKind> = new Map([
  [kinds.primitiveType, CompletionItemKind.Keyword],
  [kinds.keyword, CompletionItemKind.Keyword],
  [kinds.constElement, CompletionItemKind.Constant],
  [kinds.letElement, CompletionItemKind.Variable],
  [kinds.variableElement, CompletionItemKind.Variable],
  [kinds.localVariableElement, CompletionItemKind.Variable],
  [kinds.parameterElement, CompletionItemKind.Variable],
  [kinds.alias, CompletionItemKind.Variable],
  [kinds.memberVariableElement, CompletionItemKind.Field],
  [kinds.memberGetAccessorElement, CompletionItemKind.Field],
  [kinds.memberSetAccessorElement, CompletionItemKind.Field],
  [kinds.functionElement, CompletionItemKind.Function],
  [kinds.localFunctionElement, CompletionItemKind.Function],
  [kinds.memberFunctionElement, CompletionItemKind.Method],
  [kinds.constructSignatureElement, CompletionItemKind.Method],
  [kinds.callSignatureElement, CompletionItemKind.Method],
  [kinds.enumElement, CompletionItemKind.Enum],
  [kinds.enumMemberElement, CompletionItemKind.EnumMember],
  [kinds.moduleElement, CompletionItemKind.Module],
  [kinds.externalModuleName, CompletionItemKind.Module],
  [kinds.classElement, CompletionItemKind.Class],
  [kinds.localClassElement, CompletionItemKind.Class],
  [kinds.typeElement, CompletionItemKind.Interface],
  [kinds.interfaceElement, CompletionItemKind.Interface],
  [kinds.typeParameterElement, CompletionItemKind.TypeParameter],
  [kinds.warning, CompletionItemKind.Text],
  [kinds.scriptElement, CompletionItemKind.File],
  [kinds.directory, CompletionItemKind.Folder],
  [kinds.string, CompletionItemKind.Constant],
]);

interface Shown {
  readonly id: number;
  readonly notebook: OpenNotebook;
  readonly key: string;
  readonly offset: number;
  readonly entries: readonly CompletionEntry[];
}

/** Lists of completions, and the details of the last one's items, which are worked out when somebody looks at them. */
export class CompletionLists {
  #shown: Shown | undefined;

  provide(notebook: OpenNotebook, key: string, position: Position, trigger?: string): CompletionList | null {
    const offset = notebook.offset(key, position);
    const found = complete(notebook.project, key, offset, trigger);
    if (!found) return null;
    const id = (this.#shown?.id ?? 0) + 1;
    this.#shown = { id, notebook, key, offset, entries: found.entries };
    const items = found.entries.map((entry, index) => this.#item(entry, { list: id, index }));
    return {
      isIncomplete: found.incomplete,
      items,
      ...(found.span && { itemDefaults: { editRange: notebook.range(key, found.span) } }),
    };
  }

  resolve(item: CompletionItem): CompletionItem {
    const { list, index } = (item.data ?? {}) as { list?: number; index?: number };
    if (!this.#shown || list !== this.#shown.id || index === undefined) return item;
    const { notebook, key, offset, entries } = this.#shown;
    const entry = entries[index]?.entry;
    if (!entry) return item;
    const details = completionDetails(notebook.project, key, offset, entry);
    if (!details) return item;
    const uri = notebook.document(key).uri;
    return {
      ...item,
      detail: details.code,
      documentation: { kind: MarkupKind.Markdown, value: details.documentation },
      ...(details.edits.length && { additionalTextEdits: notebook.changes(details.edits)[uri] ?? [] }),
    };
  }

  #item({ name, kind, entry }: CompletionEntry, data: { list: number; index: number }): CompletionItem {
    const { notebook, key } = this.#shown as Shown;
    const { replacementSpan, insertText, labelDetails, sourceDisplay, filterText } = entry;
    const modifiers = new Set(entry.kindModifiers?.split(","));
    const description =
      labelDetails?.description ?? (sourceDisplay && ts.displayPartsToString(sourceDisplay));
    return {
      label: modifiers.has("optional") ? `${name}?` : name,
      kind: KINDS.get(kind) ?? CompletionItemKind.Property,
      sortText: entry.sortText,
      data,
      ...(modifiers.has("optional") && { insertText: name, filterText: name }),
      ...(insertText !== undefined && { insertText }),
      ...(filterText !== undefined && { filterText }),
      ...(modifiers.has("deprecated") && { tags: [CompletionItemTag.Deprecated] }),
      ...(entry.isRecommended && { preselect: true }),
      ...((description !== undefined || labelDetails?.detail !== undefined) && {
        labelDetails: {
          ...(labelDetails?.detail !== undefined && { detail: labelDetails.detail }),
          ...(description !== undefined && { description }),
        },
      }),
      ...(replacementSpan && {
        textEdit: { range: notebook.range(key, replacementSpan), newText: insertText ?? name },
      }),
    };
  }
}

import { InlayHintKind, MarkupKind } from "vscode-languageserver";
import type { Hover, InlayHint, Position, Range, SignatureHelp } from "vscode-languageserver";
import { ts } from "ts-morph";
import { describe, documentation } from "../notebook/describe.js";
import type { OpenNotebook } from "./openNotebook.js";

export function hoverAt(notebook: OpenNotebook, key: string, position: Position): Hover | null {
  const found = describe(notebook.project, key, notebook.offset(key, position));
  if (!found) return null;
  const value = `\`\`\`typescript\n${found.code}\n\`\`\`\n${found.documentation && `\n${found.documentation}`}`;
  return { contents: { kind: MarkupKind.Markdown, value }, range: notebook.range(key, found.span) };
}

export function signatureAt(notebook: OpenNotebook, key: string, position: Position): SignatureHelp | null {
  const { service } = notebook.project;
  const offset = notebook.offset(key, position);
  const help = service.getSignatureHelpItems(notebook.project.cell(key).file, offset, undefined);
  if (!help) return null;
  const text = (parts: readonly ts.SymbolDisplayPart[]): string => ts.displayPartsToString([...parts]);
  return {
    activeSignature: help.selectedItemIndex,
    activeParameter: help.argumentIndex,
    signatures: help.items.map((item) => {
      let label = text(item.prefixDisplayParts);
      const parameters = item.parameters.map((parameter, index) => {
        if (index) label += text(item.separatorDisplayParts);
        const start = label.length;
        label += text(parameter.displayParts);
        const value = documentation(parameter.documentation);
        return {
          label: [start, label.length] as [number, number],
          documentation: { kind: MarkupKind.Markdown, value },
        };
      });
      label += text(item.suffixDisplayParts);
      const tags = item.tags.filter(({ name }) => name !== "param");
      const value = documentation(item.documentation, tags);
      return { label, parameters, documentation: { kind: MarkupKind.Markdown, value } };
    }),
  };
}

/** Which names of parameters stand before arguments. */
export type InlayHints = "off" | "literals" | "all";

export function inlayHintsIn(
  notebook: OpenNotebook,
  key: string,
  range: Range,
  which: InlayHints,
): InlayHint[] {
  if (which === "off") return [];
  const { service } = notebook.project;
  const start = notebook.offset(key, range.start);
  const span = { start, length: notebook.offset(key, range.end) - start };
  const { file, text } = notebook.project.cell(key);
  const found = service.provideInlayHints(file, span, {
    includeInlayParameterNameHints: which,
    includeInlayParameterNameHintsWhenArgumentMatchesName: false,
    includeInlayFunctionParameterTypeHints: which === "all",
    includeInlayVariableTypeHints: which === "all",
    includeInlayVariableTypeHintsWhenTypeMatchesName: false,
    includeInlayFunctionLikeReturnTypeHints: which === "all",
    includeInlayPropertyDeclarationTypeHints: which === "all",
    includeInlayEnumMemberValueHints: which === "all",
  });
  return found
    .filter((hint) => hint.position <= text.length)
    .map((hint) => ({
      position: notebook.document(key).positionAt(hint.position),
      label: hint.displayParts?.map((part) => part.text).join("") ?? hint.text,
      ...(hint.kind === ts.InlayHintKind.Parameter && { kind: InlayHintKind.Parameter }),
      ...(hint.kind === ts.InlayHintKind.Type && { kind: InlayHintKind.Type }),
      paddingLeft: !!hint.whitespaceBefore,
      paddingRight: !!hint.whitespaceAfter,
    }));
}

import { SemanticTokensBuilder, type SemanticTokens, type SemanticTokensLegend } from "vscode-languageserver";
import { ts } from "ts-morph";
import type { OpenNotebook } from "./openNotebook.js";

/** In the order of TypeScript's own numbers. */
export const LEGEND: SemanticTokensLegend = {
  tokenTypes: [
    "class",
    "enum",
    "interface",
    "namespace",
    "typeParameter",
    "type",
    "parameter",
    "variable",
    "enumMember",
    "property",
    "function",
    "method",
  ],
  tokenModifiers: ["declaration", "static", "async", "readonly", "defaultLibrary", "local"],
};

/** TypeScript puts the type, from 1, above the modifiers, which are a set of bits. */
const TYPE_SHIFT = 8;
const MODIFIERS = 255;

export function semanticTokens(notebook: OpenNotebook, key: string): SemanticTokens {
  const { file, text } = notebook.project.cell(key);
  const { spans } = notebook.project.service.getEncodedSemanticClassifications(
    file,
    { start: 0, length: text.length },
    ts.SemanticClassificationFormat.TwentyTwenty,
  );
  const tokens: [start: number, length: number, encoded: number][] = [];
  for (let i = 0; i + 2 < spans.length; i += 3) {
    const [start = 0, length = 0, encoded = 0] = spans.slice(i, i + 3);
    if (start + length <= text.length) tokens.push([start, length, encoded]);
  }
  const builder = new SemanticTokensBuilder();
  const document = notebook.document(key);
  for (const [start, length, encoded] of tokens.sort(([a], [b]) => a - b)) {
    const { line, character } = document.positionAt(start);
    builder.push(line, character, length, (encoded >> TYPE_SHIFT) - 1, encoded & MODIFIERS);
  }
  return builder.build();
}

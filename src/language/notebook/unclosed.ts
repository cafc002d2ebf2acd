import { ts } from "ts-morph";

/** A bracket, template or comment that a cell opens and does not close. */
export interface Unclosed {
  /** Of what opens it, in the text. */
  readonly start: number;
  /** What would close it. */
  readonly closer: string;
}

const CLOSERS = new Map<ts.SyntaxKind, string>([
  [ts.SyntaxKind.OpenBraceToken, "}"],
  [ts.SyntaxKind.OpenParenToken, ")"],
  [ts.SyntaxKind.OpenBracketToken, "]"],
  [ts.SyntaxKind.TemplateHead, "}`"],
]);

/** After these a slash divides; elsewhere it opens a regular expression. */
const ENDS_OF_VALUES = new Set([
  ts.SyntaxKind.Identifier,
  ts.SyntaxKind.NumericLiteral,
  ts.SyntaxKind.BigIntLiteral,
  ts.SyntaxKind.StringLiteral,
  ts.SyntaxKind.RegularExpressionLiteral,
  ts.SyntaxKind.NoSubstitutionTemplateLiteral,
  ts.SyntaxKind.TemplateTail,
  ts.SyntaxKind.CloseParenToken,
  ts.SyntaxKind.CloseBracketToken,
  ts.SyntaxKind.CloseBraceToken,
  ts.SyntaxKind.ThisKeyword,
]);

/** From the outermost to the innermost. Nothing for a text in which a bracket closes what another one has opened. */
export function unclosed(text: string): Unclosed[] {
  const open: Unclosed[] = [];
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, text);
  let before = ts.SyntaxKind.Unknown;
  for (;;) {
    let token = scanner.scan();
    if (token === ts.SyntaxKind.EndOfFileToken) return open;
    const inTemplate = open.at(-1)?.closer === "}`";
    if (token === ts.SyntaxKind.SlashToken && !ENDS_OF_VALUES.has(before)) token = scanner.reScanSlashToken();
    if (token === ts.SyntaxKind.CloseBraceToken && inTemplate) token = scanner.reScanTemplateToken(false);
    const start = scanner.getTokenStart();
    const closer = CLOSERS.get(token);
    if (closer) open.push({ start, closer });
    else if (token === ts.SyntaxKind.TemplateTail) open.pop();
    else if (
      token === ts.SyntaxKind.CloseBraceToken ||
      token === ts.SyntaxKind.CloseParenToken ||
      token === ts.SyntaxKind.CloseBracketToken
    ) {
      if (open.pop()?.closer !== scanner.getTokenText()) return [];
    }
    if (scanner.isUnterminated()) {
      if (token === ts.SyntaxKind.MultiLineCommentTrivia) open.push({ start, closer: "*/" });
      else if (token === ts.SyntaxKind.NoSubstitutionTemplateLiteral || token === ts.SyntaxKind.TemplateTail)
        open.push({ start, closer: "`" });
    }
    if (token > ts.SyntaxKind.LastTriviaToken) before = token;
  }
}

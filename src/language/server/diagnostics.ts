import { DiagnosticSeverity, DiagnosticTag, type Diagnostic } from "vscode-languageserver";
import { ts } from "ts-morph";
import { diagnose } from "../notebook/diagnose.js";
import type { OpenNotebook } from "./openNotebook.js";

const SEVERITIES: Readonly<Record<ts.DiagnosticCategory, DiagnosticSeverity>> = {
  [ts.DiagnosticCategory.Error]: DiagnosticSeverity.Error,
  [ts.DiagnosticCategory.Warning]: DiagnosticSeverity.Warning,
  [ts.DiagnosticCategory.Suggestion]: DiagnosticSeverity.Hint,
  [ts.DiagnosticCategory.Message]: DiagnosticSeverity.Information,
};

/** What is wrong with one cell. */
export function diagnostics(notebook: OpenNotebook, key: string): Diagnostic[] {
  return diagnose(notebook.project, key).map((found) => ({
    range: notebook.range(key, found),
    severity: SEVERITIES[found.category],
    code: found.code,
    source: "ts",
    message: found.message,
    tags: [
      ...(found.unnecessary ? [DiagnosticTag.Unnecessary] : []),
      ...(found.deprecated ? [DiagnosticTag.Deprecated] : []),
    ],
    relatedInformation: found.related.flatMap(({ file, span, message }) => {
      const location = notebook.location({ file, span });
      return location ? [{ location, message }] : [];
    }),
  }));
}

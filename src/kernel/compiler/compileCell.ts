import { ts } from "ts-morph";
import { dialect } from "./dialect.js";
import { displayLast } from "./displayLast.js";
import { closeScript } from "./closeScript.js";
import { guardConstants } from "./guardConstants.js";
import { guardLoops } from "./guardLoops.js";
import { hoistVariables } from "./hoistVariables.js";
import { liftStatements } from "./liftStatements.js";
import { mangleNames } from "./mangleNames.js";
import { moduleExpressions } from "./moduleExpressions.js";
import { mangle, MODULE_NAMES } from "./mangle.js";
import { declaredConstants, declaredNames } from "./names.js";
import type { NotebookNames } from "./notebookNames.js";
import { freeReferences, valueReferences } from "./references.js";

export interface CellSource {
  readonly source: string;
  /** Names that must not be bound in the realm. */
  readonly realm: ReadonlySet<string>;
  readonly names: NotebookNames;
}

export type CompiledCell =
  | {
      readonly ok: true;
      /** A script for V8's REPL mode; its first line is the strict directive. */
      readonly code: string;
      /** Source map (JSON) of `code`. */
      readonly map: string;
      /** What it declares for other cells, and takes from them or from the realm. */
      readonly defines: readonly string[];
      readonly uses: readonly string[];
      /** From this cell on. */
      readonly names: NotebookNames;
      /** What this cell declares beside imports, as the script calls it (see `mangle`). */
      readonly declared: readonly string[];
    }
  | { readonly ok: false; readonly error: SyntaxFailure };

/** From 1, in the cell's own source. */
export interface SyntaxFailure {
  readonly message: string;
  readonly line: number;
  readonly column: number;
}

/** TypeScript of a cell to JavaScript that V8's REPL mode runs, with the meaning that a module's author expects. */
export function compileCell({ source, realm, names }: CellSource): CompiledCell {
  let next = names;
  let declared: readonly string[] = [];
  let defines: ReadonlySet<string> = new Set();
  let uses: ReadonlySet<string> = new Set();
  const prepare: ts.TransformerFactory<ts.SourceFile> = (context) => (file) => {
    next = namesAfter(names, file, realm);
    const mangled = new Set(next.mangled);
    declared = [...declaredNames(file, { imports: false })].map((name) =>
      mangled.has(name) ? mangle(name) : name,
    );
    defines = declaredNames(file);
    uses = freeReferences(file, defines);
    const passes = [
      guardConstants(new Set(next.constants)),
      mangleNames(new Set([...next.mangled, ...MODULE_NAMES])),
      moduleExpressions,
      displayLast,
      guardLoops,
      hoistVariables,
      liftStatements(valueReferences(file)),
    ];
    return passes.reduce((current, pass) => pass(context)(current), file);
  };
  // A hashbang is allowed in the first line of a file only, and the directive comes before it.
  const text = source.replace(/^#!/, "//");
  const output = ts.transpileModule(text, {
    fileName: dialect(text) === ts.ScriptKind.TSX ? "cell.tsx" : "cell.ts",
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      jsx: ts.JsxEmit.ReactJSX,
      sourceMap: true,
      inlineSources: true,
      newLine: ts.NewLineKind.LineFeed,
    },
    transformers: { before: [prepare], after: [closeScript] },
  });
  const failure = syntaxFailure(output.diagnostics);
  if (failure) return { ok: false, error: failure };
  return {
    ok: true,
    code: `"use strict";\n${output.outputText.replace(/\n?\/\/# sourceMappingURL=[^\n]*\s*$/, "\n")}`,
    map: shiftedMap(output.sourceMapText ?? "{}"),
    defines: [...defines],
    uses: [...uses],
    names: next,
    declared,
  };
}

function namesAfter(before: NotebookNames, file: ts.SourceFile, realm: ReadonlySet<string>): NotebookNames {
  const declared = declaredNames(file);
  const mangled = [...declared].filter((name) => realm.has(name));
  const constants = before.constants.filter((name) => !declared.has(name));
  return {
    mangled: [...new Set([...before.mangled, ...mangled])],
    constants: [...constants, ...declaredConstants(file)],
  };
}

/** The first diagnostic that has a place in the text; others are about compiler options. */
export function syntaxFailure(diagnostics: readonly ts.Diagnostic[] | undefined): SyntaxFailure | undefined {
  for (const { file, start, messageText } of diagnostics ?? []) {
    if (!file || start === undefined) continue;
    const { line, character } = file.getLineAndCharacterOfPosition(start);
    const message = ts.flattenDiagnosticMessageText(messageText, " ");
    return { message, line: line + 1, column: character + 1 };
  }
  return undefined;
}

/** One generated line more at the top, for the strict directive. */
function shiftedMap(text: string): string {
  const map = JSON.parse(text) as { mappings?: string };
  return JSON.stringify({ ...map, mappings: `;${map.mappings ?? ""}` });
}

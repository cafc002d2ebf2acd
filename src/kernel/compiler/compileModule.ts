import { ts } from "ts-morph";
import { syntaxFailure, type SyntaxFailure } from "./compileCell.js";
import { guardLoops } from "./guardLoops.js";

export type CompiledModule =
  | {
      readonly ok: true;
      readonly code: string;
      readonly map: string;
      /** It imports or exports, and so is no CommonJS. */
      readonly isModule: boolean;
    }
  | { readonly ok: false; readonly error: SyntaxFailure };

/** A file of the workspace as an ES module, or as a CommonJS one for `require`. Its loops get the guard too, so that Interrupt reaches them. */
export function compileModule(source: string, fileName: string, kind: "esm" | "cjs" = "esm"): CompiledModule {
  let isModule = false;
  const note: ts.TransformerFactory<ts.SourceFile> = () => (file) => {
    isModule = ts.isExternalModule(file);
    return file;
  };
  const output = ts.transpileModule(source, {
    fileName,
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: kind === "esm" ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS,
      esModuleInterop: true,
      jsx: ts.JsxEmit.ReactJSX,
      allowJs: true,
      sourceMap: true,
      inlineSources: true,
    },
    transformers: { before: [note, guardLoops] },
  });
  const failure = syntaxFailure(output.diagnostics);
  if (failure) return { ok: false, error: failure };
  return {
    ok: true,
    code: output.outputText.replace(/\n?\/\/# sourceMappingURL=[^\n]*\s*$/, "\n"),
    map: output.sourceMapText ?? "{}",
    isModule,
  };
}

import { join } from "node:path";
import { ts } from "ts-morph";
import type { TypeFiles } from "./typeFiles.js";

/** What a folder's tsconfig.json may say about cells: how strictly they are checked. The kernel resolves modules as Node does. */
const STRICTNESS = [
  "strict",
  "noImplicitAny",
  "noImplicitThis",
  "strictBindCallApply",
  "strictFunctionTypes",
  "strictNullChecks",
  "strictPropertyInitialization",
  "useUnknownInCatchVariables",
] as const;

/** For the cells of a notebook in `directory`: modules as Node loads them, no browser, nothing written. */
export function compilerOptions(directory: string, types: TypeFiles): ts.CompilerOptions {
  return {
    // What Node 20 runs as it is; the kernel compiles away what it does not.
    target: ts.ScriptTarget.ES2024,
    jsx: ts.JsxEmit.ReactJSX,
    module: ts.ModuleKind.Preserve,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    moduleDetection: ts.ModuleDetectionKind.Force,
    customConditions: ["node"],
    lib: ["lib.esnext.d.ts"],
    types: [],
    // The kernel has Observable Plot itself, and gives it to cells whatever is installed.
    paths: { "@observablehq/plot": [join(types.modules, "@observablehq/plot").replaceAll("\\", "/")] },
    allowImportingTsExtensions: true,
    allowJs: true,
    resolveJsonModule: true,
    skipLibCheck: true,
    noEmit: true,
    strict: true,
    ...strictness(directory),
  };
}

function strictness(directory: string): ts.CompilerOptions {
  const path = ts.findConfigFile(directory, (file) => ts.sys.fileExists(file));
  if (!path) return {};
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file)) as { config?: unknown };
  // Only the options are of interest, so no file is looked for.
  const host = { ...ts.sys, readDirectory: () => [] };
  const { options } = ts.parseJsonConfigFileContent(config ?? {}, host, path.replace(/[\\/][^\\/]*$/, ""));
  return Object.fromEntries(
    STRICTNESS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
}

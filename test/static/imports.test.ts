import { isBuiltin } from "node:module";
import { relative, resolve } from "node:path";
import { type ImportTypeNode, Node, Project, type SourceFile, SyntaxKind } from "ts-morph";
import { describe, expect, test } from "vitest";
import { type Import, objection } from "./importRule.js";

const project = new Project({ skipAddingFilesFromTsConfig: true, compilerOptions: { allowJs: true } });
const files = project.addSourceFilesAtPaths(["src/**/*.ts", "webview/**/*.ts"]);

describe("the import rule", () => {
  test("every import of src and webview is one that the table allows", () => {
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap(importsOf).flatMap((one) => objection(one) ?? [])).toEqual([]);
  });

  test.each([
    ["src/search/ledger.ts", 'import * as vscode from "vscode";', "imports the package vscode"],
    ["src/kernel/control/x.ts", 'import type { Memento } from "vscode";', "imports the package vscode"],
    [
      "src/search/engine/x.ts",
      'const ort = await import("onnxruntime-node");',
      "imports the package onnxruntime-node",
    ],
    [
      "src/search/engine/x.ts",
      'type T = import("../../kernel/protocol.js").Request;',
      "may import nothing else",
    ],
    ["src/document/x.ts", 'import { readFileSync } from "node:fs";', "does not use Node"],
    ["src/document/x.ts", 'const fs = require("fs");', "does not use Node"],
    [
      "webview/tree/x.ts",
      'import { MIME } from "../../src/kernel/protocol.js";',
      'only its types ("import type")',
    ],
    [
      "webview/tree/x.ts",
      'import { vsCodeButton } from "@vscode/webview-ui-toolkit";',
      "imports the package",
    ],
    ["src/kernel/client/x.ts", 'export * from "../../search/record.js";', "only its types"],
    ["src/kernel/client/x.ts", 'import { compile } from "../compiler/compile.js";', "may import only"],
    ["src/newcomer/x.ts", 'import "./y.js";', "add its row first"],
  ])("%s: %s", (path, text, sentence) => {
    const file = new Project({ useInMemoryFileSystem: true }).createSourceFile(resolve(path), text);
    expect(importsOf(file).map(objection)).toEqual([expect.stringContaining(sentence)]);
  });
});

/** Static and dynamic imports, re-exports, `require`, and imports within a type. */
function importsOf(source: SourceFile): Import[] {
  const file = relative(process.cwd(), source.getFilePath());
  const found: Import[] = [];
  const add = (specifier: string | undefined, typeOnly: boolean) => {
    if (specifier !== undefined) found.push({ file, target: targetOf(source, specifier), typeOnly });
  };
  for (const declaration of source.getImportDeclarations()) {
    const named = declaration.getNamedImports();
    const others = declaration.getDefaultImport() ?? declaration.getNamespaceImport();
    const typesOnly = named.length > 0 && !others && named.every((name) => name.isTypeOnly());
    add(declaration.getModuleSpecifierValue(), declaration.isTypeOnly() || typesOnly);
  }
  for (const declaration of source.getExportDeclarations())
    add(declaration.getModuleSpecifierValue(), declaration.isTypeOnly());
  for (const node of source.getDescendantsOfKind(SyntaxKind.ImportType)) add(typeImport(node), true);
  for (const call of source.getDescendantsOfKind(SyntaxKind.CallExpression)) {
    const callee = call.getExpression();
    const [argument] = call.getArguments();
    if ((Node.isImportExpression(callee) || callee.getText() === "require") && Node.isStringLiteral(argument))
      add(argument.getLiteralValue(), false);
  }
  return found;
}

function typeImport(node: ImportTypeNode): string | undefined {
  const argument = node.getArgument();
  const literal = Node.isLiteralTypeNode(argument) ? argument.getLiteral() : undefined;
  return Node.isStringLiteral(literal) ? literal.getLiteralValue() : undefined;
}

function targetOf(source: SourceFile, specifier: string): string {
  if (specifier.startsWith("."))
    return relative(process.cwd(), resolve(source.getDirectoryPath(), specifier)).replace(/\.js$/, ".ts");
  if (isBuiltin(specifier)) return specifier.startsWith("node:") ? specifier : `node:${specifier}`;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

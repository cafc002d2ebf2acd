import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as vscode from "vscode";
import { closeAll, open, until } from "./notebooks.js";

suite("TypeScript in cells", () => {
  teardown(closeAll);

  const cells = [
    'import { openSession } from "dnb";\n/** The best one so far. */\nconst best = { score: 1, label: "a" };\nlet round = 0;',
    "round += best.score;\nfunction twice(factor: number) {\n  return factor * 2;\n}",
    "twice(21);\nbest.label;",
    "const best = 'again';",
    "best.trim();",
  ];

  const uriOf = (notebook: vscode.NotebookDocument, cell: number) => notebook.cellAt(cell).document.uri;

  function at(notebook: vscode.NotebookDocument, cell: number, piece: string): vscode.Position {
    const { document } = notebook.cellAt(cell);
    const offset = document.getText().indexOf(piece);
    assert.ok(offset >= 0, `cell ${cell} has no ${piece}`);
    return document.positionAt(offset);
  }

  /** A question of VS Code's own, asked as its user interface asks it. */
  const ask = <T>(command: string, ...values: unknown[]): Thenable<T> =>
    vscode.commands.executeCommand<T>(command, ...values);

  const complaints = (notebook: vscode.NotebookDocument, cell: number): string[] =>
    vscode.languages
      .getDiagnostics(uriOf(notebook, cell))
      .filter(({ severity }) => severity < vscode.DiagnosticSeverity.Information)
      .map(({ message }) => message);

  async function replace(notebook: vscode.NotebookDocument, cell: number, text: string): Promise<void> {
    const { document } = notebook.cellAt(cell);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
    assert.ok(await vscode.workspace.applyEdit(edit));
  }

  /** The server starts with the first notebook: this waits for it. */
  async function answering(notebook: vscode.NotebookDocument): Promise<void> {
    const text = notebook.cellAt(0).document.getText();
    await replace(notebook, 0, `${text}\nnowhere;`);
    await until(
      "an error is shown",
      () => complaints(notebook, 0).some((message) => message.includes("nowhere")),
      60_000,
    );
    await replace(notebook, 0, text);
    await until("it is gone", () => !complaints(notebook, 0).some((message) => message.includes("nowhere")));
  }

  async function opened(name: string, texts: readonly string[] = cells): Promise<vscode.NotebookDocument> {
    const notebook = await open(name, texts);
    await answering(notebook);
    return notebook;
  }

  async function hover(notebook: vscode.NotebookDocument, cell: number, piece: string): Promise<string> {
    const found = await ask<vscode.Hover[]>(
      "vscode.executeHoverProvider",
      uriOf(notebook, cell),
      at(notebook, cell, piece),
    );
    return found
      .flatMap(({ contents }) => contents.map((text) => (typeof text === "string" ? text : text.value)))
      .join("\n");
  }

  test("an error is shown in the cell that has it, goes when it is mended, and follows other cells", async () => {
    const notebook = await opened("language-errors.dnb");
    for (const index of cells.keys()) assert.deepEqual(complaints(notebook, index), []);
    await replace(notebook, 1, "function twice(text: string) {\n  return text;\n}");
    await until("the call is wrong", () => complaints(notebook, 2).length === 1);
    assert.match(
      complaints(notebook, 2)[0] ?? "",
      /'number' is not assignable to parameter of type 'string'/,
    );
    await replace(notebook, 2, "twice('a');");
    await until("the call is right", () => !complaints(notebook, 2).length);
    const edit = new vscode.WorkspaceEdit();
    edit.set(notebook.uri, [vscode.NotebookEdit.deleteCells(new vscode.NotebookRange(1, 2))]);
    assert.ok(await vscode.workspace.applyEdit(edit));
    await until("its function is gone", () => complaints(notebook, 1).length === 1);
    assert.match(complaints(notebook, 1)[0] ?? "", /twice/);
  });

  test("completion knows the names of other cells and the members of their values", async () => {
    const notebook = await opened("language-completion.dnb");
    const list = await ask<vscode.CompletionList>(
      "vscode.executeCompletionItemProvider",
      uriOf(notebook, 2),
      at(notebook, 2, "twice"),
    );
    const labels = list.items.map(({ label }) => (typeof label === "string" ? label : label.label));
    for (const name of ["best", "round", "twice", "openSession", "console"])
      assert.ok(labels.includes(name), name);
    const members = await ask<vscode.CompletionList>(
      "vscode.executeCompletionItemProvider",
      uriOf(notebook, 2),
      at(notebook, 2, "label"),
      ".",
    );
    assert.deepEqual(members.items.map(({ label }) => label).sort(), ["label", "score"]);
  });

  test("completion imports what the cell lacks", async () => {
    const notebook = await opened("language-import.dnb", ["1", "randomSear"]);
    const list = await ask<vscode.CompletionList>(
      "vscode.executeCompletionItemProvider",
      uriOf(notebook, 1),
      new vscode.Position(0, 10),
      undefined,
      1000,
    );
    const found = list.items.find(
      ({ label }) => (typeof label === "string" ? label : label.label) === "randomSearch",
    );
    assert.match(
      found?.additionalTextEdits?.[0]?.newText ?? "",
      /^import \{ randomSearch \} from "dnb";\n+$/,
    );
    assert.match(found?.detail ?? "", /function randomSearch\(/);
  });

  test("hovering shows what another cell declares, where it was declared last", async () => {
    const notebook = await opened("language-hover.dnb");
    const first = await hover(notebook, 1, "best");
    assert.match(first, /const best: \{\s*score: number/);
    assert.match(first, /The best one so far\./);
    assert.match(await hover(notebook, 4, "best"), /const best: "again"/);
  });

  test("a call shows the parameters of a function of another cell", async () => {
    const notebook = await opened("language-signature.dnb");
    const help = await ask<vscode.SignatureHelp>(
      "vscode.executeSignatureHelpProvider",
      uriOf(notebook, 2),
      at(notebook, 2, "21"),
    );
    assert.deepEqual(
      help.signatures.map(({ label }) => label),
      ["twice(factor: number): number"],
    );
  });

  test("a name leads to its definition in another cell, and in a library", async () => {
    const notebook = await opened("language-definition.dnb");
    const definition = async (
      cell: number,
      piece: string,
    ): Promise<vscode.Location | vscode.LocationLink | undefined> =>
      (
        await ask<(vscode.Location | vscode.LocationLink)[]>(
          "vscode.executeDefinitionProvider",
          uriOf(notebook, cell),
          at(notebook, cell, piece),
        )
      )[0];
    const round = await definition(1, "round");
    assert.ok(round instanceof vscode.Location);
    assert.equal(round.uri.toString(), uriOf(notebook, 0).toString());
    assert.deepEqual(round.range.start, at(notebook, 0, "round"));
    const trim = await definition(4, "trim");
    assert.ok(trim instanceof vscode.Location);
    assert.match(trim.uri.path, /lib\.es5\.d\.ts$/);
  });

  test("references are those of all cells that mean the same", async () => {
    const notebook = await opened("language-references.dnb");
    const found = await ask<vscode.Location[]>(
      "vscode.executeReferenceProvider",
      uriOf(notebook, 2),
      at(notebook, 2, "best"),
    );
    assert.deepEqual(
      found.map(({ uri }) => uri.fragment).sort(),
      [0, 1, 2].map((cell) => uriOf(notebook, cell).fragment).sort(),
    );
  });

  test("a name is renamed in all cells that mean it, and in no other", async () => {
    const notebook = await opened("language-rename.dnb");
    const edit = await ask<vscode.WorkspaceEdit>(
      "vscode.executeDocumentRenameProvider",
      uriOf(notebook, 1),
      at(notebook, 1, "best"),
      "top",
    );
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.deepEqual(
      notebook.getCells().map(({ document }) => document.getText()),
      cells.map((text, index) => (index < 3 ? text.replace(/\bbest\b(?! one)/g, "top") : text)),
    );
    await until("nothing is wrong", () =>
      notebook.getCells().every((_, index) => !complaints(notebook, index).length),
    );
  });

  test("a slip is mended by a quick fix", async () => {
    const notebook = await opened("language-fix.dnb", ["const best = { label: 1 };", "best.lable;"]);
    await until("the slip is seen", () => complaints(notebook, 1).length);
    const { document } = notebook.cellAt(1);
    const fixes = await ask<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      document.uri,
      new vscode.Range(0, 5, 0, 10),
      "quickfix",
    );
    const fix = fixes.find(({ title }) => title === "Change spelling to 'label'");
    assert.ok(fix?.edit);
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    assert.equal(document.getText(), "best.label;");
  });

  test("imports are organised and code is formatted within the cell", async () => {
    const notebook = await opened("language-format.dnb", [
      "import { join } from 'node:path';\nimport { basename } from 'node:path';\nconst   x=join( 'a' )+basename('b')",
      "x.trim()",
    ]);
    const { document } = notebook.cellAt(0);
    const whole = new vscode.Range(0, 0, document.lineCount, 0);
    const [organise] = await ask<vscode.CodeAction[]>(
      "vscode.executeCodeActionProvider",
      document.uri,
      whole,
      "source.organizeImports",
    );
    assert.ok(organise?.edit && (await vscode.workspace.applyEdit(organise.edit)));
    const edits = await ask<vscode.TextEdit[]>("vscode.executeFormatDocumentProvider", document.uri, {
      tabSize: 2,
      insertSpaces: true,
    });
    const edit = new vscode.WorkspaceEdit();
    edit.set(document.uri, edits);
    assert.ok(await vscode.workspace.applyEdit(edit));
    assert.equal(
      document.getText(),
      "import { basename, join } from 'node:path';\nconst x = join('a') + basename('b')",
    );
  });

  test("names are coloured by what they are, and parameters named before literals", async () => {
    const notebook = await opened("language-tokens.dnb");
    const legend = await ask<vscode.SemanticTokensLegend>(
      "vscode.provideDocumentSemanticTokensLegend",
      uriOf(notebook, 2),
    );
    const tokens = await ask<vscode.SemanticTokens>(
      "vscode.provideDocumentSemanticTokens",
      uriOf(notebook, 2),
    );
    const kinds = [...tokens.data].flatMap((value, index) =>
      index % 5 === 3 ? [legend.tokenTypes[value]] : [],
    );
    assert.deepEqual(kinds, ["function", "variable", "property"]);
    const hints = await ask<vscode.InlayHint[]>(
      "vscode.executeInlayHintProvider",
      uriOf(notebook, 2),
      new vscode.Range(0, 0, 2, 0),
    );
    assert.deepEqual(
      hints.map(({ label }) =>
        typeof label === "string" ? label : label.map(({ value }) => value).join(""),
      ),
      ["factor:"],
    );
  });

  test("a file that cells import is read again when it changes", async () => {
    const notebook = await opened("language-file.dnb", [
      'import { size } from "./language-file.js";',
      "size.toFixed();",
    ]);
    const folder = vscode.Uri.joinPath(notebook.uri, "..");
    const write = (text: string) =>
      vscode.workspace.fs.writeFile(
        vscode.Uri.joinPath(folder, "language-file.ts"),
        new TextEncoder().encode(text),
      );
    await until("there is no such file yet", () => complaints(notebook, 0).length);
    await write("export const size = 1;\n");
    await until("it is found", () => !complaints(notebook, 0).length && !complaints(notebook, 1).length);
    await write('export const size = "large";\n');
    await until("it has another type", () => complaints(notebook, 1).length);
  });

  test("a server that ends is started again, and knows the notebook", async () => {
    const notebook = await opened("language-crash.dnb");
    const before = servers();
    assert.equal(before.length, 1);
    process.kill(before[0] ?? 0, "SIGKILL");
    await until("another one runs", () => servers().some((pid) => pid !== before[0]), 30_000);
    const end = Date.now() + 30_000;
    while (!(await hover(notebook, 1, "best")).includes("const best"))
      assert.ok(Date.now() < end, "it does not answer");
  });

  test("examples have nothing to complain about", async () => {
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    assert.ok(folder);
    const uri = vscode.Uri.joinPath(folder, "examples", "first-search.dnb");
    const notebook = await vscode.workspace.openNotebookDocument(uri);
    await vscode.window.showNotebookDocument(notebook);
    const code = notebook.getCells().filter(({ kind }) => kind === vscode.NotebookCellKind.Code);
    // Cells are looked at in their order: when the last one is known to be wrong, the others are known to be right.
    const last = code.at(-1)?.index ?? 0;
    await replace(notebook, last, `${notebook.cellAt(last).document.getText()}\nnowhere;`);
    await until("an error is shown", () => complaints(notebook, last).length === 1, 60_000);
    code.pop();
    for (const { index } of code) assert.deepEqual(complaints(notebook, index), []);
  });
});

/** The language servers that run on this machine for this window. */
function servers(): number[] {
  const lines = execFileSync("ps", ["-axo", "pid=,ppid=,command="], { encoding: "utf8" }).split("\n");
  return lines.flatMap((line) => {
    const [, pid, parent, command = ""] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
    return Number(parent) === process.pid && /dist[\\/]language\.js/.test(command) ? [Number(pid)] : [];
  });
}

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  CodeActionRequest,
  CompletionRequest,
  CompletionResolveRequest,
  DefinitionRequest,
  DocumentFormattingRequest,
  DocumentHighlightRequest,
  DocumentOnTypeFormattingRequest,
  DocumentSymbolRequest,
  FoldingRangeRequest,
  HoverRequest,
  InlayHintRequest,
  PrepareRenameRequest,
  ReferencesRequest,
  RenameRequest,
  SelectionRangeRequest,
  SemanticTokensRequest,
  SignatureHelpRequest,
  type CodeAction,
  type CompletionItem,
  type CompletionList,
  type DocumentSymbol,
  type Location,
  type MarkupContent,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { bundledTypes } from "../../../src/language/notebook/typeFiles.js";
import { Editor } from "./editor.js";

const TYPES = resolve("dist/types");
const cells = [
  'import { openSession } from "dnb";\n/** The best one so far. */\nconst best = { score: 1, label: "a" };\nlet round = 0;',
  "round += best.score;\nfunction twice(factor: number) {\n  return factor * 2;\n}",
  "twice(21);\nbest.lable;",
  "import { join } from 'node:path';\nimport { basename } from 'node:path';\nconst   x=join( 'a' )+basename('b')",
];

// With the types that the build copies: what is missing among them would be missed in cells.
const editor = new Editor(bundledTypes(TYPES), pathToFileURL(resolve("test/language/server/a.dnb")).href);

beforeAll(async () => {
  if (!existsSync(TYPES)) throw new Error("There is no dist/types: run `npm run build` first.");
  const { capabilities } = await editor.open(cells, { inlayHints: "literals" });
  expect(capabilities.notebookDocumentSync).toBeDefined();
});

afterAll(() => editor.dispose());

const uri = (cell: number) => ({ textDocument: { uri: editor.cell(cell) } });
const whole = (cell: number) => ({
  start: { line: 0, character: 0 },
  end: { line: cells[cell]!.split("\n").length, character: 0 },
});

test("says what is wrong, in the cell where it is", async () => {
  await editor.until(() => editor.diagnostics(3) !== undefined);
  expect([0, 1].map((cell) => editor.diagnostics(cell))).toEqual([[], []]);
  expect(editor.diagnostics(2)).toEqual([
    expect.objectContaining({
      code: 2551,
      severity: 1,
      range: { start: { line: 1, character: 5 }, end: { line: 1, character: 10 } },
      relatedInformation: [
        expect.objectContaining({ location: expect.objectContaining({ uri: editor.cell(0) }) }),
      ],
    }),
  ]);
});

test("completes with the names of other cells, and tells more of one", async () => {
  const list = (await editor.connection.sendRequest(
    CompletionRequest.type,
    editor.at(2, "best"),
  )) as CompletionList;
  const found = list.items.find(({ label }) => label === "best");
  expect(found?.kind).toBe(21);
  const resolved = await editor.connection.sendRequest(CompletionResolveRequest.type, found!);
  expect(resolved.detail).toContain("const best: {");
  expect((resolved.documentation as MarkupContent).value).toBe("The best one so far.");
  const members = (await editor.connection.sendRequest(CompletionRequest.type, {
    ...editor.at(2, "lable"),
    context: { triggerKind: 2, triggerCharacter: "." },
  })) as CompletionList;
  expect(members.items.map(({ label }) => label)).toEqual(["label", "score"]);
});

test("completes with an import that the cell lacks", async () => {
  const list = (await editor.connection.sendRequest(
    CompletionRequest.type,
    editor.at(2, "twice"),
  )) as CompletionList;
  const found = list.items.find(({ label }) => label === "zeroOrderSearch");
  const resolved: CompletionItem = await editor.connection.sendRequest(CompletionResolveRequest.type, found!);
  expect(resolved.additionalTextEdits).toEqual([
    {
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
      newText: 'import { zeroOrderSearch } from "dnb";\n',
    },
  ]);
});

test("shows on hover what another cell declares", async () => {
  const hover = await editor.connection.sendRequest(HoverRequest.type, editor.at(1, "best"));
  expect((hover?.contents as MarkupContent).value).toContain("const best: {\n    score: number;");
  expect((hover?.contents as MarkupContent).value).toContain("The best one so far.");
});

test("shows the signature of a function of another cell", async () => {
  const help = await editor.connection.sendRequest(SignatureHelpRequest.type, editor.at(2, "21"));
  expect(help?.signatures.map(({ label }) => label)).toEqual(["twice(factor: number): number"]);
  expect(help?.signatures[0]?.parameters?.[0]?.label).toEqual([6, 20]);
});

test("goes to definitions in cells and in libraries", async () => {
  const definition = (await editor.connection.sendRequest(
    DefinitionRequest.type,
    editor.at(1, "round"),
  )) as Location[];
  expect(definition).toEqual([
    { uri: editor.cell(0), range: { start: { line: 3, character: 4 }, end: { line: 3, character: 9 } } },
  ]);
  const library = (await editor.connection.sendRequest(
    DefinitionRequest.type,
    editor.at(3, "join("),
  )) as Location[];
  expect(library[0]?.uri).toMatch(/^file:.*node_modules\/@types\/node\/path\.d\.ts$/);
});

test("finds references in all cells", async () => {
  const found = await editor.connection.sendRequest(ReferencesRequest.type, {
    ...editor.at(2, "best"),
    context: { includeDeclaration: true },
  });
  expect(found?.map(({ uri }) => uri).sort()).toEqual([0, 1, 2].map(editor.cell));
});

test("renames in all cells, and says why a library's name stays", async () => {
  const edit = await editor.connection.sendRequest(RenameRequest.type, {
    ...editor.at(1, "round"),
    newName: "turn",
  });
  expect(Object.keys(edit?.changes ?? {}).sort()).toEqual([0, 1].map(editor.cell));
  expect(
    Object.values(edit?.changes ?? {})
      .flat()
      .map(({ newText }) => newText),
  ).toEqual(["turn", "turn"]);
  await expect(
    editor.connection.sendRequest(PrepareRenameRequest.type, editor.at(0, '"dnb"')),
  ).rejects.toThrow(/rename/);
});

test("marks the uses of a name in its cell", async () => {
  const marks = await editor.connection.sendRequest(DocumentHighlightRequest.type, editor.at(1, "factor"));
  expect(marks).toHaveLength(2);
});

test("colours names by what they are", async () => {
  const tokens = await editor.connection.sendRequest(SemanticTokensRequest.type, uri(2));
  // twice: a function of another cell; best: a constant.
  expect(tokens?.data.slice(0, 5)).toEqual([0, 0, 5, 10, 0]);
  expect(tokens?.data.slice(5, 10)).toEqual([1, 0, 4, 7, 8]);
});

test("folds, selects and outlines a cell alone", async () => {
  const folds = await editor.connection.sendRequest(FoldingRangeRequest.type, uri(1));
  expect(folds).toEqual([{ startLine: 1, endLine: 2 }]);
  const outline = (await editor.connection.sendRequest(
    DocumentSymbolRequest.type,
    uri(1),
  )) as DocumentSymbol[];
  expect(outline.map(({ name }) => name)).toEqual(["twice"]);
  const selected = await editor.connection.sendRequest(SelectionRangeRequest.type, {
    ...uri(1),
    positions: [editor.position(1, "factor * 2")],
  });
  expect(selected?.[0]?.range).toEqual({ start: { line: 2, character: 9 }, end: { line: 2, character: 15 } });
});

test("names the parameters before literals", async () => {
  const hints = await editor.connection.sendRequest(InlayHintRequest.type, { ...uri(2), range: whole(2) });
  expect(hints?.map(({ label }) => label)).toEqual(["factor:"]);
});

test("offers to repair, and to organise imports", async () => {
  const fixes = (await editor.connection.sendRequest(CodeActionRequest.type, {
    ...uri(2),
    range: whole(2),
    context: { diagnostics: [...(editor.diagnostics(2) ?? [])] },
  })) as CodeAction[];
  expect(fixes[0]).toMatchObject({ title: "Change spelling to 'label'", kind: "quickfix" });
  expect(fixes[0]?.edit?.changes?.[editor.cell(2)]?.[0]?.newText).toBe("label");
  const [organised] = (await editor.connection.sendRequest(CodeActionRequest.type, {
    ...uri(3),
    range: whole(3),
    context: { diagnostics: [], only: ["source.organizeImports"] },
  })) as CodeAction[];
  const text = Object.values(organised?.edit?.changes ?? {})
    .flat()
    .map(({ newText }) => newText)
    .join("");
  expect(text).toContain("import { basename, join } from 'node:path';");
});

test("formats a cell", async () => {
  const options = { tabSize: 2, insertSpaces: true };
  const edits = await editor.connection.sendRequest(DocumentFormattingRequest.type, { ...uri(3), options });
  const lines = cells[3]!.split("\n");
  let last = lines[2]!;
  for (const { range, newText } of [...(edits ?? [])].reverse()) {
    expect(range.start.line).toBe(2);
    last = last.slice(0, range.start.character) + newText + last.slice(range.end.character);
  }
  expect(last).toBe("const x = join('a') + basename('b')");
  const typed = await editor.connection.sendRequest(DocumentOnTypeFormattingRequest.type, {
    ...editor.at(1, "}", 1),
    ch: "}",
    options,
  });
  expect(typed).toEqual([]);
});

test("answers in the middle of a call, and puts an import where the cell has one, whatever it takes from others", async () => {
  await editor.edit(2, "const before = best.score + round;\ntwice(");
  const help = await editor.connection.sendRequest(SignatureHelpRequest.type, editor.at(2, "twice(", 6));
  expect(help?.signatures.map(({ label }) => label)).toEqual(["twice(factor: number): number"]);

  const text =
    'import { display } from "dnb";\nimport { argv } from "node:process";\ndisplay(argv.length + best.score + round);\nrandomSearch();';
  await editor.edit(2, text);
  await editor.until(() => editor.diagnostics(2)?.[0]?.code === 2304);
  const apply = (action: CodeAction | undefined): string =>
    TextDocument.applyEdits(
      TextDocument.create("a", "a", 0, text),
      action?.edit?.changes?.[editor.cell(2)] ?? [],
    );
  const [fix] = (await editor.connection.sendRequest(CodeActionRequest.type, {
    ...uri(2),
    range: whole(2),
    context: { diagnostics: [...(editor.diagnostics(2) ?? [])] },
  })) as CodeAction[];
  expect(apply(fix)).toBe(text.replace("{ display }", "{ display, randomSearch }"));
  const organise = (await editor.connection.sendRequest(CodeActionRequest.type, {
    ...uri(2),
    range: whole(2),
    context: { diagnostics: [], only: ["source.organizeImports"] },
  })) as CodeAction[];
  // Already in order; those that bring in other cells' names are nobody's concern.
  expect(organise).toEqual([]);
  await editor.edit(2, cells[2]!);
});

test("repairs a whole cell: one kind of slip everywhere, what needs no guess, and all missing imports", async () => {
  const acts = async (text: string, only?: string): Promise<[title: string, text: string][]> => {
    await editor.edit(2, text);
    if (!only) await editor.until(() => editor.diagnostics(2)?.length === 2);
    const actions = (await editor.connection.sendRequest(CodeActionRequest.type, {
      ...uri(2),
      range: whole(2),
      context: { diagnostics: [...(editor.diagnostics(2) ?? [])], ...(only && { only: [only] }) },
    })) as CodeAction[];
    const document = TextDocument.create("", "", 0, text);
    return actions.map(({ title, edit }) => [
      title,
      TextDocument.applyEdits(document, edit?.changes?.[editor.cell(2)] ?? []),
    ]);
  };
  const spelling = await acts("best.lable;\nbest.scor;");
  expect(spelling).toContainEqual(["Fix all detected spelling errors", "best.label;\nbest.score;"]);
  const [fixed] = await acts("function wait() {\n  await twice(1);\n}\nbest.lable;", "source.fixAll");
  expect(fixed).toEqual(["Fix All", "async function wait() {\n  await twice(1);\n}\nbest.lable;"]);
  const [imported] = await acts("display(randomSearch());", "source.addMissingImports");
  expect(imported?.[1]).toMatch(/^import \{ display, randomSearch \} from ["']dnb["'];?\n+display/);
  await editor.edit(2, cells[2]!);
});

test("offers to import what no cell imports yet, here from a file beside the notebook", async () => {
  await editor.edit(2, "new Editor();");
  await editor.until(() => editor.diagnostics(2)?.[0]?.code === 2304);
  const titles = async (): Promise<string[]> => {
    const actions = (await editor.connection.sendRequest(CodeActionRequest.type, {
      ...uri(2),
      range: whole(2),
      context: { diagnostics: [...(editor.diagnostics(2) ?? [])] },
    })) as CodeAction[];
    return actions.map(({ title }) => title);
  };
  // It looks for these once the cells have been told what is wrong with them.
  await expect.poll(titles).toContain('Add import from "./editor"');
  await editor.edit(2, cells[2]!);
});

test("follows edits, and forgets cells and notebooks that are gone", async () => {
  await editor.edit(2, "twice('a');");
  await editor.until(() => editor.diagnostics(2)?.[0]?.code === 2345);
  await editor.edit(1, "function twice(text: string) { return text; }");
  await editor.until(() => editor.diagnostics(2)?.length === 0);
  await editor.remove(1);
  await editor.until(() => editor.diagnostics(2)?.[0]?.code === 2304);
  expect(editor.diagnostics(1)).toEqual([]);
  await editor.close();
  await editor.until(() => editor.diagnostics(2)?.length === 0);
  expect(await editor.connection.sendRequest(HoverRequest.type, editor.at(2, "twice"))).toBeNull();
});

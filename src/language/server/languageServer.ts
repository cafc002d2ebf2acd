import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import {
  CodeActionKind,
  FileChangeType,
  NotebookCellKind,
  NotebookDocuments,
  ResponseError,
  TextDocumentSyncKind,
  type CancellationToken,
  type Connection,
  type InitializeResult,
  type NotebookDocument,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { TypeFiles } from "../notebook/typeFiles.js";
import { codeActions } from "./codeActions.js";
import { WHOLE_CELL } from "./fixAll.js";
import { CompletionLists } from "./completionLists.js";
import { DiagnosticsQueue } from "./diagnosticsQueue.js";
import { formatted, formattedOnType } from "./formatting.js";
import { hoverAt, inlayHintsIn, signatureAt, type InlayHints } from "./information.js";
import {
  definitionOf,
  highlightsOf,
  referencesOf,
  renameEdit,
  renameRange,
  typeDefinitionOf,
} from "./locations.js";
import { OpenNotebook, type OpenCell } from "./openNotebook.js";
import { LEGEND, semanticTokens } from "./semanticTokens.js";
import { foldingRanges, selectionRange, symbols } from "./structure.js";

const CAPABILITIES: InitializeResult["capabilities"] = {
  textDocumentSync: TextDocumentSyncKind.Incremental,
  notebookDocumentSync: {
    // Cells of text are counted by people, so they count here too.
    notebookSelector: [
      { notebook: "dnb", cells: [{ language: "dnb-typescript" }, { language: "markdown" }] },
    ],
  },
  completionProvider: { resolveProvider: true, triggerCharacters: [".", '"', "'", "`", "/", "@", "<", "#"] },
  hoverProvider: true,
  signatureHelpProvider: { triggerCharacters: ["(", ",", "<"], retriggerCharacters: [")"] },
  definitionProvider: true,
  typeDefinitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  renameProvider: { prepareProvider: true },
  documentSymbolProvider: true,
  foldingRangeProvider: true,
  selectionRangeProvider: true,
  semanticTokensProvider: { legend: LEGEND, full: true },
  inlayHintProvider: true,
  codeActionProvider: {
    codeActionKinds: [
      CodeActionKind.QuickFix,
      CodeActionKind.SourceOrganizeImports,
      ...WHOLE_CELL.map(({ kind }) => kind),
    ],
  },
  documentFormattingProvider: true,
  documentRangeFormattingProvider: true,
  documentOnTypeFormattingProvider: { firstTriggerCharacter: "}", moreTriggerCharacter: [";", "\n"] },
};

/** Answers an editor's questions about the cells of its notebooks. It reads files, and runs nothing. */
export class LanguageServer {
  readonly #documents = new NotebookDocuments(TextDocument);
  readonly #notebooks = new Map<string, OpenNotebook>();
  readonly #lists = new CompletionLists();
  readonly #queue: DiagnosticsQueue;
  #folder = process.cwd();
  #hints: InlayHints = "off";

  constructor(
    private readonly connection: Connection,
    private readonly types: TypeFiles,
  ) {
    this.#queue = new DiagnosticsQueue(
      (uri, diagnostics) => connection.sendDiagnostics({ uri, diagnostics }),
      (error) => this.#report(error),
    );
    connection.onInitialize(({ workspaceFolders, initializationOptions }) => {
      const uri = workspaceFolders?.[0]?.uri;
      if (uri?.startsWith("file:")) this.#folder = fileURLToPath(uri);
      this.#hints = hintsIn(initializationOptions);
      return { capabilities: CAPABILITIES };
    });
    connection.onDidChangeConfiguration(({ settings }) => {
      this.#hints = hintsIn(settings);
      void connection.languages.inlayHint.refresh();
    });
    connection.onDidChangeWatchedFiles(({ changes }) => {
      const files = changes
        .filter(({ uri }) => uri.startsWith("file:"))
        .map(({ uri, type }) => ({ path: fileURLToPath(uri), created: type === FileChangeType.Created }));
      for (const notebook of this.#notebooks.values())
        if (notebook.filesChanged(files)) this.#queue.schedule(notebook);
    });
    connection.onShutdown(() => this.#dispose());
    this.#followNotebooks();
    this.#answer();
    this.#documents.listen(connection);
  }

  #followNotebooks(): void {
    const documents = this.#documents;
    documents.onDidOpen((document) => this.#open(document));
    documents.onDidChange(({ notebookDocument, cells }) => {
      const notebook = this.#notebooks.get(notebookDocument.uri);
      notebook?.changed();
      if (notebook) this.#queue.schedule(notebook);
      for (const { document } of cells?.removed ?? []) this.#clear(document);
    });
    documents.onDidClose(({ uri, cells }) => {
      const notebook = this.#notebooks.get(uri);
      if (!notebook) return;
      this.#notebooks.delete(uri);
      this.#queue.forget(notebook);
      notebook.dispose();
      for (const { document } of cells) this.#clear(document);
    });
  }

  #open({ uri }: NotebookDocument): void {
    const cells = (): OpenCell[] =>
      (this.#documents.getNotebookDocument(uri)?.cells ?? []).flatMap((cell, index) => {
        const document = this.#documents.getCellTextDocument(cell);
        return document && cell.kind === NotebookCellKind.Code ? [{ document, number: index + 1 }] : [];
      });
    const notebook = new OpenNotebook(uri, this.#folder, this.types, cells);
    this.#notebooks.set(uri, notebook);
    this.#queue.schedule(notebook);
  }

  #clear(uri: string): void {
    void this.connection.sendDiagnostics({ uri, diagnostics: [] });
  }

  #answer(): void {
    const { connection } = this;
    connection.onCompletion(
      this.#at((notebook, key, { position, context }) =>
        this.#lists.provide(notebook, key, position, context?.triggerCharacter),
      ),
    );
    connection.onCompletionResolve((item) => this.#lists.resolve(item));
    connection.onHover(this.#at((notebook, key, { position }) => hoverAt(notebook, key, position)));
    connection.onSignatureHelp(
      this.#at((notebook, key, { position }) => signatureAt(notebook, key, position)),
    );
    connection.onDefinition(this.#at((notebook, key, { position }) => definitionOf(notebook, key, position)));
    connection.onTypeDefinition(
      this.#at((notebook, key, { position }) => typeDefinitionOf(notebook, key, position)),
    );
    connection.onReferences(
      this.#at((notebook, key, { position, context }) =>
        referencesOf(notebook, key, position, context.includeDeclaration),
      ),
    );
    connection.onDocumentHighlight(
      this.#at((notebook, key, { position }) => highlightsOf(notebook, key, position)),
    );
    connection.onPrepareRename(
      this.#at((notebook, key, { position }) => renameRange(notebook, key, position)),
    );
    connection.onRenameRequest(
      this.#at((notebook, key, { position, newName }) => renameEdit(notebook, key, position, newName)),
    );
    connection.onDocumentSymbol(this.#at((notebook, key) => symbols(notebook, key)));
    connection.onFoldingRanges(this.#at((notebook, key) => foldingRanges(notebook, key)));
    connection.onSelectionRanges(
      this.#at((notebook, key, { positions }) =>
        positions.map((position) => selectionRange(notebook, key, position)),
      ),
    );
    connection.languages.semanticTokens.on(async (params, token) => {
      const tokens = await this.#at((notebook, key) => semanticTokens(notebook, key))(params, token);
      return tokens ?? { data: [] };
    });
    connection.languages.inlayHint.on(
      this.#at((notebook, key, { range }) => inlayHintsIn(notebook, key, range, this.#hints)),
    );
    connection.onCodeAction(this.#at((notebook, key, params) => codeActions(notebook, key, params)));
    connection.onDocumentFormatting(
      this.#at((notebook, key, { options }) => formatted(notebook, key, options)),
    );
    connection.onDocumentRangeFormatting(
      this.#at((notebook, key, { options, range }) => formatted(notebook, key, options, range)),
    );
    connection.onDocumentOnTypeFormatting(
      this.#at((notebook, key, { options, position, ch }) =>
        formattedOnType(notebook, key, position, ch, options),
      ),
    );
  }

  /** A question about a cell; null when it is not known, or when nobody waits for the answer any more. */
  #at<P extends { textDocument: { uri: string } }, R>(
    answer: (notebook: OpenNotebook, key: string, params: P) => R,
  ): (params: P, token: CancellationToken) => Promise<R | null> {
    return async (params, token) => {
      // What was typed, or called off, in the meantime is read first.
      await turn();
      if (token.isCancellationRequested) return null;
      const { uri } = params.textDocument;
      const document = this.#documents.findNotebookDocumentForCell(uri);
      const notebook = document && this.#notebooks.get(document.uri);
      const key = notebook?.key(uri);
      if (!notebook || key === undefined) return null;
      try {
        return answer(notebook, key, params);
      } catch (error) {
        if (error instanceof ResponseError) throw error;
        this.#report(error);
        return null;
      }
    };
  }

  #report(error: unknown): void {
    this.connection.console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }

  #dispose(): void {
    this.#queue.dispose();
    for (const notebook of this.#notebooks.values()) notebook.dispose();
    this.#notebooks.clear();
  }
}

/** `{ inlayHints }`, as the client sends its settings. */
function hintsIn(settings: unknown): InlayHints {
  const value = (settings as { inlayHints?: unknown } | null | undefined)?.inlayHints;
  return value === "literals" || value === "all" ? value : "off";
}

import { PassThrough } from "node:stream";
import {
  createConnection,
  createProtocolConnection,
  DidChangeNotebookDocumentNotification,
  DidCloseNotebookDocumentNotification,
  DidOpenNotebookDocumentNotification,
  InitializedNotification,
  InitializeRequest,
  NotebookCellKind,
  PublishDiagnosticsNotification,
  type Diagnostic,
  type InitializeResult,
  type Position,
  type ProtocolConnection,
} from "vscode-languageserver/node";
import { LanguageServer } from "../../../src/language/server/languageServer.js";
import type { TypeFiles } from "../../../src/language/notebook/typeFiles.js";

const LANGUAGE = "dnb-typescript";

/** Speaks to a server as VS Code does, over streams. */
export class Editor {
  readonly connection: ProtocolConnection;
  readonly #diagnostics = new Map<string, readonly Diagnostic[]>();
  readonly #texts = new Map<string, string>();
  #version = 0;
  #listener: (() => void) | undefined;

  constructor(
    types: TypeFiles,
    private readonly notebook: string,
  ) {
    const [there, back] = [new PassThrough(), new PassThrough()];
    const server = createConnection(there, back);
    new LanguageServer(server, types);
    server.listen();
    this.connection = createProtocolConnection(back, there);
    this.connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
      this.#diagnostics.set(uri, diagnostics);
      this.#listener?.();
    });
    this.connection.listen();
  }

  async open(cells: readonly string[], options: object = {}): Promise<InitializeResult> {
    const result = await this.connection.sendRequest(InitializeRequest.type, {
      processId: null,
      rootUri: null,
      capabilities: {},
      initializationOptions: options,
    });
    await this.connection.sendNotification(InitializedNotification.type, {});
    cells.forEach((text, index) => this.#texts.set(this.cell(index), text));
    await this.connection.sendNotification(DidOpenNotebookDocumentNotification.type, {
      notebookDocument: {
        uri: this.notebook,
        notebookType: "dnb",
        version: this.#version,
        cells: cells.map((_, index) => ({ kind: NotebookCellKind.Code, document: this.cell(index) })),
      },
      cellTextDocuments: cells.map((text, index) => ({
        uri: this.cell(index),
        languageId: LANGUAGE,
        version: 0,
        text,
      })),
    });
    return result;
  }

  cell = (index: number): string =>
    this.notebook.replace(/^file:/, "vscode-notebook-cell:") + `#W${index}sZmlsZQ%3D%3D`;

  /** Where in a cell a piece of its text starts. */
  position(cell: number, piece: string): Position {
    const before = this.#text(cell).split(piece)[0]!.split("\n");
    if (!this.#text(cell).includes(piece)) throw new Error(`cell ${cell} has no ${piece}`);
    return { line: before.length - 1, character: before.at(-1)!.length };
  }

  async edit(cell: number, text: string): Promise<void> {
    this.#texts.set(this.cell(cell), text);
    const document = { uri: this.cell(cell), version: ++this.#version };
    await this.connection.sendNotification(DidChangeNotebookDocumentNotification.type, {
      notebookDocument: { uri: this.notebook, version: this.#version },
      change: { cells: { textContent: [{ document, changes: [{ text }] }] } },
    });
  }

  async remove(cell: number): Promise<void> {
    await this.connection.sendNotification(DidChangeNotebookDocumentNotification.type, {
      notebookDocument: { uri: this.notebook, version: ++this.#version },
      change: {
        cells: {
          structure: {
            array: { start: cell, deleteCount: 1 },
            didClose: [{ uri: this.cell(cell) }],
          },
        },
      },
    });
  }

  async close(): Promise<void> {
    await this.connection.sendNotification(DidCloseNotebookDocumentNotification.type, {
      notebookDocument: { uri: this.notebook },
      cellTextDocuments: [...this.#texts.keys()].map((uri) => ({ uri })),
    });
  }

  /** What the server said last of a cell. */
  diagnostics = (cell: number): readonly Diagnostic[] | undefined => this.#diagnostics.get(this.cell(cell));

  async until(condition: () => boolean): Promise<void> {
    const end = Date.now() + 30_000;
    while (!condition()) {
      if (Date.now() > end) throw new Error("not within 30 s");
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.#listener = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** For a request about a place in a cell. */
  at(cell: number, piece: string, after = 0) {
    const { line, character } = this.position(cell, piece);
    return {
      textDocument: { uri: this.cell(cell) },
      position: { line, character: character + after },
    };
  }

  dispose(): void {
    this.connection.dispose();
  }

  #text = (cell: number): string => this.#texts.get(this.cell(cell)) ?? "";
}

import { fileURLToPath, pathToFileURL } from "node:url";
import type { Location, Position, Range } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { ts } from "ts-morph";
import type { FileEdit } from "../notebook/edits.js";
import type { Place } from "../notebook/navigate.js";
import { NotebookProject } from "../notebook/notebookProject.js";
import type { TypeFiles } from "../notebook/typeFiles.js";

/** A code cell in an editor. `number`: its place in the notebook, from 1. */
export interface OpenCell {
  readonly document: TextDocument;
  readonly number: number;
}

/** A notebook in an editor: its cells by the URIs that the editor gives them, and places as lines and characters. */
export class OpenNotebook {
  readonly #project: NotebookProject;
  /** Of cells by their URIs, which say nothing that could be the name of a file. */
  readonly #keys = new Map<string, string>();
  #documents = new Map<string, TextDocument>();
  #stale = true;
  /** Grows with each change. */
  #version = 0;

  /** `folder`: for a notebook that is no file yet. `cells`: the code cells, in order. */
  constructor(
    uri: string,
    folder: string,
    types: TypeFiles,
    private readonly cells: () => readonly OpenCell[],
  ) {
    const path = uri.startsWith("file:") ? fileURLToPath(uri) : `${folder}/untitled.dnb`;
    this.#project = new NotebookProject(path, types);
  }

  /** With the cells as they are now. */
  get project(): NotebookProject {
    if (!this.#stale) return this.#project;
    this.#stale = false;
    const cells = this.cells().map(({ document, number }) => ({
      key: this.#keyOf(document.uri),
      text: document.getText(),
      number,
      document,
    }));
    this.#documents = new Map(cells.map(({ key, document }) => [key, document]));
    this.#project.update(cells);
    return this.#project;
  }

  get version(): number {
    return this.#version;
  }

  /** A cell was edited, came, went or moved. */
  changed(): void {
    this.#stale = true;
    this.#version++;
  }

  filesChanged(): void {
    this.#version++;
    this.project.filesChanged();
  }

  /** The document of a cell. Throws for one that the notebook does not have. */
  document(key: string): TextDocument {
    const document = this.#documents.get(key);
    if (!document) throw new Error(`The notebook has no cell ${key}.`);
    return document;
  }

  /** Nothing for a URI that is no code cell of this notebook. */
  key(uri: string): string | undefined {
    return this.project.cells.length && this.#documents.has(this.#keys.get(uri) ?? "")
      ? this.#keys.get(uri)
      : undefined;
  }

  offset(key: string, position: Position): number {
    return this.document(key).offsetAt(position);
  }

  range(key: string, { start, length }: ts.TextSpan): Range {
    const document = this.document(key);
    return { start: document.positionAt(start), end: document.positionAt(start + length) };
  }

  /** Of a piece of a cell or of a file that the program has read; nothing for another. */
  location({ file, span }: Place): Location | undefined {
    const cell = this.project.cellOf(file);
    if (cell) return { uri: this.document(cell.key).uri, range: this.range(cell.key, span) };
    const source = this.project.program().getSourceFile(file);
    if (!source) return undefined;
    const position = (offset: number): Position => source.getLineAndCharacterOfPosition(offset);
    const range = { start: position(span.start), end: position(span.start + span.length) };
    return { uri: pathToFileURL(file).href, range };
  }

  /** By the URI of what they change. */
  changes(edits: readonly FileEdit[]): Record<string, { range: Range; newText: string }[]> {
    const changes: Record<string, { range: Range; newText: string }[]> = {};
    for (const { file, span, text } of edits) {
      const location = this.location({ file, span });
      if (location) (changes[location.uri] ??= []).push({ range: location.range, newText: text });
    }
    return changes;
  }

  dispose(): void {
    this.#project.dispose();
  }

  #keyOf(uri: string): string {
    const known = this.#keys.get(uri);
    if (known !== undefined) return known;
    const key = `cell${this.#keys.size}`;
    this.#keys.set(uri, key);
    return key;
  }
}

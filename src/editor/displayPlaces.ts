import type * as vscode from "vscode";

export interface Place {
  readonly display: string;
  readonly cell: vscode.NotebookCell;
  readonly output: vscode.NotebookCellOutput;
}

/** Which outputs of a notebook show what a handle brings up to date. */
export class DisplayPlaces {
  /** Made or recognised in this window, and not cleared since. */
  #known: readonly Place[] = [];
  /** Handles of an earlier window's outputs that the document does not have, and their cells. */
  readonly #homeless = new Map<string, vscode.NotebookCell>();

  add(place: Place): void {
    this.#known = [...this.#known, place];
  }

  /** What the handle shows next is to be shown below the cell. */
  miss(display: string, cell: vscode.NotebookCell): void {
    this.#homeless.set(display, cell);
  }

  /** The cell of a missed handle, once. */
  takeHome(display: string): vscode.NotebookCell | undefined {
    const cell = this.#homeless.get(display);
    this.#homeless.delete(display);
    return cell;
  }

  /**
   * What was made here is certain: VS Code tells of new outputs late, and may still show one that was cleared. Beside it, cells that were
   * copied with their outputs show the same.
   */
  of(display: string, notebook: vscode.NotebookDocument): Place[] {
    const made = this.#known.filter((place) => place.display === display);
    const copied = notebook
      .getCells()
      .filter((cell) => !made.some((place) => place.cell === cell))
      .flatMap((cell) => cell.outputs.map((output) => ({ display, cell, output })))
      .filter(({ output }) => output.metadata?.["display"] === display);
    return [...made, ...copied];
  }

  /** All outputs with content of the notebook but those of the handle, with those that VS Code does not tell of yet. */
  allBut(display: string, notebook: vscode.NotebookDocument): vscode.NotebookCellOutput[] {
    const told = notebook.getCells().flatMap(({ outputs }) => outputs);
    const handles = new Set(told.map(({ metadata }): unknown => metadata?.["display"]));
    const early = this.#known.filter((place) => !handles.has(place.display)).map(({ output }) => output);
    return [...told, ...early].filter(({ metadata }) => metadata?.["display"] !== display);
  }

  cleared(cell: vscode.NotebookCell): void {
    this.#known = this.#known.filter((place) => place.cell !== cell);
    for (const [display, home] of this.#homeless) if (home === cell) this.#homeless.delete(display);
  }

  /** Handles are not saved, so the new document's outputs know theirs by their place only. */
  moveTo(heirs: ReadonlyMap<vscode.NotebookCell, vscode.NotebookCell>): void {
    this.#known = [...heirs].flatMap(([cell, heir]) =>
      cell.outputs.flatMap(({ metadata }, index) => {
        const display: unknown = metadata?.["display"];
        const output = heir.outputs[index];
        return typeof display === "string" && output ? [{ display, cell: heir, output }] : [];
      }),
    );
  }

  dispose(): void {
    this.#known = [];
    this.#homeless.clear();
  }
}

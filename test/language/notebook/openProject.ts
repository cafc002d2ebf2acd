import { resolve } from "node:path";
import { describe } from "../../../src/language/notebook/describe.js";
import { diagnose } from "../../../src/language/notebook/diagnose.js";
import { NotebookProject } from "../../../src/language/notebook/notebookProject.js";
import type { Place } from "../../../src/language/notebook/navigate.js";
import type { TypeFiles } from "../../../src/language/notebook/typeFiles.js";

/** As the build copies them beside the server. */
export const TYPES: TypeFiles = {
  lib: resolve("node_modules/typescript/lib"),
  dnb: resolve("src/language/dnb.d.ts"),
  modules: resolve("node_modules"),
};

/** A notebook that is asked by the index of a cell and by pieces of its text. */
export class AskedNotebook {
  readonly project: NotebookProject;

  constructor(path = resolve("test/language/notebook.dnb")) {
    this.project = new NotebookProject(path, TYPES);
  }

  holds(cells: readonly string[]): this {
    this.project.update(cells.map((text, index) => ({ key: `cell${index}`, text })));
    return this;
  }

  /** Where a piece of text starts in a cell: its first occurrence, or its n-th, from 0. */
  offset(cell: number, piece: string, n = 0): number {
    const text = this.text(cell);
    let at = text.indexOf(piece);
    for (let i = 0; i < n && at >= 0; i++) at = text.indexOf(piece, at + 1);
    if (at < 0) throw new Error(`cell ${cell} has no ${JSON.stringify(piece)} number ${n}`);
    return at;
  }

  text = (cell: number): string => this.project.cells[cell]?.text ?? "";

  /** Errors and warnings of all cells, as `cell: code text`. */
  complaints(): string[] {
    return this.project.cells.flatMap(({ key, text, index }) =>
      diagnose(this.project, key)
        .filter(({ category }) => category < 2)
        .map(
          ({ start, length, code, message }) =>
            `${index}: ${code} ${text.slice(start, start + length)}: ${message.split("\n")[0]}`,
        ),
    );
  }

  /** The declaration that hovering over a piece of a cell shows. */
  hover(cell: number, piece: string, n = 0): string | undefined {
    return describe(this.project, `cell${cell}`, this.offset(cell, piece, n))?.code;
  }

  /** Places in cells as `cell:offset`, in files as the file's name. */
  places(places: readonly Place[]): string[] {
    return places
      .map(({ file, span }) => {
        const cell = this.project.cellOf(file);
        return cell ? `${cell.index}:${span.start}` : file.slice(file.lastIndexOf("/") + 1);
      })
      .sort();
  }
}

import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type * as vscode from "vscode";
import { kernelRoom } from "../kernel/client/kernelRoom.js";

/**
 * The files as which a debugger knows the cells of a notebook. Each cell that runs says which it would be, so that one that ran long before
 * can be debugged too; they are there only while something is.
 */
export class CellFiles {
  constructor(private readonly notebook: vscode.NotebookDocument) {}

  pathOf(cell: vscode.NotebookCell): string {
    const id = String(cell.metadata["id"] ?? cell.document.uri.fragment);
    // Whoever wrote the file may have called a cell anything.
    return join(this.#folder, `${/^[\w-]{1,40}$/.test(id) ? id : hash(id)}.ts`);
  }

  cellOf(path: string): vscode.NotebookCell | undefined {
    return path.startsWith(this.#folder)
      ? this.notebook.getCells().find((cell) => this.pathOf(cell) === path)
      : undefined;
  }

  async write(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    for (const cell of this.notebook.getCells())
      await writeFile(this.pathOf(cell), cell.document.getText(), { mode: 0o600 });
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #folder(): string {
    return join(kernelRoom(), "cells", hash(this.notebook.uri.toString()));
  }
}

const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
